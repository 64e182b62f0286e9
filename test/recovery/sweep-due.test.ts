import { expect, test } from 'vitest';
import type { SweepScope } from '../../src/recovery/sweep.ts';
import {
  sweepAfterPauseInMs,
  sweepDue,
  type SweepSituation,
} from '../../src/recovery/sweep-due.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW_MS = 1_700_000_000_000;
const gapFound = (agoMs: number) => ({ fromMs: 1, toMs: 2, foundAtMs: NOW_MS - agoMs });
const CALM: SweepSituation = {
  openGaps: [],
  lastPollAtMs: NOW_MS - 10_000,
  sweptAtMs: NOW_MS - 5 * HOUR,
  triedAtMs: NOW_MS - 5 * HOUR,
};
const GAPS: SweepScope = { day: null };

test.each<[string, Partial<SweepSituation>, SweepScope | null]>([
  ['nothing is due without a gap', {}, null],
  ['a new gap is due at once', { openGaps: [gapFound(1_000)] }, GAPS],
  [
    'a gap that was found during a sweep is due at once',
    { openGaps: [gapFound(MINUTE)], triedAtMs: NOW_MS - 2 * MINUTE },
    GAPS,
  ],
  [
    'a gap that a sweep left open waits ten minutes',
    { openGaps: [gapFound(HOUR)], triedAtMs: NOW_MS - 9 * MINUTE },
    null,
  ],
  ['and is then due again', { openGaps: [gapFound(HOUR)], triedAtMs: NOW_MS - 10 * MINUTE }, GAPS],
  [
    'a gap is due if there was no sweep before',
    { openGaps: [gapFound(HOUR)], triedAtMs: null },
    GAPS,
  ],
  [
    'the day is due after a day, until ten minutes before the last poll',
    { sweptAtMs: NOW_MS - 24 * HOUR },
    { day: { fromMs: NOW_MS - 25 * HOUR, toMs: NOW_MS - 10_000 - 10 * MINUTE } },
  ],
  [
    'a sweep of the day that failed waits ten minutes',
    { sweptAtMs: NOW_MS - 25 * HOUR, triedAtMs: NOW_MS - 9 * MINUTE },
    null,
  ],
  [
    'the day is due with a new gap, right after another sweep',
    {
      openGaps: [gapFound(1_000)],
      sweptAtMs: NOW_MS - 25 * HOUR,
      triedAtMs: NOW_MS - MINUTE,
    },
    { day: { fromMs: NOW_MS - 25 * HOUR, toMs: NOW_MS - 10_000 - 10 * MINUTE } },
  ],
  [
    'times in the future, from a wrong clock, do not count',
    {
      openGaps: [gapFound(HOUR)],
      sweptAtMs: NOW_MS + 8_000 * HOUR,
      triedAtMs: NOW_MS + 8_000 * HOUR,
    },
    { day: { fromMs: NOW_MS - 25 * HOUR, toMs: NOW_MS - 10_000 - 10 * MINUTE } },
  ],
  [
    'a gap in the future, from a wrong clock, waits ten minutes as any other',
    { openGaps: [gapFound(-HOUR)], triedAtMs: NOW_MS - 9 * MINUTE },
    null,
  ],
  [
    'the day ends now at the latest',
    { sweptAtMs: NOW_MS - 24 * HOUR, lastPollAtMs: NOW_MS + HOUR },
    { day: { fromMs: NOW_MS - 25 * HOUR, toMs: NOW_MS - 10 * MINUTE } },
  ],
  [
    'nothing is due before the first poll',
    { openGaps: [gapFound(HOUR)], sweptAtMs: null, triedAtMs: null, lastPollAtMs: null },
    null,
  ],
])('%s', (_, situation, scope) => {
  expect(sweepDue({ ...CALM, ...situation }, NOW_MS)).toEqual(scope);
});

test.each<[string, number | null, number | null]>([
  ['the first poll', null, null],
  ['a pause of 10 minutes', 10 * MINUTE, null],
  ['a longer pause', 10 * MINUTE + 1, 15 * MINUTE],
])('a sweep after %s', (_, sinceLastMs, inMs) => {
  expect(sweepAfterPauseInMs(sinceLastMs)).toBe(inMs);
});
