import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { read, ROOT, tables } from './markdown.ts';

const messages = tables(read('docs/troubleshooting.md'))
  .filter(({ head }) => head[0] === 'message')
  .flatMap(({ rows }) => rows.map(([cell = '']) => cell.replaceAll('`', '')));
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => read(join('src', name)))
  .join('\n');

test.each(messages)('docs/troubleshooting.md quotes a message of the relay: %s', (message) => {
  expect(sources.includes(message)).toBe(true);
});
