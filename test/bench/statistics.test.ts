import { describe, expect, test } from 'vitest';
import { median, pairedRatios, quantile, sustainedPerSecond } from './statistics.ts';

describe('a quantile', () => {
  test.each([
    { values: [7], share: 0.5, is: 7 },
    { values: [3, 1, 2], share: 0.5, is: 2 },
    { values: [4, 1, 2, 3], share: 0.5, is: 2.5 },
    { values: [10, 2, 30], share: 0, is: 2 },
    { values: [10, 2, 30], share: 1, is: 30 },
    { values: [0, 100], share: 0.99, is: 99 },
  ])('of $values at $share is $is', ({ values, share, is }) => {
    expect(quantile(values, share)).toBeCloseTo(is, 10);
  });

  test('of nothing is refused', () => {
    expect(() => median([])).toThrow(RangeError);
  });

  test('leaves what it was given in its order', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('ratios', () => {
  test('are taken pair by pair: a machine that halves its speed changes none of them', () => {
    expect(median(pairedRatios([80, 40, 80, 40, 40], [100, 50, 100, 50, 50]))).toBeCloseTo(0.8, 10);
  });

  test('are refused where a run has no pair', () => {
    expect(() => pairedRatios([1, 2], [1])).toThrow(RangeError);
  });
});

describe('mentions a second', () => {
  test('do not count the warm-up', () => {
    const slow = [0, 1_000].map((atMs) => ({ atMs, mentions: 1 }));
    const fast = Array.from({ length: 8 }, (_, index) => ({
      atMs: 1_100 + 100 * index,
      mentions: 1,
    }));
    expect(sustainedPerSecond([...slow, ...fast], 0.2)).toBeCloseTo(10, 10);
  });

  test('count each of those that travel together', () => {
    const arrivals = [0, 1_000, 2_000].map((atMs) => ({ atMs, mentions: 50 }));
    expect(sustainedPerSecond(arrivals, 0.2)).toBeCloseTo(50, 10);
  });

  test('are refused where all came at once', () => {
    expect(() => sustainedPerSecond([{ atMs: 5, mentions: 9 }], 0.2)).toThrow(RangeError);
  });
});
