import { expect, test } from 'vitest';
import { read } from '../docs/markdown.ts';
import { compare, POLICIES, type Compared } from './compare.ts';
import { hourAway, MINUTE_MS, ramp, steady, viralThread, VIRAL_THREAD } from './patterns.ts';
import { plotMissed } from './plot-missed.ts';
import { plotPace } from './plot-pace.ts';
import { textTable } from './tables.ts';

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

test('the plots of docs/ are what the simulation gives', () => {
  const viral = compared.findLast(({ pattern }) => pattern.name === VIRAL_THREAD);
  expect(viral && plotPace(viral.run)).toBe(read('docs/pace.svg'));
  const shown = read('docs/keeping-up.svg');
  const bars = [...plotMissed(compared).matchAll(/<title>[^<]+<\/title>/g)].map(([title]) => title);
  expect(bars.length).toBeGreaterThan(2 * patterns.length);
  for (const title of bars) expect(shown).toContain(title);
});

test('no bar leaves its picture, and none is wider than all mentions', () => {
  for (const [, x, width] of plotMissed(compared).matchAll(
    / x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="11"/g,
  )) {
    expect(Number(x) + Number(width)).toBeLessThanOrEqual(1200 - 90 + 4);
  }
});

test('the table for a terminal has a line for each run', () => {
  const lines = textTable(compared).split('\n');
  expect(lines).toHaveLength(1 + 2 * compared.length);
  expect(lines.find((line) => /every 60 s +yes/.test(line))).toMatch(
    /^steady, 6 a second .* 2599 /,
  );
});
