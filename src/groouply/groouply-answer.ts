import { z } from 'zod';
import { pauseMs } from '../domain/retry-after.ts';
import { GroouplyError } from './groouply-shapes.ts';

/** An HTTP answer of the API. */
export interface ApiAnswer {
  readonly status: number;
  /** The Retry-After header. */
  readonly retryAfter: string | undefined;
  /** The Date header. */
  readonly date?: string | undefined;
  readonly body: string;
}

// PHP's json_encode may write a number as a string, and an unset value as null.
const code = z.preprocess(
  (value) => (value === null || value === '' ? undefined : value),
  z.coerce.number().optional(),
);
const envelopeSchema = z.looseObject({
  code,
  status: code,
});

const CHECK_URL = { todo: 'check GROOUPLY_API_URL' };

/**
 * Reads the envelope's `field` by `schema`. Throws GroouplyError for every answer that is not a
 * success, by its HTTP status or by the envelope's.
 */
export function readAnswer<Schema extends z.ZodType>(
  { status: httpStatus, retryAfter, date, body }: ApiAnswer,
  field: string,
  schema: Schema,
  nowMs: number,
): z.infer<Schema> {
  const json = tryParse(body);
  const envelope = envelopeSchema.safeParse(json);
  // An error may come with HTTP 200: then the envelope's own status counts.
  const status =
    isSuccess(httpStatus) && envelope.success ? (envelope.data.status ?? httpStatus) : httpStatus;

  if (status === 401 || status === 403) {
    throw new GroouplyError('key-rejected', `the API rejected the key (${status})`);
  }
  if (status === 429) {
    throw new GroouplyError('rate-limited', 'the API got too many requests (429)', {
      retryAfterMs: pauseMs({ 'retry-after': retryAfter, date }, '', nowMs),
    });
  }
  if (status >= 500 || status === 408 || status === 425)
    throw new GroouplyError('server', `the API failed (${status})`);
  if (status >= 300 && status < 400) {
    throw new GroouplyError('refused', `the API redirects (${status})`, CHECK_URL);
  }
  if (!isSuccess(status)) {
    const advice = status === 404 ? CHECK_URL : {};
    throw new GroouplyError('refused', `the API refused the request (${status})`, advice);
  }
  if (!envelope.success) {
    throw new GroouplyError('unreadable', 'the answer is not the JSON of the API');
  }
  if (envelope.data.code !== undefined && envelope.data.code !== 1) {
    throw new GroouplyError('server', `the API reported an error (code ${envelope.data.code})`);
  }
  const answer = schema.safeParse(envelope.data[field]);
  if (!answer.success) {
    throw new GroouplyError('unreadable', `the API's answer has no readable '${field}'`);
  }
  return answer.data;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function tryParse(body: string): unknown {
  try {
    return parseExactJson(body);
  } catch {
    return undefined;
  }
}

/**
 * Parses JSON and keeps whole numbers exact: a number beyond 2^53, such as a long Facebook id without
 * quotes, becomes a string of its digits. Throws SyntaxError as JSON.parse does.
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' &&
    !Number.isSafeInteger(value) &&
    /^-?\d+$/.test(context?.source ?? '')
      ? context?.source
      : value,
  ) as unknown;
}
