import type { MalformedItem } from '../groouply/groouply-api.io.ts';
import type { Backlog } from '../domain/backlog.ts';
import { type EventLog, isoTime } from '../domain/event-log.ts';
import type { Gap } from '../state/gap.ts';
import { isSaturated, type PolledWindow } from './next-poll.ts';

/** Logs that there is no state, and what happens to the window. */
export function logEmptyState(
  log: EventLog,
  about: {
    readonly backlog: Backlog;
    /** True if there was a state before. */
    readonly vanished: boolean;
    readonly sending: number;
    readonly skipping: number;
  },
): void {
  const { backlog, vanished, sending, skipping } = about;
  log[vanished ? 'warn' : 'info'](
    'state.empty',
    { backlog: backlog.kind, sending, skipping },
    vanished
      ? 'Redis was emptied: seen mentions and waiting deliveries are gone; BACKLOG decides which mentions of this window are sent'
      : 'no state in Redis: first run, BACKLOG decides what is sent',
  );
}

/** Logs that mentions may be missing, and when they would have been spotted. */
export function logGap(log: EventLog, { fromMs, toMs }: Gap, windowSize: number): void {
  log.warn(
    'poll.gap_detected',
    { windowSize, missingFrom: isoTime(fromMs), missingTo: isoTime(toMs) },
    'no overlap with earlier windows; mentions may be missing, and the relay searches the groups for them',
  );
}

/**
 * Creates a log of malformed items: each is logged once while it stays in the window. The window of a
 * quiet account keeps the same items for years, and is polled every few seconds. The log returns how
 * many items it logged.
 */
export function createMalformedItemsLog(
  log: EventLog,
): (items: readonly MalformedItem[]) => number {
  let logged: ReadonlySet<string> = new Set();
  return (items) => {
    // By fingerprint: an item that stands twice in a window is logged once.
    const present = new Map(items.map(({ fingerprint, reason }) => [fingerprint, reason]));
    const fresh = [...present].filter(([fingerprint]) => !logged.has(fingerprint));
    for (const [fingerprint, reason] of fresh) {
      log.warn(
        'poll.item_malformed',
        { fingerprint, reason },
        'the API sent an item that is unreadable; it was skipped, the others are processed',
      );
    }
    logged = new Set(present.keys());
    return fresh.length;
  };
}

/**
 * Creates a log of saturated windows, before anything is missed: the first one is logged, and the next
 * one only after a window that was less than a quarter new.
 */
export function createSaturationLog(
  log: EventLog,
  /** A window that came later than this after the last one does not show the rate. */
  maxPauseMs: number,
): (polled: PolledWindow) => void {
  let logged = false;
  return (polled) => {
    const { sinceLastMs } = polled;
    if (sinceLastMs === null || sinceLastMs > maxPauseMs) return;
    const saturated = isSaturated(polled);
    if (saturated && !logged) {
      log.warn(
        'poll.window_saturated',
        { windowSize: polled.windowSize, newMentions: polled.newMentions, sinceLastMs },
        'at least half of the window is new; polling as often as the budget allows',
      );
      logged = true;
    } else if (!saturated && !polled.gap && polled.newMentions * 4 < polled.windowSize) {
      logged = false;
    }
  };
}
