import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeBlock, read, ROOT } from './markdown.ts';

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => read(join('src', name)))
  .join('\n');

const lines = codeBlock(read('docs/getting-started.md'), 'text', 'relay.started')
  .trim()
  .split('\n')
  .map((line) => /^INFO: ([\w.]+) ([^{]+?)(?: (\{.*\}))?$/.exec(line) ?? []);

test.each(lines)('docs/getting-started.md shows a line as the log has it: %s', (...parts) => {
  const [, event = 'no event', message = '', fields = '{}'] = parts;
  // The greeting is made of the configuration: its beginning stands in the code.
  const written = event === 'relay.started' ? 'mention-relay polls every ' : message;
  expect(message).toContain(written);
  const named = [`'${event}'`, written, ...Object.keys(JSON.parse(fields) as object)];
  expect(named.filter((text) => !sources.includes(text))).toEqual([]);
});
