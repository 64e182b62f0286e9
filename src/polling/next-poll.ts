import { WINDOW_LIMIT } from '../state/gap.ts';

/*
 * This module decides when the API is polled. A scheduled poll comes at the base interval, on
 * whichever replica is free. A busy account, or one whose last poll failed, gets an extra poll before
 * the next scheduled one. The relay and `npm run simulate` both run these decisions.
 */

/** The settings that decide when to poll. */
export interface PollTimeSettings {
  /** POLL_INTERVAL_SECONDS. */
  readonly intervalMs: number;
  /** RATE_BUDGET_PER_MINUTE, and the length of that minute. */
  readonly requestsPerWindow: number;
  readonly windowMs: number;
  /**
   * The share of the next window that should be new: a fifth by default. The rest is room for a
   * growing rate. Chosen by `npm run simulate`.
   */
  readonly targetShare?: number;
}

/** The window of a successful poll. */
export interface PolledWindow {
  /** Number of readable mentions. */
  readonly windowSize: number;
  /** Number of items that could not be read. */
  readonly malformed: number;
  readonly newMentions: number;
  readonly gap: boolean;
  /** Time since the poll before it, by a clock that all replicas share; null if there was none. */
  readonly sinceLastMs: number | null;
  /** The latest rate of its new mentions: see spottedPerMs. */
  readonly spottedPerMs: number;
}

/** The result of a poll, as far as it decides about the next one. */
export type PollSeen = PolledWindow | 'failed' | 'key-rejected';

/** The circumstances of a poll beside its result. */
export interface PollCircumstances {
  /** The delay of the last extra poll; null if none was asked for since the account was calm. */
  readonly lastDelayMs: number | null;
  /**
   * Number of slots of the budget that other requests hold. Polls spread over the rest: otherwise
   * they would use it up and then stand still.
   */
  readonly slotsOfOthers: number;
}

/** The decisions about the time of polls, for one configuration. */
export interface PollTimes {
  /** Time from one scheduled poll to the next. */
  readonly baseIntervalMs: number;
  /** Least time from the beginning of any poll to that of this one. */
  readonly minSpacingMs: (kind: 'scheduled' | 'extra') => number;
  /** Delay of the next extra poll, from the beginning of the last poll; null if none is needed. */
  readonly nextExtraInMs: (seen: PollSeen, circumstances: PollCircumstances) => number | null;
  /** True if requests that can wait must leave the budget to polls. */
  readonly isBusy: (polled: PolledWindow) => boolean;
}

const TARGET_SHARE = 0.2;
// At this share, twice the rate would lose mentions.
const SATURATED_SHARE = 0.5;
// For groups, recovery and commands, while the account is not too busy.
const SHARE_FOR_OTHERS = 0.1;
const MAX_GROWTH = 2;
// The target share while a window is not full: the rate of a new account may grow tenfold.
const NEW_ACCOUNT_SHARE = 0.08;
// Fewer mentions show no rate. The API gives whole seconds, so two of one second may be a second apart.
const MIN_FOR_RATE = 5;
const SECOND_MS = 1_000;
const EARLY = 0.9;
// A slot of the budget is held this much longer than a window (src/groouply/request-budget.io.ts).
const SLOT_MARGIN_MS = 150;
// A slower answer makes the next poll wait for its slot once per minute.
const ASSUMED_LATENCY_MS = 1_000;
// A rejected key does not become valid by itself: this is often enough to notice a corrected one.
const KEY_REJECTED_PAUSE_MS = 300_000;
// A poll may take a moment to be picked up, though all is well.
const WATCHDOG_PATIENCE_MS = 5_000;
// A clock that is being adjusted may go back this much.
const CLOCK_JITTER_MS = 1_000;

/** Creates the relay's own decisions: an account is polled as often as its mentions arrive. */
export function pollTimes(settings: PollTimeSettings): PollTimes {
  const baseMs = baseIntervalMs(settings);
  return {
    baseIntervalMs: baseMs,
    minSpacingMs(kind) {
      const shortestMs = Math.min(shortestSpacingMs(settings), baseMs);
      // Timers are not exact. An extra poll that came a little early would cost a whole interval if
      // it were refused.
      return kind === 'scheduled' ? shortestMs : EARLY * shortestMs;
    },
    nextExtraInMs: (seen, circumstances) => nextExtraInMs(seen, circumstances, settings),
    isBusy,
  };
}

/**
 * Returns the shortest time from one poll to the next that the budget sustains, in milliseconds.
 * Polls that come sooner use the budget up, and then stand still until it comes back.
 */
export function shortestSpacingMs({
  requestsPerWindow,
  windowMs,
}: Pick<PollTimeSettings, 'requestsPerWindow' | 'windowMs'>): number {
  return Math.ceil((windowMs + SLOT_MARGIN_MS + ASSUMED_LATENCY_MS) / requestsPerWindow);
}

/**
 * Returns the time from one scheduled poll to the next, in milliseconds: the configured interval, or
 * a longer one if the budget is too small for it and for a tenth for other requests.
 */
export function baseIntervalMs(settings: PollTimeSettings): number {
  return Math.max(settings.intervalMs, calmSpacingMs(settings));
}

/** Returns the delay of the next extra poll: see PollTimes. */
function nextExtraInMs(
  seen: PollSeen,
  { lastDelayMs, slotsOfOthers }: PollCircumstances,
  settings: PollTimeSettings,
): number | null {
  if (seen === 'key-rejected') return null;
  const baseMs = baseIntervalMs(settings);
  const nextMs =
    seen === 'failed'
      ? nextAfterFailureInMs(lastDelayMs, settings)
      : nextPollInMs(seen, settings, slotsOfOthers);
  // If polls are as close as the budget allows, the next scheduled poll may come right after this
  // one and be refused. The scheduled poll after that would be too late.
  return nextMs < baseMs || baseMs < 2 * shortestSpacingMs(settings) ? nextMs : null;
}

/**
 * Returns the time from the beginning of this poll to that of the next, in milliseconds: never more
 * than the base interval, never less than the shortest spacing.
 * - The next poll comes when a fifth of a window will be new at the present rate, or a twelfth
 *   while the window is not full.
 * - After a gap, or if half of the window is new, it comes as soon as the budget allows.
 * - Below such rates, a tenth of the budget is left to other requests.
 * - When an account calms down, each time is at most twice the last one: bursts seldom come alone.
 * - While the rate is unknown, the next poll comes as if this one had come at the shortest spacing,
 *   or sooner by the times at which the new mentions were spotted. It is unknown at the first poll,
 *   after downtime, and when a window that was empty fills.
 */
export function nextPollInMs(
  polled: PolledWindow,
  settings: PollTimeSettings,
  slotsOfOthers = 0,
): number {
  const baseMs = baseIntervalMs(settings);
  const slots = Math.max(1, settings.requestsPerWindow - slotsOfOthers);
  const shortestMs = Math.min(baseMs, shortestSpacingMs({ ...settings, requestsPerWindow: slots }));
  const calmMs = Math.max(shortestMs, calmSpacingMs(settings));
  const { targetShare = TARGET_SHARE } = settings;
  const wantedShare = isFull(polled) ? targetShare : Math.min(NEW_ACCOUNT_SHARE, targetShare);
  const share = shareOfNew(polled);
  // A gap without anything new is an unreadable window: it shows no rate.
  if (share >= SATURATED_SHARE || (polled.gap && share > 0)) return shortestMs;

  const sinceMs = Math.max(1, polled.sinceLastMs ?? baseMs);
  const known = rateIsKnown(polled, baseMs);
  const sharePerMs = Math.max(share / sinceMs, known ? 0 : polled.spottedPerMs / WINDOW_LIMIT);
  const longestMs = MAX_GROWTH * (known ? sinceMs : Math.min(sinceMs, shortestMs));
  const minMs = sharePerMs * calmMs >= SATURATED_SHARE ? shortestMs : calmMs;
  const wantedMs = sharePerMs === 0 ? baseMs : wantedShare / sharePerMs;
  const nextMs = Math.min(Math.max(wantedMs, minMs), longestMs, baseMs);
  return Math.max(shortestMs, Math.ceil(nextMs));
}

function rateIsKnown(
  { sinceLastMs, windowSize, newMentions }: PolledWindow,
  baseMs: number,
): boolean {
  if (sinceLastMs === null || sinceLastMs > MAX_GROWTH * baseMs) return false;
  return newMentions === 0 || newMentions < windowSize;
}

/**
 * Returns the highest rate, per millisecond, at which the last of these mentions were spotted: of the
 * last five, the last six, and so on; 0 if there are fewer. Only their times count, so the clocks of
 * Groouply and of this machine may differ.
 */
export function spottedPerMs(mentions: readonly { readonly spottedAtMs: number | null }[]): number {
  const newestFirst = mentions
    .flatMap(({ spottedAtMs }) => spottedAtMs ?? [])
    .toSorted((a, b) => b - a);
  const [newestMs = 0] = newestFirst;
  const rates = newestFirst.map((atMs, index) => (index + 1) / (newestMs - atMs + SECOND_MS));
  return Math.max(0, ...rates.slice(MIN_FOR_RATE - 1));
}

/**
 * Returns the time to the next poll after one that failed: twice the last delay. A busy account is
 * polled soon after a short failure, and an API that is away gets fewer requests step by step.
 */
function nextAfterFailureInMs(lastDelayMs: number | null, settings: PollTimeSettings): number {
  const baseMs = baseIntervalMs(settings);
  const wantedMs = lastDelayMs === null ? baseMs : MAX_GROWTH * lastDelayMs;
  const minMs = Math.min(baseMs, shortestSpacingMs(settings));
  return Math.min(Math.max(wantedMs, minMs), baseMs);
}

/** Returns true if the API may be polled, by the time since it rejected the key; null if it did not. */
export function mayPollAfterRejection(sinceRejectedMs: number | null): boolean {
  return sinceRejectedMs === null || sinceRejectedMs >= KEY_REJECTED_PAUSE_MS;
}

/**
 * Returns true if polls have stopped that should come at least every `intervalMs`. A tick in the
 * future means that the clock went back: then the next poll is just as far away.
 */
export function pollsHaveStopped(sinceTickMs: number | null, intervalMs: number): boolean {
  if (sinceTickMs === null) return true;
  return sinceTickMs > 2 * intervalMs + WATCHDOG_PATIENCE_MS || clockWentBack(sinceTickMs);
}

/** Returns true if the clock of Redis went back since the last tick, which lies in the future. */
export function clockWentBack(sinceTickMs: number): boolean {
  return sinceTickMs < -CLOCK_JITTER_MS;
}

/**
 * Returns true if half or more of a full window is new: at twice the rate, the next one would miss
 * some. Does not apply to the first window ever, which is all new; a window after a gap is reported as
 * a gap.
 */
export function isSaturated(polled: Omit<PolledWindow, 'sinceLastMs' | 'spottedPerMs'>): boolean {
  return isFull(polled) && !polled.gap && shareOfNew(polled) >= SATURATED_SHARE;
}

function isFull({
  windowSize,
  malformed,
}: Pick<PolledWindow, 'windowSize' | 'malformed'>): boolean {
  return windowSize + malformed >= WINDOW_LIMIT;
}

/** Returns true if the window had a gap, or as much of it was new as the next poll is timed for. */
function isBusy(polled: PolledWindow): boolean {
  return polled.gap || shareOfNew(polled) >= TARGET_SHARE;
}

function calmSpacingMs(settings: PollTimeSettings): number {
  return Math.ceil(shortestSpacingMs(settings) / (1 - SHARE_FOR_OTHERS));
}

/** Returns the share of new mentions among the readable places of a window. */
function shareOfNew({
  newMentions,
  malformed,
}: Pick<PolledWindow, 'newMentions' | 'malformed'>): number {
  return Math.min(1, newMentions / Math.max(1, WINDOW_LIMIT - malformed));
}
