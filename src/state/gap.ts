import type { Mention } from '../domain/mention.ts';

/** A stretch of time in which mentions may have come and gone between two windows. */
export interface Gap {
  /** When the newest mention before it was spotted; null where that is not known. */
  readonly fromMs: number | null;
  /**
   * When the oldest mention of the window after it was spotted; where none is readable, a little
   * after that was received. Null where another release has left that open.
   */
  readonly toMs: number | null;
}

/** A gap for which no sweep of the groups has looked yet. */
export interface OpenGap extends Gap {
  /** When the window after it was received. */
  readonly foundAtMs: number;
}

/** The most mentions that one answer holds: 'Returns the last 100 mentions in your account'. */
export const WINDOW_LIMIT = 100;

/**
 * The gap before a window, if there is one: the window is full and shares nothing with what was
 * seen before, so others may have scrolled past. The first window ever has nothing to share, and
 * one that is not full holds all there is. One of which nothing can be read is judged by the next.
 */
export function gapBefore(
  window: {
    readonly mentions: readonly Mention[];
    readonly malformed: number;
    readonly receivedAtMs: number;
  },
  before: {
    readonly firstWindow: boolean;
    /** How many of the window's mentions were seen before. */
    readonly seen: number;
    readonly newestSpottedAtMs: number | null;
  },
): Gap | null {
  const full = window.mentions.length + window.malformed >= WINDOW_LIMIT;
  if (!full || before.firstWindow || before.seen > 0 || window.mentions.length === 0) return null;
  const { newestSpottedAtMs: fromMs } = before;
  // One that stands out of order says nothing of where the window begins.
  const times = window.mentions
    .flatMap(({ spottedAtMs }) => spottedAtMs ?? [])
    .filter((spottedAtMs) => spottedAtMs > (fromMs ?? -Infinity));
  return { fromMs, toMs: Math.min(window.receivedAtMs + CLOCK_TOLERANCE_MS, ...times) };
}

/**
 * When the newest of these mentions was spotted; null where none has a plausible time. One that lies
 * in the future would hide every later gap.
 */
export function newestPlausible(mentions: readonly Mention[], receivedAtMs: number): number | null {
  const latestMs = receivedAtMs + CLOCK_TOLERANCE_MS;
  const times = mentions
    .flatMap(({ spottedAtMs }) => spottedAtMs ?? [])
    .filter((spottedAtMs) => spottedAtMs <= latestMs);
  return times.length === 0 ? null : Math.max(...times);
}

// Groouply's clock and ours may differ by so much.
const CLOCK_TOLERANCE_MS = 300_000;
