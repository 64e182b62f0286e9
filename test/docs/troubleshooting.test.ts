import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { read, ROOT, sections, tables } from './markdown.ts';

const page = tables(read('docs/troubleshooting.md'));
const rowsOf = (head: string) => page.filter((table) => table.head[0] === head);

/** The events of the catalogue, with the levels at which they may come. */
const catalogue = sections(read('docs/logs.md'))
  .filter(({ level }) => level === 3)
  .map(({ heading, body }) => ({
    event: heading.replaceAll('`', ''),
    levels: [...(body.trim().split('\n\n')[0] ?? '').matchAll(/\*\*([^*]+)\*\*/g)].join(' '),
  }));

/** Those that somebody may have to do something about. */
const troubles = catalogue
  .filter(({ levels }) => /\b(?:warn|error)\b/.test(levels))
  .map(({ event }) => event);

const rows = rowsOf('event')
  .flatMap((table) => table.rows)
  .map(([cell = '', cause = '', cure = '']) => {
    const [, event = '', anchor = ''] = /^\[`([\w.]+)`\]\(logs\.md#(\w+)\)$/.exec(cell) ?? [];
    return { event, anchor, cause, cure };
  });

describe('docs/troubleshooting.md', () => {
  test('has every event of docs/logs.md at warn or error once, and no other', () => {
    expect(troubles.length).toBeGreaterThan(10);
    expect(rows.map(({ event }) => event).toSorted()).toEqual(troubles.toSorted());
  });

  test.each(rows)('says of $event its cause and its cure, with a link', (row) => {
    expect(row.anchor).toBe(row.event.replace('.', ''));
    expect(row.cause).toMatch(/\.$/);
    expect(row.cure).toMatch(/\.$/);
  });

  const messages = rowsOf('message').flatMap((table) =>
    table.rows.map(([cell = '']) => cell.replaceAll('`', '')),
  );
  const sources = ['src', 'config']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => read(join(folder, name))),
    )
    .join('\n');

  test.each(messages)('quotes a message that the relay says: %s', (message) => {
    expect(sources).toContain(message);
  });
});
