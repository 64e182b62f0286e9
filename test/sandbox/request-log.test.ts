import { array, assert, integer, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createRequestLog,
  createRollingCount,
  type RollingCount,
} from '../../src/sandbox/request-log.ts';

test.each<[string, number[], (number | null)[]]>([
  ['allows three at once', [0, 0, 0], [null, null, null]],
  ['refuses a fourth after 999 ms', [0, 0, 0, 999], [null, null, null, 1]],
  ['allows a fourth after 1000 ms', [0, 0, 0, 1000], [null, null, null, null]],
  [
    'counts refused ones, so that hammering never gets through',
    [0, 0, 0, 600, 700, 800, 1200],
    [null, null, null, 400, 300, 800, 500],
  ],
  ['allows one for each that leaves', [0, 400, 800, 1000, 1399], [null, null, null, null, 401]],
])('a limit of 3 requests in 1000 ms %s', (_, atMs, waitsMs) => {
  let nowMs = 0;
  const log = createRequestLog(3, 1000, () => nowMs);
  const waits = atMs.map((time) => {
    nowMs = time;
    return log.waitMs(log.arrive('/account/info').atMs);
  });
  expect(waits).toEqual(waitsMs);
});

test('a request has no status before its answer', () => {
  const log = createRequestLog(3, 1000, () => 42);
  const { answered } = log.arrive('/account/info');
  const before = log.requests();
  answered(200);
  expect(before).toEqual([{ atMs: 42, endpoint: '/account/info', status: null }]);
  expect(log.requests()).toEqual([{ atMs: 42, endpoint: '/account/info', status: 200 }]);
});

test('a long path is cut', () => {
  const log = createRequestLog(3, 1000, () => 0);
  log.arrive(`/${'x'.repeat(10_000)}`);
  expect(log.requests()[0]?.endpoint).toHaveLength(100);
});

function countOf(arrivalsMs: readonly number[], keepAtMost?: number): RollingCount {
  const count = createRollingCount(keepAtMost);
  for (const atMs of arrivalsMs) count.add(atMs);
  return count;
}

describe('the busiest window of 1000 ms', () => {
  test.each([
    ['without arrivals', [], 0],
    ['with one arrival', [5], 1],
    ['holds two that are 999 ms apart', [0, 999], 2],
    ['does not hold two that are 1000 ms apart', [0, 1000], 1],
    ['distinguishes fractions of a millisecond', [0.5, 1000.4], 2],
    ['counts arrivals of the same instant each', [7, 7, 7], 3],
    ['crosses calendar windows', [0, 600, 700, 800, 900, 1000, 1100, 1599, 1600], 7],
    ['may lie before a quiet time', [0, 1, 2, 5000, 9000, 13_000], 3],
    ['orders arrivals if the clock was set back', [5000, 5100, 100, 5200, 200], 3],
  ])('%s', (_, arrivalsMs, max) => {
    expect(countOf(arrivalsMs).busiest(1000)).toBe(max);
  });

  test('is the one that counting from every arrival finds', () => {
    assert(
      property(array(nat(5000)), integer({ min: 1, max: 3000 }), (arrivals, windowMs) => {
        const counts = arrivals.map(
          (start) => arrivals.filter((at) => at >= start && at < start + windowMs).length,
        );
        expect(countOf(arrivals).busiest(windowMs)).toBe(Math.max(0, ...counts));
      }),
    );
  });
});

test.each([
  ['an arrival of this instant', [2000], 1],
  ['one of 999 ms ago', [1001], 1],
  ['not one of 1000 ms ago', [1000], 0],
  ['one from the future, if the clock was set back', [9000, 2000], 2],
])('the window of 1000 ms that ends at 2000 holds %s', (_, arrivalsMs, held) => {
  expect(countOf(arrivalsMs).within(1000, 2000)).toBe(held);
});

test.each([
  ['now without arrivals', [], 500],
  ['now with one in the window', [100], 500],
  ['when the older of two leaves', [100, 400], 1100],
  ['later if more arrived in excess', [100, 400, 450], 1400],
])('with a limit of 2 in 1000 ms one more is allowed %s', (_, arrivalsMs, freeAtMs) => {
  const count = countOf(arrivalsMs);
  expect(count.freeAtMs(2, 1000, 500)).toBe(freeAtMs);
  expect(count.within(1000, freeAtMs)).toBeLessThan(2);
});

test('a limit of 0 allows none for a whole window', () => {
  expect(countOf([]).freeAtMs(0, 1000, 500)).toBe(1500);
});

test('only the newest arrivals are kept', () => {
  const arrivalsMs = Array.from({ length: 1000 }, (_, index) => index);
  const kept = countOf(arrivalsMs, 100).within(10_000, 999);
  expect(kept).toBeGreaterThanOrEqual(100);
  expect(kept).toBeLessThanOrEqual(110);
});
