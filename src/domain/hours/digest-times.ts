import { closedForMs, type WorkingHours } from './working-hours.ts';
import { zoneDaysAround } from './zone-time.ts';

/** The times of a webhook's digests, in the local time of a zone. */
export interface DigestTimes {
  /** As configured, without the zone: `daily 08:00`. */
  readonly text: string;
  /** The days of the week; 0 is Sunday. */
  readonly days: readonly number[];
  /** The minutes of each of these days. */
  readonly minutes: readonly number[];
  /** The IANA name of the time zone. */
  readonly zone: string;
}

/** The time between two digests. */
export interface DigestPeriod {
  /** The time of the digest before. */
  readonly sinceMs: number;
  /** The time of the next one. */
  readonly untilMs: number;
}

// A clock that changes never moves a digest by more than a day.
const REACH_DAYS = { daily: 2, weekly: 8 } as const;
const DAYS_OF_WEEK = 7;
// Deliveries that were queued just before a digest are in their queue by then.
const SETTLING_MS = 2_000;
// The clocks of replicas may differ so far.
const SKEW_MS = 60_000;

/** When a webhook gets digests. */
export interface DigestPlan {
  readonly digest: DigestTimes;
  /** Null if it is always open. */
  readonly hours: WorkingHours | null;
}

const lastAnswers = new WeakMap<DigestTimes, DigestPeriod & Pick<DigestPlan, 'hours'>>();

/**
 * Returns the period between two digests that a time lies in. A digest that falls into closed hours
 * comes when they end. A time of day that clocks skip is the time of the change; of one that they show
 * twice, the first counts.
 */
export function digestPeriod({ digest, hours }: DigestPlan, nowMs: number): DigestPeriod {
  const last = lastAnswers.get(digest);
  if (last?.hours === hours && nowMs >= last.sinceMs && nowMs < last.untilMs) return last;
  const { days, minutes, zone } = digest;
  const reach = days.length === DAYS_OF_WEEK ? REACH_DAYS.daily : REACH_DAYS.weekly;
  const planned = zoneDaysAround(zone, nowMs, reach)
    .filter(({ weekday }) => days.includes(weekday))
    .flatMap(({ atMs }) => minutes.map(atMs));
  const opens = (atMs: number): number => atMs + closedForMs(hours, atMs);
  const before = planned.findLastIndex((atMs) => atMs <= nowMs && opens(atMs) <= nowMs);
  const answer = {
    hours,
    sinceMs: opens(planned[Math.max(0, before)] ?? nowMs),
    untilMs: opens(planned[before + 1] ?? nowMs),
  };
  lastAnswers.set(digest, answer);
  return answer;
}

/**
 * Returns the period whose deliveries wait for the next digest. All that were queued before it are
 * due, and so are those from after it: they were queued before a clock went back.
 *
 * @param askedAtMs - the time of a digest that somebody asked for; null if nobody has
 */
export function waitingPeriod(
  plan: DigestPlan,
  nowMs: number,
  askedAtMs: number | null = null,
): DigestPeriod {
  const { sinceMs, untilMs } = digestPeriod(plan, nowMs - SETTLING_MS);
  return { sinceMs: Math.max(sinceMs, askedAtMs ?? sinceMs), untilMs: untilMs + SKEW_MS };
}

/** Returns true if a delivery that was queued then waits for the next digest. */
export function waitsForDigest(
  queuedAtMs: number | null,
  { sinceMs, untilMs }: DigestPeriod,
): boolean {
  return queuedAtMs !== null && queuedAtMs >= sinceMs && queuedAtMs < untilMs;
}

/** Returns the times of a digest as text with their zone. */
export function digestText({ text, zone }: DigestTimes): string {
  return `${text} ${zone}`;
}
