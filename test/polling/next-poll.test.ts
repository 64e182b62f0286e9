import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  baseIntervalMs,
  isSaturated,
  mayPollAfterRejection,
  nextPollInMs,
  pollsHaveStopped,
  pollTimes,
  shortestSpacingMs,
  spottedPerMs,
  type PolledWindow,
  type PollSeen,
  type PollTimeSettings,
} from '../../src/polling/next-poll.ts';

const SETTINGS: PollTimeSettings = { intervalMs: 10_000, requestsPerWindow: 50, windowMs: 60_000 };
/** An interval that the budget does not sustain. */
const TIGHT = { ...SETTINGS, intervalMs: 1_000 };
const SHORTEST_MS = 1_223;
const CALM_MS = 1_359;

const polled = (changes: Partial<PolledWindow>): PolledWindow => ({
  windowSize: 100,
  malformed: 0,
  newMentions: 0,
  gap: false,
  sinceLastMs: 10_000,
  spottedPerMs: 0,
  ...changes,
});

describe('the next poll comes', () => {
  test.each<[string, Partial<PolledWindow>, number | null, number]>([
    ['at the base interval: nothing is new', {}, 10_000, 10_000],
    ['at the base interval: few are new', { newMentions: 20 }, 10_000, 10_000],
    ['when a fifth of a window will be new', { newMentions: 40 }, 10_000, 5_000],
    ['sooner while a window is not full', { windowSize: 60, newMentions: 20 }, 10_000, 4_000],
    ['the same at another spacing', { newMentions: 10 }, 2_000, 4_000],
    [
      'as soon as the budget allows: half of the window is new',
      { newMentions: 50 },
      10_000,
      SHORTEST_MS,
    ],
    ['as soon as the budget allows: all of it is new', { newMentions: 100 }, 10_000, SHORTEST_MS],
    [
      'as soon as the budget allows after a gap',
      { newMentions: 100, gap: true },
      3_600_000,
      SHORTEST_MS,
    ],
    [
      'as soon as the budget allows after a gap of few',
      { newMentions: 1, gap: true },
      10_000,
      SHORTEST_MS,
    ],
    ['leaving a tenth of the budget at a high rate', { newMentions: 40 }, 1_500, CALM_MS],
    ['leaving nothing where even that may lose some', { newMentions: 48 }, 1_300, SHORTEST_MS],
    ['later step by step: nothing is new any more', {}, SHORTEST_MS, 2 * SHORTEST_MS],
    ['later, but not too late for the rate', { newMentions: 12 }, 2_000, 3_334],
    ['soon after downtime', { newMentions: 40 }, 3_600_000, 2 * SHORTEST_MS],
    ['soon after downtime without news', {}, 20_001, 2 * SHORTEST_MS],
    ['at the base interval after one that was late', {}, 20_000, 10_000],
    ['soon after the first one', { newMentions: 40 }, null, 2 * SHORTEST_MS],
    ['soon after the first one: an empty window', { windowSize: 0 }, null, 2 * SHORTEST_MS],
    ['at the base interval: still an empty window', { windowSize: 0 }, 10_000, 10_000],
    [
      'soon after an empty window fills',
      { windowSize: 8, newMentions: 8 },
      10_000,
      2 * SHORTEST_MS,
    ],
    [
      'sooner by the times that a window shows after the first one',
      { windowSize: 40, newMentions: 40, spottedPerMs: 0.005 },
      null,
      1_600,
    ],
    [
      'as soon as the budget allows by the times that it shows',
      { windowSize: 40, newMentions: 40, spottedPerMs: 0.04 },
      null,
      SHORTEST_MS,
    ],
    [
      'by the share alone where the rate is known',
      { newMentions: 10, spottedPerMs: 0.04 },
      10_000,
      10_000,
    ],
    [
      'as soon as the budget allows after the first window',
      { newMentions: 100 },
      null,
      SHORTEST_MS,
    ],
    ['the same in an account with few mentions', { windowSize: 60, newMentions: 60 }, null, 1_223],
    ['no sooner than the budget allows: two polls at once', { newMentions: 1 }, 0, SHORTEST_MS],
    ['no sooner than the budget allows: nothing new at once', {}, 0, SHORTEST_MS],
    [
      'sooner where malformed items take up the window',
      { windowSize: 60, malformed: 40, newMentions: 24 },
      10_000,
      5_000,
    ],
    [
      'at the base interval: a window of malformed items shows no rate',
      { windowSize: 0, malformed: 100, gap: true },
      10_000,
      10_000,
    ],
  ])('%s', (_, changes, sinceLastMs, nextMs) => {
    expect(nextPollInMs(polled({ ...changes, sinceLastMs }), SETTINGS)).toBe(nextMs);
  });
});

test.each([
  ['are spread over the slots that are left', 10, SETTINGS, 1_529],
  ['have at least one slot, and come at the base interval at the latest', 60, SETTINGS, 10_000],
  ['do so with a budget of 1', 1, { ...SETTINGS, requestsPerWindow: 1 }, 61_150],
])('the polls of a busy account %s', (_, slotsOfOthers, settings, nextMs) => {
  const allNew = polled({ newMentions: 100, sinceLastMs: 2_000 });
  expect(nextPollInMs(allNew, settings, slotsOfOthers)).toBe(nextMs);
});

test('another target is another share of the window', () => {
  const half = { ...SETTINGS, targetShare: 0.5 };
  expect(nextPollInMs(polled({ newMentions: 40, sinceLastMs: 6_000 }), half)).toBe(7_500);
});

test('other requests do not change the polls of a calm account', () => {
  expect(nextPollInMs(polled({ newMentions: 10 }), SETTINGS, 10)).toBe(10_000);
});

describe('the spacing', () => {
  test.each([
    ['the default budget', 50, 10_000, SHORTEST_MS, 10_000],
    ['an interval that the budget can not hold', 50, 1_000, SHORTEST_MS, CALM_MS],
    ['the whole budget', 60, 1_000, 1_020, 1_134],
    ['a budget of 1', 1, 10_000, 61_150, 67_945],
    ['a budget of 2', 2, 10_000, 30_575, 33_973],
    ['a budget of 6', 6, 10_000, 10_192, 11_325],
    ['a small budget and a long interval', 1, 300_000, 61_150, 300_000],
  ])('of %s', (_, requestsPerWindow, intervalMs, shortestMs, baseMs) => {
    const settings = { ...SETTINGS, requestsPerWindow, intervalMs };
    expect(shortestSpacingMs(settings)).toBe(shortestMs);
    expect(baseIntervalMs(settings)).toBe(baseMs);
  });
});

const anySettings: fc.Arbitrary<PollTimeSettings> = fc.record({
  intervalMs: fc.integer({ min: 1_000, max: 86_400_000 }),
  requestsPerWindow: fc.integer({ min: 1, max: 60 }),
  windowMs: fc.constant(60_000),
});
const anyPolled: fc.Arbitrary<PolledWindow> = fc.record({
  windowSize: fc.integer({ min: 0, max: 200 }),
  malformed: fc.integer({ min: 0, max: 200 }),
  newMentions: fc.integer({ min: 0, max: 200 }),
  gap: fc.boolean(),
  // Negative after a clock went back.
  sinceLastMs: fc.option(fc.integer({ min: -1_000, max: 1_000_000_000 })),
  spottedPerMs: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('whatever a poll saw, the next one comes', () => {
  test('between the shortest spacing and the base interval', () => {
    fc.assert(
      fc.property(anyPolled, anySettings, fc.nat(80), (window, settings, others) => {
        const nextMs = nextPollInMs(window, settings, others);
        expect(Number.isInteger(nextMs)).toBe(true);
        expect(nextMs).toBeGreaterThanOrEqual(shortestSpacingMs(settings));
        expect(nextMs).toBeLessThanOrEqual(baseIntervalMs(settings));
      }),
    );
  });

  test('no later if more was new', () => {
    fc.assert(
      fc.property(anyPolled, fc.nat(100), anySettings, (window, more, settings) => {
        const busier = { ...window, newMentions: window.newMentions + more };
        expect(nextPollInMs(busier, settings)).toBeLessThanOrEqual(nextPollInMs(window, settings));
      }),
    );
  });

  test('after at most twice the last time', () => {
    fc.assert(
      fc.property(anyPolled, fc.nat(100_000), anySettings, (window, sinceLastMs, settings) => {
        expect(nextPollInMs({ ...window, sinceLastMs }, settings)).toBeLessThanOrEqual(
          Math.max(2 * sinceLastMs, shortestSpacingMs(settings)),
        );
      }),
    );
  });

  test('polls at the shortest spacing fit into the budget, answers of a second too', () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const { requestsPerWindow, windowMs } = settings;
        const allPollsMs = requestsPerWindow * shortestSpacingMs(settings);
        expect(allPollsMs).toBeGreaterThanOrEqual(windowMs + 150 + 1_000);
      }),
    );
  });
});

describe('an extra poll', () => {
  test.each<[string, PollSeen, number | null, PollTimeSettings, number | null]>([
    ['is not needed for a calm account', polled({ newMentions: 1 }), null, SETTINGS, null],
    ['is needed if the next poll comes sooner', polled({ newMentions: 40 }), null, SETTINGS, 5_000],
    [
      'is always needed if a refused scheduled poll would cost too much',
      polled({ sinceLastMs: CALM_MS }),
      null,
      TIGHT,
      CALM_MS,
    ],
    ['is not needed after a failure of a calm account', 'failed', null, SETTINGS, null],
    ['comes at twice the last delay after one', 'failed', SHORTEST_MS, SETTINGS, 2 * SHORTEST_MS],
    ['comes later after another', 'failed', 2 * SHORTEST_MS, SETTINGS, 4 * SHORTEST_MS],
    ['is left to the schedule if that is no later', 'failed', 5_000, SETTINGS, null],
    [
      'comes before a distant scheduled poll',
      'failed',
      20_000,
      { ...SETTINGS, intervalMs: 3_600_000 },
      40_000,
    ],
    ['comes no sooner than the budget allows', 'failed', 100, SETTINGS, SHORTEST_MS],
    ['comes if a scheduled poll may be refused', 'failed', CALM_MS, TIGHT, CALM_MS],
    ['comes then in calm, too', 'failed', null, TIGHT, CALM_MS],
    ['does not come after a rejected key', 'key-rejected', SHORTEST_MS, TIGHT, null],
  ])('%s', (_, seen, lastDelayMs, settings, nextMs) => {
    const circumstances = { lastDelayMs, slotsOfOthers: 0 };
    expect(pollTimes(settings).nextExtraInMs(seen, circumstances)).toBe(nextMs);
  });

  test('leaves room for the slots of others', () => {
    const circumstances = { lastDelayMs: null, slotsOfOthers: 10 };
    const allNew = polled({ newMentions: 100 });
    expect(pollTimes(SETTINGS).nextExtraInMs(allNew, circumstances)).toBe(1_529);
  });
});

test.each([
  ['scheduled', SETTINGS, SHORTEST_MS],
  ['extra', SETTINGS, 0.9 * SHORTEST_MS],
  ['scheduled', { ...SETTINGS, requestsPerWindow: 1 }, 61_150],
] as const)('the least time before a poll that is %s', (kind, settings, spacingMs) => {
  expect(pollTimes(settings).minSpacingMs(kind)).toBe(spacingMs);
});

test.each<[string, readonly (number | null)[], number]>([
  ['none', [], 0],
  ['too few for a rate', [1_000, 2_000, 3_000, 4_000], 0],
  ['five in one second', [9_000, 9_000, 9_000, 9_000, 9_000], 0.005],
  ['some without a time', [9_000, null, 9_000, 9_000, null, 9_000, 9_000], 0.005],
  ['one a second, in any order', [7_000, 3_000, 6_000, 4_000, 5_000], 0.001],
  ['old ones, and many just now', [0, 10, 20, 9e8, 9e8, 9e8, 9e8, 9e8, 9e8 + 1_000], 0.003],
])('the rate at which mentions were spotted: %s', (_, timesMs, perMs) => {
  expect(spottedPerMs(timesMs.map((spottedAtMs) => ({ spottedAtMs })))).toBeCloseTo(perMs, 6);
});

test.each([
  ['the key was never rejected', null, true],
  ['almost 5 minutes ago', 299_999, false],
  ['5 minutes ago', 300_000, true],
])('a poll after a rejected key: %s', (_, sinceRejectedMs, may) => {
  expect(mayPollAfterRejection(sinceRejectedMs)).toBe(may);
});

test.each([
  ['a poll just now', 0, 10_000, false],
  ['two intervals and a moment ago', 25_000, 10_000, false],
  ['longer ago', 25_001, 10_000, true],
  ['a short interval has the same moment', 5_200, 100, false],
  ['no poll is known', null, 10_000, true],
  ['in the future, within the jitter of clocks', -1_000, 10_000, false],
  ['further in the future: the clock went back', -1_001, 10_000, true],
])('polls have stopped or not: %s', (_case, sinceMs, intervalMs, stopped) => {
  expect(pollsHaveStopped(sinceMs, intervalMs)).toBe(stopped);
});

test.each<[string, Partial<PolledWindow>, boolean]>([
  ['half of a full window is new', { newMentions: 50 }, true],
  ['less than half is new', { newMentions: 49 }, false],
  ['all but one are new', { newMentions: 99 }, true],
  ['a gap is reported as a gap', { newMentions: 100, gap: true }, false],
  ['the window is not full', { windowSize: 99, newMentions: 99 }, false],
  ['it is full with unreadable items', { windowSize: 60, malformed: 40, newMentions: 30 }, true],
  ['nothing in it is readable', { windowSize: 0, malformed: 100 }, false],
])('a saturated window: %s', (_, changes, saturated) => {
  expect(isSaturated(polled(changes))).toBe(saturated);
});

test.each<[string, Partial<PolledWindow>, boolean]>([
  ['nothing is new', {}, false],
  ['less than a fifth is new', { newMentions: 19 }, false],
  ['a fifth is new', { newMentions: 20 }, true],
  ['all of it is new', { newMentions: 100 }, true],
  ['a gap', { newMentions: 100, gap: true }, true],
  ['a gap without a readable item', { windowSize: 0, malformed: 100, gap: true }, true],
  ['a fifth of the readable items', { windowSize: 60, malformed: 40, newMentions: 12 }, true],
  ['a few in an account with few mentions', { windowSize: 10, newMentions: 10 }, false],
])('a busy account: %s', (_, changes, busy) => {
  expect(pollTimes(SETTINGS).isBusy(polled(changes))).toBe(busy);
});
