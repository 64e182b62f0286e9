import { SANDBOX_GROUPS, type SandboxGroup } from '../../src/sandbox/account.ts';
import { createMentionMaker, type SandboxMention } from '../../src/sandbox/made-up-mentions.ts';
import { seededRandom } from '../chaos/seeded-random.ts';
import { atRandom, bursts, evenly, together, type Rate } from './arrivals.ts';

/** The mentions that an account gets, and the outage during it. */
export interface Pattern {
  readonly name: string;
  readonly lengthMs: number;
  /** In the order of time. */
  readonly arrivals: readonly Arrival[];
  readonly outage?: Outage;
  /** True if the window is empty at first. */
  readonly emptyAtFirst?: boolean;
  /** The account's groups, where they are not the sandbox's. */
  readonly groups?: readonly SandboxGroup[];
}

export interface Arrival {
  /** From the beginning. */
  readonly atMs: number;
  readonly mention: SandboxMention;
}

export interface Outage {
  readonly of: 'API' | 'relay';
  readonly fromMs: number;
  readonly toMs: number;
}

/** The beginning of every run: midnight, in milliseconds since 1970. */
export const START_MS = Date.parse('2026-11-23T00:00:00Z');

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** Creates mentions at these times, made up from the seed. */
export function patternOf(
  name: string,
  lengthMs: number,
  timesMs: readonly number[],
  seed: number,
  outage?: Outage,
): Pattern {
  const makeUp = createMentionMaker(seededRandom(seed));
  const arrivals = timesMs.map((atMs) => ({ atMs, mention: makeUp(START_MS + atMs) }));
  return { name, lengthMs, arrivals, ...(outage && { outage }) };
}

/** Creates so many mentions per second, evenly. */
export function steady(perSecond: number, lengthMs: number, seed: number): Pattern {
  const name = `steady, ${perSecond} a second`;
  return patternOf(name, lengthMs, evenly(perSecond, lengthMs), seed);
}

/** Creates a rise from one rate to another over `rampMs`, between 5 minutes at either rate. */
export function ramp(from: number, to: number, rampMs: number, seed: number): Pattern {
  const lengthMs = rampMs + 10 * MINUTE_MS;
  const rate: Rate = (atMs) => {
    const part = Math.min(1, Math.max(0, (atMs - 5 * MINUTE_MS) / rampMs));
    return from + (to - from) * part;
  };
  const times = atRandom(rate, Math.max(from, to), lengthMs, seededRandom(seed));
  return patternOf(`from ${from} to ${to} a second`, lengthMs, times, seed);
}

/**
 * Creates bursts of so many in a second, about one per minute at random, in an otherwise calm account:
 * for at least `calmMs` before each burst.
 */
export function burstsAfterCalm(count: number, calmMs: number, seed: number): Pattern {
  const lengthMs = 2 * HOUR_MS;
  const random = seededRandom(seed);
  const calm = atRandom(() => 0.05, 0.05, lengthMs, random);
  const drawn = atRandom(() => 1 / 60, 1 / 60, lengthMs - MINUTE_MS, random);
  const starts = drawn.filter((atMs, index) => atMs - (drawn[index - 1] ?? -Infinity) >= calmMs);
  const times = together(calm, bursts(count, starts, random));
  return patternOf(`bursts of ${count} in a second`, lengthMs, times, seed);
}

export const VIRAL_THREAD = 'a viral thread, up to 30 a second';

/**
 * Creates a viral thread: from one mention in 20 seconds to 30 per second, doubling every 15 seconds,
 * then halving every 3 minutes.
 */
export function viralThread(seed: number): Pattern {
  return patternOf(VIRAL_THREAD, 30 * MINUTE_MS, riseAndFall(30, 15, 30 * MINUTE_MS, seed), seed);
}

/** Creates a rise to 60 per second in half a minute: so fast that polls can hardly follow. */
export function suddenRise(seed: number): Pattern {
  const lengthMs = 10 * MINUTE_MS;
  return patternOf('a sudden rise', lengthMs, riseAndFall(60, 2.5, lengthMs, seed), seed);
}

function riseAndFall(
  mostPerSecond: number,
  doublesInSeconds: number,
  lengthMs: number,
  seed: number,
): number[] {
  const [calm, startMs] = [0.05, 2 * MINUTE_MS];
  const doublesInMs = doublesInSeconds * SECOND_MS;
  const peakMs = startMs + doublesInMs * Math.log2(mostPerSecond / calm);
  const rate: Rate = (atMs) => {
    if (atMs < startMs) return calm;
    if (atMs < peakMs) return calm * 2 ** ((atMs - startMs) / doublesInMs);
    return Math.max(calm, mostPerSecond * 2 ** (-(atMs - peakMs) / (3 * MINUTE_MS)));
  };
  return atRandom(rate, mostPerSecond, lengthMs, seededRandom(seed));
}

/** Creates the working day of a large account: calm at night, two peaks of 3 per second. */
export function workingDay(seed: number): Pattern {
  const peak = (hour: number, at: number, width: number): number =>
    Math.exp(-(((hour - at) / width) ** 2));
  const rate: Rate = (atMs) => {
    const hour = atMs / HOUR_MS;
    return 0.02 + 2.9 * peak(hour, 10.5, 1.5) + 2.6 * peak(hour, 15.5, 2) + 0.4 * peak(hour, 20, 2);
  };
  const times = atRandom(rate, 3.6, 24 * HOUR_MS, seededRandom(seed));
  return patternOf('a working day, up to 3 a second', 24 * HOUR_MS, times, seed);
}

/**
 * Creates a leap from one mention in 20 seconds to 60 per second, for 90 seconds, in an account with so
 * many groups that one search of them takes most of the budget.
 */
export function leapInManyGroups(count: number, seed: number): Pattern {
  const lengthMs = 10 * MINUTE_MS;
  const [fromMs, toMs] = [2 * MINUTE_MS, 3.5 * MINUTE_MS];
  const rate: Rate = (atMs) => (atMs >= fromMs && atMs < toMs ? 60 : 0.05);
  const times = atRandom(rate, 60, lengthMs, seededRandom(seed));
  const [model] = SANDBOX_GROUPS as readonly [SandboxGroup];
  const groups = Array.from({ length: count }, (_, index) => ({
    ...model,
    id: String(5e14 + index),
    name: `Group ${index + 1}`,
  }));
  const pattern = patternOf(`60 a second suddenly, ${count} groups`, lengthMs, times, seed);
  const arrivals = pattern.arrivals.map(({ atMs, mention }, index) => {
    const { id, name } = groups[index % count] ?? model;
    const link = mention.link.replace(mention.group.id, id);
    return { atMs, mention: { ...mention, link, group: { id, name } } };
  });
  return { ...pattern, arrivals, groups };
}

/** Creates a new account, whose mentions begin with the relay: 4 per second, and after 10 s 40. */
export function firstMinute(seed: number): Pattern {
  const calmMs = 10 * SECOND_MS;
  const busy = evenly(40, MINUTE_MS - calmMs).map((atMs) => calmMs + atMs);
  const times = [...evenly(4, calmMs), ...busy];
  const pattern = patternOf('a new account, 40 a second soon', MINUTE_MS, times, seed);
  return { ...pattern, emptyAtFirst: true };
}

/** Creates two mentions per hour. */
export function quiet(seed: number): Pattern {
  const perSecond = 2 / 3600;
  const times = atRandom(() => perSecond, perSecond, 12 * HOUR_MS, seededRandom(seed));
  return patternOf('quiet, 2 an hour', 12 * HOUR_MS, times, seed);
}

/** Creates an hour in which the API or the relay is away, while mentions continue. */
export function hourAway(of: Outage['of'], seed: number): Pattern {
  const lengthMs = 2 * HOUR_MS;
  const perSecond = 0.5;
  const outage = { of, fromMs: HOUR_MS / 2, toMs: HOUR_MS * 1.5 };
  const times = atRandom(() => perSecond, perSecond, lengthMs, seededRandom(seed));
  return patternOf(`the ${of} away for an hour`, lengthMs, times, seed, outage);
}

/** Creates the patterns by which policies are compared. */
export function allPatterns(seed: number): Pattern[] {
  const minutes = 10 * MINUTE_MS;
  return [
    quiet(seed),
    ...[1, 6, 20, 60, 100].map((perSecond) => steady(perSecond, minutes, seed)),
    patternOf(
      'at random, 60 a second',
      minutes,
      atRandom(() => 60, 60, minutes, seededRandom(seed)),
      seed,
    ),
    firstMinute(seed),
    ramp(4, 40, MINUTE_MS, seed),
    burstsAfterCalm(80, 0, seed),
    leapInManyGroups(40, seed),
    viralThread(seed),
    workingDay(seed),
    hourAway('API', seed),
    hourAway('relay', seed),
  ];
}
