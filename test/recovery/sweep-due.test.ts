import { expect, test } from 'vitest';
import type { SweepScope } from '../../src/recovery/sweep.ts';
import { sweepDue, type SweepSituation } from '../../src/recovery/sweep-due.ts';

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
  ['nothing is due while all is calm', {}, null],
  ['a new gap is due at once', { openGaps: [gapFound(1_000)] }, GAPS],
  [
    'a gap that was found while a sweep went on is due at once',
    { openGaps: [gapFound(MINUTE)], triedAtMs: NOW_MS - 2 * MINUTE },
    GAPS,
  ],
  [
    'a gap that a sweep left open waits ten minutes',
    { openGaps: [gapFound(HOUR)], triedAtMs: NOW_MS - 9 * MINUTE },
    null,
  ],
  ['and is then due again', { openGaps: [gapFound(HOUR)], triedAtMs: NOW_MS - 10 * MINUTE }, GAPS],
  ['a gap is due where no sweep ever was', { openGaps: [gapFound(HOUR)], triedAtMs: null }, GAPS],
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
    'the day is due with a new gap, though a sweep was just now',
    {
      openGaps: [gapFound(1_000)],
      sweptAtMs: NOW_MS - 25 * HOUR,
      triedAtMs: NOW_MS - MINUTE,
    },
    { day: { fromMs: NOW_MS - 25 * HOUR, toMs: NOW_MS - 10_000 - 10 * MINUTE } },
  ],
  [
    'times that a clock far ahead has left count as none',
    {
      openGaps: [gapFound(HOUR)],
      sweptAtMs: NOW_MS + 8_000 * HOUR,
      triedAtMs: NOW_MS + 8_000 * HOUR,
    },
    { day: { fromMs: NOW_MS - 25 * HOUR, toMs: NOW_MS - 10_000 - 10 * MINUTE } },
  ],
  [
    'nothing is due before the first poll',
    { openGaps: [gapFound(HOUR)], sweptAtMs: null, triedAtMs: null, lastPollAtMs: null },
    null,
  ],
])('%s', (_, situation, scope) => {
  expect(sweepDue({ ...CALM, ...situation }, NOW_MS)).toEqual(scope);
});
