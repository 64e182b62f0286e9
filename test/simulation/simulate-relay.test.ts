import { describe, expect, test } from 'vitest';
import { together } from './arrivals.ts';
import {
  adaptive,
  BUDGET,
  DEFAULT_POLICY,
  fixedInterval,
  LATENCY_MS,
  type Policy,
} from './compare.ts';
import { measure } from './measures.ts';
import {
  burstsAfterCalm,
  firstMinute,
  HOUR_MS,
  hourAway,
  MINUTE_MS,
  patternOf,
  ramp,
  SECOND_MS,
  steady,
  leapInManyGroups,
  viralThread,
  type Pattern,
} from './patterns.ts';
import { simulateRelay, type Simulation } from './simulate-relay.ts';

// A mention is read once, however many runs have it.
const STEADY = steady(60, 4 * MINUTE_MS, 1);
const BURSTS = burstsAfterCalm(150, 0, 2);
const API_AWAY = hourAway('API', 1);

const EVERY_SECOND = adaptive({ intervalMs: 1_000, ...BUDGET });
const EVERY_20_SECONDS = adaptive({ intervalMs: 20_000, ...BUDGET });
const EVERY_HOUR = adaptive({ intervalMs: HOUR_MS, ...BUDGET });

async function run(pattern: Pattern, policy: Policy, more: Partial<Simulation> = {}) {
  const made = await simulateRelay({
    pattern,
    policy,
    budget: BUDGET,
    latencyMs: LATENCY_MS,
    recovery: false,
    ...more,
  });
  const spacingsMs = made.polls
    .slice(1)
    .map(({ atMs }, index) => atMs - (made.polls[index]?.atMs ?? 0));
  return { ...made, ...measure(made), longestSpacingMs: Math.max(...spacingsMs) };
}

describe('nothing scrolls past', () => {
  test.each<[string, Pattern, Policy]>([
    ['at a steady 60 a second', STEADY, EVERY_SECOND],
    ['in bursts of 80 in a second after calm', burstsAfterCalm(80, 5 * SECOND_MS, 1), EVERY_SECOND],
    ['in a viral thread', viralThread(1), DEFAULT_POLICY],
    ['in the first minute of a new account', firstMinute(1), EVERY_20_SECONDS],
    ['in the first minute, at an interval of an hour', firstMinute(1), EVERY_HOUR],
    ['when it rises within a minute', ramp(4, 40, MINUTE_MS, 1), EVERY_20_SECONDS],
  ])('%s', async (_, pattern, policy) => {
    const { spotted, scrolledPast, busiestMinute } = await run(pattern, policy);
    expect(spotted).toBeGreaterThan(1_000);
    expect(scrolledPast).toBe(0);
    expect(busiestMinute).toBeLessThanOrEqual(BUDGET.requestsPerWindow);
  });
});

test.each([
  [5, 1],
  [10, 2],
  [20, 3],
])(
  'less than a tenth scrolls past from 4 to 40 a second in %i seconds, from an interval of 20 seconds',
  async (seconds, seed) => {
    const pattern = ramp(4, 40, seconds * SECOND_MS, seed);
    const { spotted, scrolledPast } = await run(pattern, EVERY_20_SECONDS);
    expect(scrolledPast / spotted).toBeLessThan(0.1);
  },
);

test('an interval that the budget can not hold is no burst of polls and then a standstill', async () => {
  const fixed = await run(STEADY, fixedInterval(1_000));
  expect(fixed.longestSpacingMs).toBeGreaterThan(10_000);
  expect(fixed.scrolledPast).toBeGreaterThan(0);
  const paced = await run(STEADY, EVERY_SECOND);
  expect(paced.longestSpacingMs).toBeLessThan(3_000);
});

test.each([1, 2, 50, 60])(
  'a budget of %i is kept, and polls never stand still in it, busy or calm',
  async (requestsPerWindow) => {
    const budget = { ...BUDGET, requestsPerWindow };
    const policy = adaptive({ intervalMs: 10_000, ...budget });
    const { busiestMinute, longestSpacingMs } = await run(BURSTS, policy, { budget });
    expect(busiestMinute).toBeLessThanOrEqual(requestsPerWindow);
    expect(longestSpacingMs).toBeLessThanOrEqual(2 * policy.times.baseIntervalMs);
  },
);

describe('whatever is missed is reported as a gap', () => {
  const quickly = patternOf(
    '300 in 2 seconds',
    5 * MINUTE_MS,
    Array.from({ length: 300 }, (_, index) => MINUTE_MS + index * 7),
    1,
  );
  test.each<[string, Pattern, Policy, Partial<Simulation>]>([
    ['beyond what the budget can hold', steady(100, 3 * MINUTE_MS, 1), DEFAULT_POLICY, {}],
    ['in a burst of more than a window', quickly, DEFAULT_POLICY, {}],
    ['at a fixed interval', viralThread(2), fixedInterval(60_000), {}],
    ['while the API is away', API_AWAY, DEFAULT_POLICY, {}],
    ['while the relay is away', hourAway('relay', 1), DEFAULT_POLICY, {}],
    [
      'by an API that takes 5 seconds',
      steady(60, 3 * MINUTE_MS, 2),
      DEFAULT_POLICY,
      { latencyMs: 5_000 },
    ],
  ])('%s', async (_, pattern, policy, more) => {
    const { missed, missedUnreported, gaps } = await run(pattern, policy, more);
    expect(missed).toBeGreaterThan(100);
    expect(missedUnreported).toBe(0);
    expect(gaps).toBeGreaterThan(0);
  });
});

test('recovery brings back what an hour without the API missed', async () => {
  const { scrolledPast, recovered, missed } = await run(API_AWAY, DEFAULT_POLICY, {
    recovery: true,
  });
  expect(scrolledPast).toBeGreaterThan(1_000);
  expect(recovered).toBe(scrolledPast);
  expect(missed).toBe(0);
});

test('recovery of one gap does not make the next', async () => {
  const busy = steady(6, 6 * MINUTE_MS, 1).arrivals.map(({ atMs }) => atMs);
  const moment = Array.from({ length: 200 }, (_, index) => 3.1 * MINUTE_MS + index);
  const times = together(busy, moment);
  const pattern = patternOf('busy, with a moment of 200', 6 * MINUTE_MS, times, 1);
  const alone = await run(pattern, DEFAULT_POLICY);
  const { missed, scrolledPast, gaps } = await run(pattern, DEFAULT_POLICY, { recovery: true });
  expect([alone.gaps, gaps]).toEqual([1, 1]);
  expect(missed).toBe(0);
  // Times are whole seconds: a sweep may find some of the gap's last one before a poll does.
  expect(scrolledPast).toBeLessThanOrEqual(alone.scrolledPast + 6);
});

test('a search of many groups leaves the budget to polls while the account is busy, and ends after', async () => {
  const pattern = leapInManyGroups(40, 1);
  const alone = await run(pattern, DEFAULT_POLICY);
  const { missed, scrolledPast, gaps, busiestMinute } = await run(pattern, DEFAULT_POLICY, {
    recovery: true,
  });
  expect([alone.gaps, gaps]).toEqual([1, 1]);
  // Times are whole seconds: a sweep may find some of the gap's last one before a poll does.
  expect(scrolledPast).toBeLessThanOrEqual(alone.scrolledPast + 60);
  expect(missed).toBe(0);
  expect(busiestMinute).toBeLessThanOrEqual(BUDGET.requestsPerWindow);
});

test.each([
  ['the default policy', DEFAULT_POLICY, 10_000],
  ['a fixed interval', fixedInterval(60_000), 60_000],
])(
  'by %s an account where nothing happens is polled at the interval',
  async (_, policy, everyMs) => {
    const { polls, requests, lengthMs } = await run(patternOf('nothing', HOUR_MS, [], 1), policy);
    const times = polls.map(({ atMs }) => atMs);
    // The first window ever is all new.
    const settled = times.filter((atMs) => atMs > 2 * MINUTE_MS);
    const spacings = settled.slice(1).map((atMs, index) => atMs - (settled[index] ?? 0));
    expect(new Set(spacings)).toEqual(new Set([everyMs]));
    expect(settled).toHaveLength((lengthMs - 2 * MINUTE_MS) / everyMs);
    expect(requests).toBe(times.length);
  },
);

test('the same simulation gives the same run', async () => {
  const simulation = { ...BUDGET, recovery: true };
  const [one, other] = [
    await run(hourAway('API', 3), fixedInterval(15_000), simulation),
    await run(hourAway('API', 3), fixedInterval(15_000), simulation),
  ];
  expect(one.recovered).toBeGreaterThan(0);
  expect(one.polls).toEqual(other.polls);
  expect([...one.queuedAtMs]).toEqual([...other.queuedAtMs]);
  expect([...one.recoveredAtMs]).toEqual([...other.recoveredAtMs]);
});
