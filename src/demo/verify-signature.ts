import { timingSafeEqual } from 'node:crypto';
import { signatureHeaders } from '../webhooks/http/standard-webhooks.ts';

/** The result of checking a request's signature. */
export type Verification = 'verified' | 'unsigned' | 'wrong' | 'too-old';

// As in the specification's libraries, in both directions.
const TOLERANCE_SECONDS = 300;

/**
 * Checks a request as a receiver should: first the time of the attempt, then each signature, in
 * constant time. `headers` have lower-case names; `body` is the request's body byte for byte.
 *
 * Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "Verifying
 * webhook authenticity".
 */
export function verifySignature(
  request: {
    readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
    readonly body: string;
  },
  secret: string,
  nowMs: number,
): Verification {
  const {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': given,
  } = request.headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof given !== 'string') {
    return 'unsigned';
  }
  if (!/^\d{1,12}$/.test(timestamp)) return 'wrong';
  const timestampSeconds = Number(timestamp);
  if (Math.abs(nowMs / 1000 - timestampSeconds) > TOLERANCE_SECONDS) return 'too-old';

  const expected = signatureHeaders({
    messageId: id,
    timestampSeconds,
    body: request.body,
    secrets: [secret],
  })['webhook-signature'];
  return given.split(' ').some((signature) => isEqual(signature, expected ?? ''))
    ? 'verified'
    : 'wrong';
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  // The length of a signature is no secret.
  return a.length === b.length && timingSafeEqual(a, b);
}
