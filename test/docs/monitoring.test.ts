import { describe, expect, test } from 'vitest';
import { FAILURE_REASONS } from '../../src/delivering/verdict.ts';
import { shownMetrics } from '../helpers/shown-metrics.ts';
import { read, tables } from './markdown.ts';

const page = read('docs/monitoring.md');
const inCode = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** The rows of the one table whose head begins so. */
function rowsOf(...head: readonly string[]): readonly (readonly string[])[] {
  const found = tables(page).filter((table) => head.every((cell, i) => table.head[i] === cell));
  expect(found).toHaveLength(1);
  return found[0]?.rows ?? [];
}

describe('docs/monitoring.md', () => {
  test('has every metric that is shown, in their order, with its type and its labels', async () => {
    const documented = rowsOf('metric', 'type', 'labels', 'meaning').map(
      ([name = '', type = '', labels = '']) => [inCode(name)[0], { type, labels: inCode(labels) }],
    );
    expect(documented).toEqual([...(await shownMetrics())]);
  });

  test('has every reason for which something fails', () => {
    const documented = new Set(inCode(page.slice(page.indexOf('`reason` is'))));
    expect(FAILURE_REASONS.filter((reason) => !documented.has(reason))).toEqual([]);
  });
});
