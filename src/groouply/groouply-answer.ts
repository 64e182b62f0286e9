import type { z } from 'zod';
import { pauseMs } from '../domain/foreign/retry-after.ts';
import { findEnvelope, PAGE, withoutBom } from './envelope.ts';
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

const CHECK_URL = { todo: 'check GROOUPLY_API_URL' };

/**
 * Reads the envelope's `field` by `schema`. Throws GroouplyError for every answer that is not a
 * success, by its HTTP status or by the envelope's. What is not the API's envelope shows nothing
 * about the key or the account: somebody in between has answered.
 */
export function readAnswer<Schema extends z.ZodType>(
  answer: ApiAnswer,
  field: string,
  schema: Schema,
  nowMs: number,
): z.infer<Schema> {
  const envelope = findEnvelope(answer.body, field);
  // An error may come with HTTP 200: then the envelope's own status counts.
  const status = isSuccess(answer.status) ? (envelope?.status ?? answer.status) : answer.status;

  if (status === 429) {
    throw new GroouplyError('rate-limited', 'the API got too many requests (429)', {
      retryAfterMs: pauseMs({ 'retry-after': answer.retryAfter, date: answer.date }, '', nowMs),
    });
  }
  if (status >= 500 || status === 408 || status === 425)
    throw new GroouplyError('server', `the API failed (${status})`);
  if (status >= 300 && status < 400) {
    const what = `the API redirects (${status}), or a log-in page of this network does`;
    throw new GroouplyError('refused', what, CHECK_URL);
  }
  if (envelope === null) {
    const advice = status === 404 ? CHECK_URL : {};
    throw new GroouplyError('unreadable', `${foreignBody(answer.body)} (${status})`, advice);
  }
  if (status === 401 || status === 403) {
    throw new GroouplyError('key-rejected', `the API rejected the key (${status})`);
  }
  if (!isSuccess(status)) {
    const advice = status === 404 ? CHECK_URL : {};
    throw new GroouplyError('refused', `the API refused the request (${status})`, advice);
  }
  if (envelope.code !== undefined && envelope.code !== 1) {
    throw new GroouplyError('server', `the API reported an error (code ${envelope.code})`);
  }
  // PHP leaves out what is unset. Beside a warning, the warning may be the reason.
  const present = Object.hasOwn(envelope.json, field);
  const read = schema.safeParse(envelope.json[field]);
  if (!read.success || !(present || (envelope.code === 1 && envelope.alone))) {
    throw new GroouplyError('unreadable', `the API's answer has no readable '${field}'`);
  }
  return read.data;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function foreignBody(body: string): string {
  const text = withoutBom(body).trim();
  if (text === '') return "an empty answer instead of the API's JSON";
  return PAGE.test(text)
    ? "a web page instead of the API's JSON, from a proxy or a challenge page"
    : "the answer is not the API's JSON: it is cut, or a proxy sent it";
}
