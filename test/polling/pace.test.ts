import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  baseIntervalMs,
  isBusy,
  isSaturated,
  minSpacingMs,
  nextPollInMs,
  pollAfterFailureInMs,
  pollBetweenInMs,
  shortestSpacingMs,
  type PaceSettings,
  type PolledWindow,
} from '../../src/polling/poll-times.ts';

const SETTINGS: PaceSettings = { intervalMs: 10_000, requestsPerWindow: 50, windowMs: 60_000 };
const SHORTEST_MS = 1_223;
const CALM_MS = 1_359;

const polled = (changes: Partial<PolledWindow>): PolledWindow => ({
  windowSize: 100,
  malformed: 0,
  newMentions: 0,
  gap: false,
  ...changes,
});

describe('the next poll is due', () => {
  test.each<[string, Partial<PolledWindow>, number | null, number]>([
    ['at the base interval: nothing is new', {}, 10_000, 10_000],
    ['at the base interval: few are new', { newMentions: 20 }, 10_000, 10_000],
    ['when a fifth of a window will be new', { newMentions: 40 }, 10_000, 5_000],
    ['the same at another spacing', { newMentions: 10 }, 2_000, 4_000],
    ['as soon as may be: half of the window is new', { newMentions: 50 }, 10_000, SHORTEST_MS],
    ['as soon as may be: all of it is new', { newMentions: 100 }, 10_000, SHORTEST_MS],
    ['as soon as may be after a gap', { newMentions: 100, gap: true }, 3_600_000, SHORTEST_MS],
    ['as soon as may be after a gap of few', { newMentions: 1, gap: true }, 10_000, SHORTEST_MS],
    ['leaving a tenth of the budget at a high rate', { newMentions: 40 }, 1_500, CALM_MS],
    ['leaving nothing where even that may lose some', { newMentions: 48 }, 1_300, SHORTEST_MS],
    ['later step by step: nothing is new any more', {}, SHORTEST_MS, 2 * SHORTEST_MS],
    ['later, but not too late for the rate', { newMentions: 12 }, 2_000, 3_334],
    ['at the base interval after a calm outage', { newMentions: 40 }, 3_600_000, 10_000],
    ['by the base interval where the time is not known', { newMentions: 40 }, null, 5_000],
    ['at the base interval: no time is known, nothing new', {}, null, 10_000],
    ['as soon as may be after the first window', { newMentions: 100 }, null, SHORTEST_MS],
    ['the same in an account with few mentions', { windowSize: 60, newMentions: 60 }, null, 1_223],
    ['no sooner than may be: two polls at once', { newMentions: 1 }, 0, SHORTEST_MS],
    ['no sooner than may be: nothing new at once', {}, 0, SHORTEST_MS],
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
  ])('%s', (_, changes, sinceLastPollMs, dueInMs) => {
    expect(nextPollInMs(polled(changes), sinceLastPollMs, SETTINGS)).toBe(dueInMs);
  });
});

test.each([
  ['spread over the slots that are left', 10, SETTINGS, 1_529],
  ['over one at the least, but not beyond the base interval', 60, SETTINGS, 10_000],
  ['the same of a budget of 1', 1, { ...SETTINGS, requestsPerWindow: 1 }, 61_150],
])('polls that are due as soon as may be are %s', (_, slotsOfOthers, settings, dueInMs) => {
  const allNew = polled({ newMentions: 100 });
  expect(nextPollInMs(allNew, 2_000, settings, slotsOfOthers)).toBe(dueInMs);
});

test('another target is another share of the window', () => {
  const half = { ...SETTINGS, targetShare: 0.5 };
  expect(nextPollInMs(polled({ newMentions: 40 }), 6_000, half)).toBe(7_500);
});

test('requests of others change nothing for an account that is calm', () => {
  expect(nextPollInMs(polled({ newMentions: 10 }), 10_000, SETTINGS, 10)).toBe(10_000);
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

const anySettings: fc.Arbitrary<PaceSettings> = fc.record({
  intervalMs: fc.integer({ min: 1_000, max: 86_400_000 }),
  requestsPerWindow: fc.integer({ min: 1, max: 60 }),
  windowMs: fc.constant(60_000),
});
const anyPolled: fc.Arbitrary<PolledWindow> = fc.record({
  windowSize: fc.integer({ min: 0, max: 200 }),
  malformed: fc.integer({ min: 0, max: 200 }),
  newMentions: fc.integer({ min: 0, max: 200 }),
  gap: fc.boolean(),
});
// A clock that is set back gives a time below nought.
const anySince = fc.option(fc.integer({ min: -1_000, max: 1_000_000_000 }));

describe('whatever a poll saw', () => {
  test('the next one is due between the shortest spacing and the base interval', () => {
    fc.assert(
      fc.property(
        anyPolled,
        anySince,
        anySettings,
        fc.nat(80),
        (window, since, settings, others) => {
          const dueInMs = nextPollInMs(window, since, settings, others);
          expect(Number.isInteger(dueInMs)).toBe(true);
          expect(dueInMs).toBeGreaterThanOrEqual(shortestSpacingMs(settings));
          expect(dueInMs).toBeLessThanOrEqual(baseIntervalMs(settings));
        },
      ),
    );
  });

  test('it is never later when more was new', () => {
    fc.assert(
      fc.property(
        anyPolled,
        fc.nat(100),
        anySince,
        anySettings,
        (window, more, since, settings) => {
          const busier = { ...window, newMentions: window.newMentions + more };
          expect(nextPollInMs(busier, since, settings)).toBeLessThanOrEqual(
            nextPollInMs(window, since, settings),
          );
        },
      ),
    );
  });

  test('it is at most twice as far away as the last one was', () => {
    fc.assert(
      fc.property(anyPolled, fc.nat(100_000), anySettings, (window, sinceMs, settings) => {
        expect(nextPollInMs(window, sinceMs, settings)).toBeLessThanOrEqual(
          Math.max(2 * sinceMs, shortestSpacingMs(settings)),
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

test.each<[string, Partial<PolledWindow>, boolean]>([
  ['half of a full window is new', { newMentions: 50 }, true],
  ['less than half is new', { newMentions: 49 }, false],
  ['all but one are new', { newMentions: 99 }, true],
  ['a gap is told as that', { newMentions: 100, gap: true }, false],
  ['the window is not full', { windowSize: 99, newMentions: 99 }, false],
  [
    'it is full with what could not be read',
    { windowSize: 60, malformed: 40, newMentions: 30 },
    true,
  ],
  ['nothing in it could be read', { windowSize: 0, malformed: 100 }, false],
])('saturated: %s', (_, changes, saturated) => {
  expect(isSaturated(polled(changes))).toBe(saturated);
});

test.each<[string, number | null, PaceSettings, number | null]>([
  ['at the heartbeat where the account is calm', null, SETTINGS, null],
  ['at twice the last pace of a busy one', SHORTEST_MS, SETTINGS, 2 * SHORTEST_MS],
  ['later after one more failure', 2 * SHORTEST_MS, SETTINGS, 4 * SHORTEST_MS],
  ['at the heartbeat where that is no later', 5_000, SETTINGS, null],
  ['before a heartbeat that is far away', 20_000, { ...SETTINGS, intervalMs: 3_600_000 }, 40_000],
  ['no sooner than the budget can hold', 100, SETTINGS, SHORTEST_MS],
  ['where a heartbeat may be left out', CALM_MS, { ...SETTINGS, intervalMs: 1_000 }, CALM_MS],
  ['there in calm, too', null, { ...SETTINGS, intervalMs: 1_000 }, CALM_MS],
])('after a poll that failed the next one comes %s', (_, lastPaceMs, settings, dueInMs) => {
  expect(pollAfterFailureInMs(lastPaceMs, settings)).toBe(dueInMs);
});

test.each<[string, Partial<PolledWindow>, boolean]>([
  ['nothing is new', {}, false],
  ['less than a fifth is new', { newMentions: 19 }, false],
  ['a fifth is new', { newMentions: 20 }, true],
  ['all of it is new', { newMentions: 100 }, true],
  ['a gap', { newMentions: 100, gap: true }, true],
  ['a gap of which nothing could be read', { windowSize: 0, malformed: 100, gap: true }, true],
  ['a fifth of what could be read', { windowSize: 60, malformed: 40, newMentions: 12 }, true],
  ['a few in an account with few mentions', { windowSize: 10, newMentions: 10 }, false],
])('busy: %s', (_, changes, busy) => {
  expect(isBusy(polled(changes))).toBe(busy);
});

describe('one more poll before the heartbeat', () => {
  test('is not asked for while the account is calm', () => {
    expect(pollBetweenInMs(polled({ newMentions: 1 }), 10_000, SETTINGS)).toBeNull();
  });

  test('is asked for when it has to come sooner', () => {
    expect(pollBetweenInMs(polled({ newMentions: 40 }), 10_000, SETTINGS)).toBe(
      nextPollInMs(polled({ newMentions: 40 }), 10_000, SETTINGS),
    );
  });

  test('is always asked for where a heartbeat that is left out would be too late', () => {
    const tight = { ...SETTINGS, intervalMs: 1_000 };
    expect(pollBetweenInMs(polled({}), 1_359, tight)).toBe(baseIntervalMs(tight));
  });

  test('may begin a little sooner than a heartbeat may', () => {
    const pauses = (['heartbeat', 'between'] as const).map((turn) => minSpacingMs(SETTINGS, turn));
    expect(pauses).toEqual([SHORTEST_MS, 0.9 * SHORTEST_MS]);
  });
});
