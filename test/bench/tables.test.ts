import { describe, expect, test } from 'vitest';
import { GOALS, isReached, type Goal } from './goals.ts';
import { plotBars } from './plot-bars.ts';
import { plotGrowth } from './plot-growth.ts';
import type { Results, Series } from './results.ts';
import { markdownGoals, markdownTable, textTable } from './tables.ts';

const about = { part: 'deliveries', setting: '5 webhooks', unit: 'mentions/s' } as const;
const loop: Series = { ...about, subject: 'got.post loop', samples: [2_000, 1_000, 2_000] };
const relay: Series = {
  ...about,
  subject: 'relay',
  samples: [1_800, 900, 1_700],
  reference: 'got.post loop',
};
const machine = {
  processor: 'a processor',
  cores: 2,
  memoryGb: 4,
  kernel: 'Linux 6',
  node: '24.0.0',
  redis: '7.0.0',
};
const results = (...series: Series[]): Results => ({ machine, series });

test('a row has the median, the spread, and the ratio of each pair to its reference', () => {
  const [, , first, second] = markdownTable(results(loop, relay), 'deliveries').map((line) =>
    line.replaceAll(/ +/g, ' '),
  );
  expect(first).toBe(
    '| 5 webhooks | got.post loop | mentions/s | 2,000 | 1,000 to 2,000 | 3 | | |',
  );
  expect(second).toBe(
    '| 5 webhooks | relay | mentions/s | 1,700 | 900 to 1,800 | 3 | 0.9 | 0.85 to 0.9 |',
  );
});

test('what was not measured is said to be so, and never to be reached', () => {
  const rows = markdownGoals(results()).slice(2);
  expect(rows).toHaveLength(GOALS.length);
  for (const row of rows) expect(row).toMatch(/\| not measured +\| +\|$/);
});

test('a goal is read from the median of the ratios', () => {
  const row = markdownGoals(results(loop, relay)).find((line) => line.includes('one POST'));
  expect(row).toMatch(/\| 0\.9 +\| yes +\|$/);
});

describe('a goal', () => {
  const goal = (limit: number, sense: Goal['sense']): Goal => ({
    measure: '',
    unit: '',
    limit,
    sense,
    read: () => null,
  });
  test.each([
    { limit: 0.85, sense: 'at least', value: 0.85, reached: true },
    { limit: 0.85, sense: 'at least', value: 0.8496, reached: true },
    { limit: 0.85, sense: 'at least', value: 0.849, reached: false },
    { limit: 800, sense: 'at most', value: 800.4, reached: true },
    { limit: 800, sense: 'at most', value: 801, reached: false },
    { limit: 0, sense: 'at most', value: 0, reached: true },
    { limit: 0, sense: 'at most', value: 1, reached: false },
  ] as const)('of $sense $limit is reached by $value: $reached', ({ value, reached, ...of }) => {
    expect(isReached(goal(of.limit, of.sense), value)).toBe(reached);
  });
});

test('a terminal gets the parts that were asked for and measured', () => {
  const text = textTable(results(loop, relay), ['deliveries', 'idle']);
  expect(text).toMatch(/^deliveries\n/);
  expect(text).not.toContain('idle');
});

test('a bar is as long as its median, and none leaves its picture', () => {
  const svg = plotBars(results(loop, relay), {
    part: 'deliveries',
    unit: 'mentions/s',
    title: 'T',
  });
  const widths = [
    ...svg.matchAll(/<rect class="(?:polled|arrivals)" x="330" y="[\d.]+" width="([\d.]+)"/g),
  ];
  expect(widths.map(([, width]) => Number(width))).toEqual([680, 578]);
  expect(svg).toContain('1,700, 0.9 x');
});

test('a curve has a point for each step, inside its panel', () => {
  const step = (x: number, samples: number[]): Series => ({
    part: 'growth',
    setting: `${x} webhooks`,
    subject: 'by webhooks',
    unit: 'mentions/s',
    samples,
    x,
  });
  const svg = plotGrowth(results(step(1, [500]), step(10, [900, 1_000]), step(100, [800])));
  const [, points = ''] = /points="([^"]+)"/.exec(svg) ?? [];
  const places = points.split(' ').map((point) => point.split(',').map(Number));
  expect(places.map(([x]) => x)).toEqual([110, 340, 570]);
  for (const [, y = NaN] of places) {
    expect(y).toBeGreaterThanOrEqual(110);
    expect(y).toBeLessThanOrEqual(240);
  }
});
