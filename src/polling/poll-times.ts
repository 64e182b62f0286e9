import { WINDOW_LIMIT } from '../state/gap.ts';

/** How often the API may be asked, and how often the account is to be polled where little happens. */
export interface PaceSettings {
  /** POLL_INTERVAL_SECONDS. */
  readonly intervalMs: number;
  /** RATE_BUDGET_PER_MINUTE, and the length of that minute. */
  readonly requestsPerWindow: number;
  readonly windowMs: number;
  /**
   * How much of the next window is to be new: a fifth unless said otherwise. The rest is room for a
   * rate that grows meanwhile. Chosen by `npm run simulate`.
   */
  readonly targetShare?: number;
}

/** What a poll that succeeded saw. */
export interface PolledWindow {
  /** Mentions that could be read, and items that could not. */
  readonly windowSize: number;
  readonly malformed: number;
  readonly newMentions: number;
  readonly gap: boolean;
}

const TARGET_SHARE = 0.2;
// At this share twice the rate would lose some.
const SATURATED_SHARE = 0.5;
// What other requests may use while the account is not too busy: groups, recovery, commands.
const SHARE_FOR_OTHERS = 0.1;
const MAX_GROWTH = 2;
const EARLY = 0.9;
// A slot of the budget is held until so long after the answer (see src/groouply/request-budget.io.ts).
const SLOT_MARGIN_MS = 150;
// An answer slower than this makes the next poll wait for its slot once a minute.
const ASSUMED_LATENCY_MS = 1_000;

/**
 * The least time from one poll to the next, in milliseconds, that can go on for ever: polls that
 * come sooner use the budget up, and then stand still until it comes back.
 */
export function shortestSpacingMs({
  requestsPerWindow,
  windowMs,
}: Pick<PaceSettings, 'requestsPerWindow' | 'windowMs'>): number {
  return Math.ceil((windowMs + SLOT_MARGIN_MS + ASSUMED_LATENCY_MS) / requestsPerWindow);
}

/**
 * The time from one heartbeat to the next, in milliseconds: the interval that is configured, or,
 * where the budget is too small for it, the one that leaves a tenth of it to other requests.
 */
export function baseIntervalMs(settings: PaceSettings): number {
  return Math.max(settings.intervalMs, calmSpacingMs(settings));
}

/**
 * In how many milliseconds the next poll is due, counted from when this one's request began: never
 * more than the base interval, never less than the shortest spacing.
 *
 * It is due when a fifth of a window will be new at the rate of now. After a gap, and when half of
 * the window is new, it comes as soon as it may. Below such rates a tenth of the budget is left to
 * other requests. An account that calms down is polled more rarely step by step, at most half as
 * often each time: bursts seldom come alone.
 *
 * @param sinceLastPollMs - from the poll before that succeeded to this one, by a clock that all
 *   replicas share; null if not known, as before the first window: it then counts as the base
 *   interval
 * @param slotsOfOthers - slots of the budget that are taken by requests other than polls. Polls
 *   spread over the rest: were they not to, they would stand still when it is used up
 */
export function nextPollInMs(
  polled: PolledWindow,
  sinceLastPollMs: number | null,
  settings: PaceSettings,
  slotsOfOthers = 0,
): number {
  const baseMs = baseIntervalMs(settings);
  const slots = Math.max(1, settings.requestsPerWindow - slotsOfOthers);
  const shortestMs = Math.min(baseMs, shortestSpacingMs({ ...settings, requestsPerWindow: slots }));
  const calmMs = Math.max(shortestMs, calmSpacingMs(settings));
  const { targetShare = TARGET_SHARE } = settings;
  const share = shareOfNew(polled);
  // A gap without anything new is a window of which nothing could be read: it shows no rate.
  if (share >= SATURATED_SHARE || (polled.gap && share > 0)) return shortestMs;

  const sinceMs = Math.max(1, sinceLastPollMs ?? baseMs);
  const sharePerMs = share / sinceMs;
  const minMs = sharePerMs * calmMs >= SATURATED_SHARE ? shortestMs : calmMs;
  const wantedMs = sharePerMs === 0 ? baseMs : targetShare / sharePerMs;
  const nextMs = Math.min(Math.max(wantedMs, minMs), MAX_GROWTH * sinceMs, baseMs);
  return Math.max(shortestMs, Math.ceil(nextMs));
}

/**
 * In how many milliseconds one more poll is to come before a heartbeat does, counted from when this
 * one's request began; null where the heartbeat is soon enough. Where polls are as close as the
 * budget allows, a heartbeat may fall right after this poll and is then left out: the one after it
 * would be too late.
 */
export function pollBetweenInMs(
  polled: PolledWindow,
  sinceLastPollMs: number | null,
  settings: PaceSettings,
  slotsOfOthers = 0,
): number | null {
  return betweenTicks(nextPollInMs(polled, sinceLastPollMs, settings, slotsOfOthers), settings);
}

/**
 * The same after a poll that failed: twice as far away as the last poll in between was to be, so
 * that a busy account is polled soon after an API that stumbled, and one that is away is left alone
 * step by step.
 *
 * @param lastPaceMs - what the last poll in between was asked for with; null if none is since the
 *   account was calm
 */
export function pollAfterFailureInMs(
  lastPaceMs: number | null,
  settings: PaceSettings,
): number | null {
  const baseMs = baseIntervalMs(settings);
  const wantedMs = lastPaceMs === null ? baseMs : MAX_GROWTH * lastPaceMs;
  const minMs = Math.min(baseMs, shortestSpacingMs(settings));
  return betweenTicks(Math.min(Math.max(wantedMs, minMs), baseMs), settings);
}

function betweenTicks(nextMs: number, settings: PaceSettings): number | null {
  const baseMs = baseIntervalMs(settings);
  return nextMs < baseMs || baseMs < 2 * shortestSpacingMs(settings) ? nextMs : null;
}

/**
 * How long after the beginning of a poll no other may begin, in milliseconds. One that was asked for
 * may come a little sooner: timers are not exact, and leaving it out would cost a whole interval.
 */
export function minSpacingMs(settings: PaceSettings, turn: 'heartbeat' | 'between'): number {
  const shortestMs = Math.min(shortestSpacingMs(settings), baseIntervalMs(settings));
  return turn === 'heartbeat' ? shortestMs : EARLY * shortestMs;
}

/**
 * Whether half or more of a full window is new: at twice the rate the next one would miss some. The
 * first window ever, which is all new, is not to be asked about; one with a gap is told as that.
 */
export function isSaturated(polled: PolledWindow): boolean {
  const full = polled.windowSize + polled.malformed >= WINDOW_LIMIT;
  return full && !polled.gap && shareOfNew(polled) >= SATURATED_SHARE;
}

/**
 * Whether what can wait is to leave the budget to polls: the window had a gap, or as much of it was
 * new as the next poll is timed for.
 */
export function isBusy(polled: PolledWindow): boolean {
  return polled.gap || shareOfNew(polled) >= TARGET_SHARE;
}

function calmSpacingMs(settings: PaceSettings): number {
  return Math.ceil(shortestSpacingMs(settings) / (1 - SHARE_FOR_OTHERS));
}

/** Of the places in a window that are not taken by what could not be read. */
function shareOfNew({ newMentions, malformed }: PolledWindow): number {
  return Math.min(1, newMentions / Math.max(1, WINDOW_LIMIT - malformed));
}
