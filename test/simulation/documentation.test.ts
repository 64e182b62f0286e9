import { expect, test } from 'vitest';
import { read } from '../docs/markdown.ts';
import { compare, POLICIES, type Compared } from './compare.ts';
import { hourAway, MINUTE_MS, ramp, steady, viralThread } from './patterns.ts';
import { markdownTable } from './tables.ts';

const SEED = 7;
const patterns = [
  steady(6, 10 * MINUTE_MS, SEED),
  ramp(4, 40, MINUTE_MS, SEED),
  viralThread(SEED),
  hourAway('API', SEED),
];
const compared: Compared[] = [];
for (const pattern of patterns) {
  for (const policy of POLICIES) compared.push(await compare(pattern, policy));
}
const cells = (row: string): string => row.replaceAll(/ +/g, ' ');

test('the table of docs/how-it-works.md is what the simulation gives', () => {
  const page = read('docs/how-it-works.md').split('\n').map(cells);
  const [head, , ...rows] = markdownTable(compared).map(cells);
  expect(rows).toHaveLength(patterns.length);
  for (const row of [head, ...rows]) expect(page).toContain(row);
});
