import type { ReadAcceptance } from '../webhooks/webhook-type.ts';
import type { AttemptResult, Verdict } from '../domain/delivery.ts';
import { pauseMs } from '../domain/foreign/retry-after.ts';
import { PROXY_CODE } from '../domain/proxy.ts';

const RETRIED = new Set([408, 425]);
// deliver() splits such a batch, and tries a simpler message, before the delivery fails.
const CONTENT_REFUSED = new Set([400, 413, 422]);
const GONE = 410;
const WRONG_DESTINATION = new Set([401, 403, 404, GONE]);

/** Decides what follows from an attempt, by the status policy of docs/deliveries.md. */
export function judge(
  result: AttemptResult,
  readAcceptance: ReadAcceptance,
  nowMs: number,
): Verdict {
  if (result.kind === 'unanswered') return judgeSilence(result.code);
  const { headers, body } = result;

  const acceptance = readAcceptance(result.status, body);
  if (acceptance.accepted) return { kind: 'delivered' };

  const { reason, full = false, meantStatus: status = result.status, waitMs } = acceptance;
  const retryAfter = headers['retry-after'];
  if (status === 429 || (status === 503 && retryAfter !== undefined)) {
    return { kind: 'pause', waitMs: pauseMs(headers, body, nowMs, waitMs), reason };
  }
  // A 2xx that does not accept comes from another server, such as a proxy with a log-in page.
  if (full || status < 300 || status >= 500 || RETRIED.has(status))
    return { kind: 'retry', reason };
  if (CONTENT_REFUSED.has(status)) return { kind: 'content-refused', reason };
  if (WRONG_DESTINATION.has(status)) {
    const why = `${reason}: the URL is no longer valid, or not allowed`;
    return { kind: 'fail', reason: why, ...(status === GONE && { gone: true }) };
  }
  if (status < 400) {
    return { kind: 'fail', reason: `${reason}: redirects are not followed, update the URL` };
  }
  return { kind: 'fail', reason };
}

// The codes of Node's HTTP parser (llhttp.org).
const UNREADABLE = /^HPE_/;

/** Returns true if a receiver answered, but not in HTTP: it most likely took the message. */
export function isUnreadable(code: string): boolean {
  return UNREADABLE.test(code);
}

function judgeSilence(code: string): Verdict {
  // A retry would only send the same message again.
  return isUnreadable(code)
    ? {
        kind: 'fail',
        reason: `${code}: the answer is not valid HTTP, the message may have arrived`,
        mayHaveArrived: true,
      }
    : { kind: 'retry', reason: code };
}

// After these codes the receiver may have refused or dropped the request because of its size.
const BROKEN_OFF = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

/** Returns true if a POST broke off without an answer: a batch may be too large for its receiver. */
export function isBrokenOff(result: AttemptResult): boolean {
  return result.kind === 'unanswered' && BROKEN_OFF.has(result.code);
}

const STATUSES = [400, 401, 403, 404, 410, 413, 422, 429, 500, 502, 503, 504];
const CLASSES = ['status_2xx', 'status_3xx', 'status_4xx', 'status_5xx'];
const CODES = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'];

/**
 * The reasons of failed attempts, for metrics; few, because each is a series:
 * - a status by its number or class
 * - a network error by its code
 * - `tls` for a refused certificate or encryption
 * - `proxy` for an error at the proxy
 * - `unreadable` for an answer that is not valid HTTP
 * - `other`
 */
export const FAILURE_REASONS: readonly string[] = [
  ...STATUSES.map((status) => `status_${status}`),
  ...CLASSES,
  ...CODES,
  'tls',
  'proxy',
  'unreadable',
  'other',
];

// Codes of OpenSSL and Node (https://nodejs.org/api/tls.html#x509-certificate-error-codes).
const TLS_CODE = /CERT|TLS|SSL|SIGNATURE|ISSUER|CRL|EPROTO/;

/** Returns the failure reason of an attempt, one of FAILURE_REASONS. */
export function failureReason(result: AttemptResult): string {
  if (result.kind === 'answered') {
    const byClass = `status_${Math.floor(result.status / 100)}xx`;
    if (STATUSES.includes(result.status)) return `status_${result.status}`;
    return CLASSES.includes(byClass) ? byClass : 'other';
  }
  if (CODES.includes(result.code)) return result.code;
  if (result.code.startsWith(PROXY_CODE)) return 'proxy';
  if (isUnreadable(result.code)) return 'unreadable';
  return TLS_CODE.test(result.code) ? 'tls' : 'other';
}
