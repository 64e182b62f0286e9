// Polls of a busy account have the rest.
const SHARE_WHILE_BUSY = 0.1;

/**
 * Below how many taken slots of the budget a request may pass that can wait, such as those of a
 * sweep: the polls of a calm minute, and three quarters of what these leave. The rest stays free
 * for polls of an account that becomes busy, which can't wait. Where calm polls need the whole budget
 * nothing is left.
 */
export function backgroundBelow(settings: {
  readonly requestsPerWindow: number;
  readonly windowMs: number;
  /** From one poll to the next while the account is calm. */
  readonly baseIntervalMs: number;
}): number {
  const { requestsPerWindow, windowMs, baseIntervalMs } = settings;
  const polls = Math.min(requestsPerWindow, windowMs / baseIntervalMs);
  return Math.floor(polls + 0.75 * (requestsPerWindow - polls));
}

/**
 * How many slots such requests may hold while the account is busy, whatever polls hold: a tenth of
 * the budget. So a sweep goes on, slowly, and does not make the gap that the next one looks into.
 * Nothing is left of a budget below 10.
 */
export function backgroundWhileBusy(requestsPerWindow: number): number {
  return Math.floor(SHARE_WHILE_BUSY * requestsPerWindow);
}
