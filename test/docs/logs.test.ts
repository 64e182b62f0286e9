import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EVENTS } from '../../src/domain/event-log.ts';
import { read, ROOT, sections } from './markdown.ts';

const LEVELS = /\b(trace|debug|info|warn|error)\b/g;

const entries = sections(read('docs/logs.md'))
  .filter(({ level }) => level === 3)
  .map(({ heading, body }) => ({ event: heading.replaceAll('`', ''), body: body.trim() }));

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && name !== join('domain', 'event-log.ts'))
  .map((name) => read(join('src', name)))
  .join('\n');

/** All calls of a log: what stands between `log` and the event's name, and that name. */
const calls = [...sources.matchAll(/\blog(\.\w+|\[[^\]]+\])\(\s*'([^']+)'/g)].map(
  ([, how = '', event = '']) => ({
    event,
    levels: how.match(LEVELS) ?? [],
  }),
);

describe('docs/logs.md', () => {
  test.each(entries)('says of $event at which levels the code logs it', ({ event, body }) => {
    const [opening = ''] = body.split('\n\n');
    const told = [...opening.matchAll(/\*\*([^*]+)\*\*/g)].flatMap(
      ([, bold = '']) => bold.match(LEVELS) ?? [],
    );
    const own = calls.filter((call) => call.event === event);
    const logged = new Set(own.flatMap(({ levels }) => levels));
    // A level that is a variable, as in `log[level]`, can be any.
    if (own.every(({ levels }) => levels.length > 0)) expect(new Set(told)).toEqual(logged);
    else expect(told).toEqual(expect.arrayContaining([...logged]));
  });

  test.each(entries)('says of $event when it comes, its fields and what to do', ({ body }) => {
    const [opening, ...others] = body
      .split('\n\n')
      .map((paragraph) => paragraph.replaceAll('\n', ' '));
    expect(opening).toMatch(/^\*\*.+ .+\.$/);
    expect(others.join('\n')).toMatch(/^(?:Fields: .+\.)?(?:(?:^|\n)Do: .+\.)?$/);
    if (/\*\*(?:warn|error)/.test(opening ?? '')) expect(others.at(-1)).toMatch(/^Do: /);
  });
});

describe('the events of src/domain/event-log.ts', () => {
  test.each(EVENTS)('%s is logged somewhere', (event) => {
    expect(calls.map((call) => call.event)).toContain(event);
  });

  test('are all that is logged', () => {
    const known: readonly string[] = EVENTS;
    expect(calls.filter(({ event }) => !known.includes(event))).toEqual([]);
  });
});
