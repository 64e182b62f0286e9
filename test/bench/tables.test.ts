import { expect, test } from 'vitest';
import type { Series } from './statistics.ts';
import { markdownTable, textTable, withTables } from './tables.ts';

const about = { part: 'deliveries', setting: '5 webhooks' } as const;
const samples = (speeds: number[], mb: number) =>
  speeds.map((speed) => ({ 'mentions/s': speed, 'peak MB': mb }));
const all: readonly Series[] = [
  { ...about, subject: 'loop', reference: null, samples: samples([2_000, 1_000, 2_000], 70) },
  { ...about, subject: 'relay', reference: 'loop', samples: samples([1_800, 900, 1_700], 140) },
];
const words = (lines: readonly string[]) => lines.map((line) => line.replaceAll(/\s+/g, ' '));

test('a terminal shows the median, the spread, and the ratio of each pair', () => {
  expect(words(textTable(all)).slice(1)).toEqual([
    'deliveries 5 webhooks relay mentions/s 1,700 900 to 1,800 2,000 0.9 0.85 to 0.9',
    'deliveries 5 webhooks relay peak MB 140 140 to 140 70 2 2 to 2',
  ]);
});

test('the page shows one row per series, with a column per unit', () => {
  expect(words(markdownTable(all, 'deliveries')).toSpliced(1, 1)).toEqual([
    '| circumstances | what | mentions/s | peak MB | ratio |',
    '| 5 webhooks | loop | 2,000 | 70 | |',
    '| 5 webhooks | relay | 1,700 | 140 | 0.9 (0.85 to 0.9) |',
  ]);
});

test('only the tables that were measured are written', () => {
  const page = (name: string, line: string) =>
    `<!-- npm run bench: ${name} -->\n\n${line}\n\n<!-- end -->\n`;
  const tables = new Map([['idle', ['| new |']]]);
  expect(withTables(page('idle', '| old |') + page('start', '| old |'), tables)).toBe(
    page('idle', '| new |') + page('start', '| old |'),
  );
});
