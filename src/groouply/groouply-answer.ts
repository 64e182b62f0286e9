import { z } from 'zod';
import { pauseMs } from '../domain/retry-after.ts';
import { GroouplyError } from './groouply-shapes.ts';

/** One HTTP answer of the API. */
export interface ApiAnswer {
  readonly status: number;
  /** The Retry-After header. */
  readonly retryAfter: string | undefined;
  /** The Date header. */
  readonly date?: string | undefined;
  readonly body: string;
}

// PHP's json_encode may turn a numeric-looking code into either type, and leaves null what is unset.
const code = z.preprocess(
  (value) => (value === null || value === '' ? undefined : value),
  z.coerce.number().optional(),
);
const envelopeSchema = z.looseObject({
  code,
  status: code,
});

/**
 * What the API meant: the envelope's `field`, read by `schema`. Throws GroouplyError for every
 * answer that is not a success, whether the HTTP status or the envelope says so.
 */
export function readAnswer<Schema extends z.ZodType>(
  { status: httpStatus, retryAfter, body }: ApiAnswer,
  field: string,
  schema: Schema,
  nowMs: number,
): z.infer<Schema> {
  const json = tryParse(body);
  const envelope = envelopeSchema.safeParse(json);
  // An error may come with HTTP 200: then the envelope's own status is the one that counts.
  const status =
    isSuccess(httpStatus) && envelope.success ? (envelope.data.status ?? httpStatus) : httpStatus;

  if (status === 401 || status === 403) {
    throw new GroouplyError('key-rejected', `the API rejected the key (${status})`);
  }
  if (status === 429) {
    throw new GroouplyError(
      'rate-limited',
      'the API said that there were too many requests (429)',
      pauseMs(retryAfter, '', nowMs),
    );
  }
  if (status >= 500 || status === 408 || status === 425)
    throw new GroouplyError('server', `the API failed (${status})`);
  if (status >= 300 && status < 400) {
    throw new GroouplyError('refused', `the API redirects (${status}): check GROOUPLY_API_URL`);
  }
  if (!isSuccess(status)) {
    const advice = status === 404 ? ': check GROOUPLY_API_URL' : '';
    throw new GroouplyError('refused', `the API refused the request (${status})${advice}`);
  }
  if (!envelope.success) {
    throw new GroouplyError('unreadable', 'the API answered with something that is not its JSON');
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
 * JSON.parse that keeps whole numbers exact: one beyond 2^53, such as a long Facebook id that came
 * without quotes, becomes a string of its digits instead of a neighbouring number. Throws
 * SyntaxError as JSON.parse does.
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
