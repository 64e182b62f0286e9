/**
 * Below how many taken slots of the budget a request may pass that can wait, such as those of a
 * sweep: the polls of a calm minute, and three quarters of what these leave. The rest stays free
 * for polls of a busy one, which can't wait; and polls spread over what others have not taken. Where
 * calm polls need the whole budget nothing is left.
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
