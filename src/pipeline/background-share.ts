/**
 * Below how many taken slots of the budget a request may pass that can wait, such as those of a
 * sweep: the polls of a calm minute, and half of what these leave. The other half stays free for
 * polls of a busy one, which can't wait. Where calm polls need the whole budget nothing is left.
 */
export function backgroundBelow(settings: {
  readonly requestsPerWindow: number;
  readonly windowMs: number;
  /** From one poll to the next while the account is calm. */
  readonly baseIntervalMs: number;
}): number {
  const { requestsPerWindow, windowMs, baseIntervalMs } = settings;
  const polls = Math.min(requestsPerWindow, windowMs / baseIntervalMs);
  return Math.floor((polls + requestsPerWindow) / 2);
}
