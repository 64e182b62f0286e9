import { describe, expect, test } from 'vitest';
import {
  byTurns,
  median,
  pairedRatios,
  quantile,
  referenceOf,
  sustainedPerSecond,
  type Series,
} from './statistics.ts';

test.each([
  { values: [7], share: 0.5, is: 7 },
  { values: [4, 1, 2, 3], share: 0.5, is: 2.5 },
  { values: [10, 2, 30], share: 0, is: 2 },
  { values: [10, 2, 30], share: 1, is: 30 },
  { values: [0, 100], share: 0.99, is: 99 },
])('the quantile of $values at $share is $is', ({ values, share, is }) => {
  expect(quantile(values, share)).toBeCloseTo(is, 10);
});

test('the median of nothing is refused', () => {
  expect(() => median([])).toThrow(RangeError);
});

test('contestants run forwards, then backwards, and their outcomes stay apart', async () => {
  const order: string[] = [];
  const contestants = ['a', 'b', 'c'].map((name) => ({
    run: async () => `${name}${order.push(name)}`,
  }));
  const outcomes = await byTurns(contestants, 3);
  expect(order.join('')).toBe('abccbaabc');
  expect(outcomes).toEqual([
    ['a1', 'a6', 'a7'],
    ['b2', 'b5', 'b8'],
    ['c3', 'c4', 'c9'],
  ]);
});

test('ratios are taken pair by pair: a machine that halves its speed changes none of them', () => {
  const about = { part: 'deliveries', setting: '1 webhook' } as const;
  const speeds = (...values: number[]) => values.map((value) => ({ 'mentions/s': value }));
  const old: Series = { ...about, subject: 'old', reference: null, samples: speeds(100, 50) };
  const fresh: Series = { ...about, subject: 'new', reference: 'old', samples: speeds(80, 40) };
  const elsewhere = { ...old, setting: '5 webhooks' };
  const reference = referenceOf(fresh, [elsewhere, old, fresh]);
  expect(reference).toBe(old);
  expect(pairedRatios(fresh, old, 'mentions/s')).toEqual([0.8, 0.8]);
  expect(referenceOf(old, [elsewhere, old, fresh])).toBeUndefined();
});

describe('mentions per second', () => {
  test('do not count the warm-up', () => {
    const slow = [0, 1_000].map((atMs) => ({ atMs, mentions: 1 }));
    const fast = Array.from({ length: 8 }, (_, i) => ({ atMs: 1_100 + 100 * i, mentions: 1 }));
    expect(sustainedPerSecond([...slow, ...fast], 0.2)).toBeCloseTo(10, 10);
  });

  test('count each mention of a batch', () => {
    const arrivals = [0, 1_000, 2_000].map((atMs) => ({ atMs, mentions: 50 }));
    expect(sustainedPerSecond(arrivals, 0.2)).toBeCloseTo(50, 10);
  });

  test('are refused if all came at once', () => {
    expect(() => sustainedPerSecond([{ atMs: 5, mentions: 9 }], 0.2)).toThrow(RangeError);
  });
});
