import { array, assert, integer, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRollingCount, type RollingCount } from '../../src/sandbox/request-log.ts';

function countOf(arrivalsMs: readonly number[], keepAtMost?: number): RollingCount {
  const count = createRollingCount(keepAtMost);
  for (const atMs of arrivalsMs) count.add(atMs);
  return count;
}

describe('the busiest window of 1000 ms', () => {
  test.each([
    { name: 'holds none of no arrivals', arrivalsMs: [], most: 0 },
    { name: 'holds one of one', arrivalsMs: [5], most: 1 },
    { name: 'holds two that are 999 ms apart', arrivalsMs: [0, 999], most: 2 },
    { name: 'does not hold two that are 1000 ms apart', arrivalsMs: [0, 1000], most: 1 },
    { name: 'tells fractions of a millisecond', arrivalsMs: [0.5, 1000.4], most: 2 },
    { name: 'counts arrivals of the same instant each', arrivalsMs: [7, 7, 7], most: 3 },
    {
      name: 'finds the burst across the border of two calendar windows',
      arrivalsMs: [0, 600, 700, 800, 900, 1000, 1100, 1599, 1600],
      most: 7,
    },
    {
      name: 'finds a burst before a quiet time',
      arrivalsMs: [0, 1, 2, 5000, 9000, 13_000],
      most: 3,
    },
    {
      name: 'orders arrivals when the clock was set back',
      arrivalsMs: [5000, 5100, 100, 5200, 200],
      most: 3,
    },
  ])('$name', ({ arrivalsMs, most }) => {
    expect(countOf(arrivalsMs).busiest(1000)).toBe(most);
  });

  test('is what counting from every arrival finds', () => {
    assert(
      property(array(nat(5000)), integer({ min: 1, max: 3000 }), (arrivals, windowMs) => {
        const most = arrivals.map(
          (start) => arrivals.filter((at) => at >= start && at < start + windowMs).length,
        );
        expect(countOf(arrivals).busiest(windowMs)).toBe(Math.max(0, ...most));
      }),
    );
  });
});

describe('the window that ends now', () => {
  test.each([
    { name: 'holds an arrival of this instant', nowMs: 2000, held: 1, arrivalsMs: [2000] },
    { name: 'holds one of 999 ms ago', nowMs: 2000, held: 1, arrivalsMs: [1001] },
    { name: 'no longer holds one of 1000 ms ago', nowMs: 2000, held: 0, arrivalsMs: [1000] },
    {
      name: 'holds one from ahead, after the clock was set back',
      nowMs: 2000,
      held: 2,
      arrivalsMs: [9000, 2000],
    },
  ])('$name', ({ arrivalsMs, nowMs, held }) => {
    expect(countOf(arrivalsMs).within(1000, nowMs)).toBe(held);
  });
});

describe('the time at which one more is allowed, with a limit of 2 in 1000 ms', () => {
  test.each([
    { name: 'is now where nothing arrived', arrivalsMs: [], freeAtMs: 500 },
    { name: 'is now with one in the window', arrivalsMs: [100], freeAtMs: 500 },
    { name: 'is when the older of two leaves', arrivalsMs: [100, 400], freeAtMs: 1100 },
    { name: 'is later the more arrived in excess', arrivalsMs: [100, 400, 450], freeAtMs: 1400 },
  ])('$name', ({ arrivalsMs, freeAtMs }) => {
    const count = countOf(arrivalsMs);
    expect(count.freeAtMs(2, 1000, 500)).toBe(freeAtMs);
    expect(count.within(1000, freeAtMs)).toBeLessThan(2);
  });

  test('is a whole window away where nothing is ever allowed', () => {
    expect(countOf([]).freeAtMs(0, 1000, 500)).toBe(1500);
  });
});

test('Only the newest arrivals are kept', () => {
  const arrivalsMs = Array.from({ length: 1000 }, (_, index) => index);
  const kept = countOf(arrivalsMs, 100).within(10_000, 999);
  expect(kept).toBeGreaterThanOrEqual(100);
  expect(kept).toBeLessThanOrEqual(110);
});
