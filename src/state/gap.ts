import type { Mention } from '../domain/mention.ts';

/** A time span in which mentions may have come and gone between two windows. */
export interface Gap {
  /** When the newest mention before it was spotted; null if unknown. */
  readonly fromMs: number | null;
  /**
   * When the oldest mention of the window after it was spotted; without a readable time, a little
   * after that window was received. Null if an older release left it open.
   */
  readonly toMs: number | null;
}

/** A gap that no sweep has closed yet. */
export interface OpenGap extends Gap {
  /** When the window after it was received. */
  readonly foundAtMs: number;
}

/** The size of a full window: 'Returns the last 100 mentions in your account'. */
export const WINDOW_LIMIT = 100;

// Groouply's clock may differ from ours by this much.
const CLOCK_TOLERANCE_MS = 300_000;

/**
 * Returns the gap before a window, or null. There is one if the window is full and shares nothing
 * with what was seen before: others may have scrolled past. The first window ever has nothing to
 * share, and a window that is not full holds all there is. If nothing of a window can be read, the
 * next window decides.
 */
export function gapBefore(
  window: {
    readonly mentions: readonly Mention[];
    readonly malformed: number;
    readonly receivedAtMs: number;
  },
  before: {
    readonly firstWindow: boolean;
    /** Number of the window's mentions that were seen before. */
    readonly seen: number;
    readonly newestSpottedAtMs: number | null;
  },
): Gap | null {
  const full = window.mentions.length + window.malformed >= WINDOW_LIMIT;
  if (!full || before.firstWindow || before.seen > 0 || window.mentions.length === 0) return null;
  const { newestSpottedAtMs: fromMs } = before;
  // A mention that is out of order does not show where the window begins.
  const times = window.mentions
    .flatMap(({ spottedAtMs }) => spottedAtMs ?? [])
    .filter((spottedAtMs) => spottedAtMs > (fromMs ?? -Infinity));
  return { fromMs, toMs: Math.min(window.receivedAtMs + CLOCK_TOLERANCE_MS, ...times) };
}

/**
 * Returns when the newest of these mentions was spotted; null if none has a plausible time. A time
 * in the future would hide every later gap.
 */
export function newestPlausible(mentions: readonly Mention[], receivedAtMs: number): number | null {
  const latestMs = receivedAtMs + CLOCK_TOLERANCE_MS;
  const times = mentions
    .flatMap(({ spottedAtMs }) => spottedAtMs ?? [])
    .filter((spottedAtMs) => spottedAtMs <= latestMs);
  return times.length === 0 ? null : Math.max(...times);
}
