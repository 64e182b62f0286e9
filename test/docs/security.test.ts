import { expect, test } from 'vitest';
import { VARIABLES, type Variable } from '../../src/config/variables.ts';
import { WEBHOOK_ATTRIBUTES } from '../../src/config/webhook-variables.ts';
import { read, tables } from './markdown.ts';

function secretsOf(rows: Readonly<Record<string, Variable<unknown>>>, prefix = ''): string[] {
  return Object.entries(rows).flatMap(([name, { secret }]) =>
    secret === true ? [`${prefix}${name}`] : [],
  );
}

test('docs/security.md states where every secret goes, and lists nothing else', () => {
  const table = tables(read('docs/security.md')).find(({ head }) => head[1] === 'where it goes');
  expect(table?.rows.map(([cell = '']) => cell.replaceAll('`', '')).toSorted()).toEqual(
    [...secretsOf(VARIABLES), ...secretsOf(WEBHOOK_ATTRIBUTES, 'WEBHOOK_<NAME>_')].toSorted(),
  );
});
