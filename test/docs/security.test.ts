import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VARIABLES, type Variable } from '../../src/config/variables.ts';
import { WEBHOOK_ATTRIBUTES } from '../../src/config/webhook-variables.ts';
import { read, ROOT, tables } from './markdown.ts';

const page = tables(read('docs/security.md'));

function table(head: readonly string[]): readonly (readonly string[])[] {
  return page.find((each) => each.head.join() === head.join())?.rows ?? [];
}

function secretsOf(rows: Readonly<Record<string, Variable<unknown>>>): string[] {
  return Object.entries(rows).flatMap(([name, { secret }]) => (secret === true ? [name] : []));
}

describe('docs/security.md', () => {
  test('says of every secret where it goes, and of nothing else', () => {
    const secrets = [
      ...secretsOf(VARIABLES),
      ...secretsOf(WEBHOOK_ATTRIBUTES).map((name) => `WEBHOOK_<NAME>_${name}`),
    ];
    const told = table(['variable', 'where it goes']).map(([cell = '']) =>
      cell.replaceAll('`', ''),
    );
    expect(told.toSorted()).toEqual(secrets.toSorted());
  });

  const proofs = table(['claim', 'test']).flatMap(([claim = '', cell = '']) =>
    [...cell.matchAll(/\]\(([^)]+)\): ("[^;]+)/g)].flatMap(([, target = '', titles = '']) =>
      [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({
        claim,
        file: relative(ROOT, join(ROOT, 'docs', target)),
        title,
      })),
    ),
  );

  test('names a test for each claim that it says is proved', () => {
    expect(new Set(proofs.map(({ claim }) => claim)).size).toBe(table(['claim', 'test']).length);
    expect(proofs.length).toBeGreaterThan(10);
  });

  test.each(proofs)('of "$claim" names a test that $file has: $title', ({ file, title }) => {
    expect(read(file)).toContain(`'${title}`);
  });
});
