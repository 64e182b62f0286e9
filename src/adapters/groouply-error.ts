/**
 * What can go wrong with a request to the API:
 * - `key-rejected`: 401 or 403, as a status or inside the envelope
 * - `refused`: any other answer that will not get better by asking again
 * - `rate-limited`: 429
 * - `server`: 5xx
 * - `unreadable`: not the documented JSON (a page of HTML, a truncated answer)
 * - `unanswered`: no connection, no answer, or too late
 */
export type GroouplyErrorKind =
  'key-rejected' | 'refused' | 'rate-limited' | 'server' | 'unreadable' | 'unanswered';

/** A request to the API that failed. Its message holds no secret and none of the answer's text. */
export class GroouplyError extends Error {
  override readonly name = 'GroouplyError';
  readonly kind: GroouplyErrorKind;
  /** How long the server asked to be left alone; only of kind `rate-limited`. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: GroouplyErrorKind, message: string, retryAfterMs?: number) {
    super(message);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether asking again soon may help. */
  get transient(): boolean {
    return this.kind !== 'key-rejected' && this.kind !== 'refused';
  }
}
