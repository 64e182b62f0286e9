import { expect, test } from 'vitest';
import { read } from '../docs/markdown.ts';
import { plotsOf, tablesOf, withTables } from './documents.ts';
import type { Results } from './results.ts';

const results = JSON.parse(read('docs/performance.json')) as Results;
const page = read('docs/performance.md');

test('the tables of docs/performance.md are what docs/performance.json gives', () => {
  expect(withTables(page, results)).toBe(page);
  const shown = [...page.matchAll(/<!-- npm run bench: (\w+) -->/g)].map(([, name]) => name);
  expect(new Set(shown)).toEqual(new Set(tablesOf(results).keys()));
});

test('the page says on what was measured', () => {
  const { processor, cores, memoryGb, node, redis } = results.machine;
  for (const each of [
    processor,
    `${cores} cores`,
    `${memoryGb} GB`,
    `Node ${node}`,
    `Redis ${redis}`,
  ]) {
    expect(page).toContain(each);
  }
});

test.each([...plotsOf(results)])('docs/%s is what docs/performance.json gives', (name, plot) => {
  expect(read(`docs/${name}`)).toBe(plot);
  expect(page).toContain(`](${name})`);
});

test('a page without the tables of a bench stays as it is', () => {
  expect(withTables('# Other\n', results)).toBe('# Other\n');
});
