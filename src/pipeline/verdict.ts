import type { AttemptResult, Verdict } from '../domain/delivery.ts';
import { holdMs } from './retry-after.ts';

/** Whether a receiver took a message. A reason is our own words or a known code, never foreign text. */
export type Acceptance =
  | { readonly accepted: true }
  | {
      readonly accepted: false;
      readonly reason: string;
      /** The receiver is full: it would take the same message later, whatever its status says. */
      readonly full?: true;
      /** The status that the answer's body tells, where the answer itself has another one. */
      readonly meantStatus?: number;
    };

/** Reads an answer's status and the first kilobytes of its body, which are foreign text. */
export type ReadAcceptance = (status: number, body: string) => Acceptance;

const RETRIED = new Set([408, 425]);
const CONTENT_REFUSED = new Set([400, 413, 422]);
const WRONG_DESTINATION = new Set([401, 403, 404, 410]);

/** Decides what follows from an attempt, by the status policy of docs/deliveries.md. */
export function judge(
  result: AttemptResult,
  readAcceptance: ReadAcceptance,
  nowMs: number,
): Verdict {
  if (result.kind === 'unanswered') return { kind: 'retry', reason: result.code };
  const { headers, body } = result;

  const acceptance = readAcceptance(result.status, body);
  if (acceptance.accepted) return { kind: 'delivered' };

  const { reason, full = false, meantStatus: status = result.status } = acceptance;
  const retryAfter = headers['retry-after'];
  if (status === 429 || (status === 503 && retryAfter !== undefined)) {
    return { kind: 'hold', waitMs: holdMs(retryAfter, body, nowMs), reason };
  }
  // A 2xx that is no acceptance is an answer from somewhere else, such as a proxy's log-in page.
  if (full || status < 300 || status >= 500 || RETRIED.has(status))
    return { kind: 'retry', reason };
  if (CONTENT_REFUSED.has(status)) return { kind: 'content-refused', reason };
  if (WRONG_DESTINATION.has(status)) {
    return { kind: 'fail', reason: `${reason}: the URL is no longer valid, or not allowed` };
  }
  if (status < 400) {
    return { kind: 'fail', reason: `${reason}: redirects are not followed, update the URL` };
  }
  return { kind: 'fail', reason };
}
