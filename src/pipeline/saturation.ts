import type { EventLog } from '../domain/events.ts';
import { isSaturated, type PolledWindow } from './pace.ts';

/**
 * Tells when windows begin to be saturated, before anything is missed: once, and again only after
 * one that was not half as full of new mentions.
 */
export function createSaturationTeller(
  log: EventLog,
  /** A window that came later than this after the one before says nothing of the pace. */
  longestPauseMs: number,
): (polled: PolledWindow, sinceLastMs: number | null) => void {
  let told = false;
  return (polled, sinceLastMs) => {
    if (sinceLastMs === null || sinceLastMs > longestPauseMs) return;
    const saturated = isSaturated(polled);
    if (saturated && !told) {
      log.warn(
        'poll.window_saturated',
        { windowSize: polled.windowSize, newMentions: polled.newMentions, sinceLastMs },
        'half of the window or more was new: at a higher rate mentions would be missed. Polls come as soon as the budget allows',
      );
      told = true;
    } else if (!saturated && !polled.gap && polled.newMentions * 4 < polled.windowSize) {
      told = false;
    }
  };
}
