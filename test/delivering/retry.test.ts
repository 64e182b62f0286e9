import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryDelayMs } from '../../src/delivering/deliver.ts';

const SCHEDULE_MS = [5_000, 30_000, 120_000];
const ALMOST_ONE = 1 - Number.EPSILON;

describe('the delay before the next attempt', () => {
  test.each<[string, number, number, number | null]>([
    ['is the first of the schedule after the first attempt', 1, 0.5, 5_000],
    ['is the second after the second', 2, 0.5, 30_000],
    ['is the last after as many attempts as there are delays', 3, 0.5, 120_000],
    ['is none when the schedule has run out', 4, 0.5, null],
    ['is none long after the schedule has run out', 400, 0.5, null],
    ['is at least a fifth shorter', 1, 0, 4_000],
    ['is at most a fifth longer', 1, ALMOST_ONE, 6_000],
  ])('%s', (_, attempt, random, expected) => {
    expect(retryDelayMs(SCHEDULE_MS, attempt, random)).toBe(expected);
  });

  test('is none from the start where there is no schedule', () => {
    expect(retryDelayMs([], 1, 0.5)).toBeNull();
  });

  test('is nothing, which is not none, where the schedule says 0', () => {
    expect(retryDelayMs([0], 1, 0.5)).toBe(0);
  });

  test('is always a whole number within a fifth of the schedule', () => {
    const schedule = fc.array(fc.integer({ min: 0, max: 7 * 86_400_000 }), { minLength: 1 });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(schedule, random, (scheduleMs, chance) => {
        for (const [index, delayMs] of scheduleMs.entries()) {
          const actualMs = retryDelayMs(scheduleMs, index + 1, chance);
          if (actualMs === null) throw new Error('The schedule had run out.');
          expect(Number.isSafeInteger(actualMs)).toBe(true);
          expect(actualMs).toBeGreaterThanOrEqual(Math.round(delayMs * 0.8));
          expect(actualMs).toBeLessThanOrEqual(Math.round(delayMs * 1.2));
        }
      }),
    );
  });
});
