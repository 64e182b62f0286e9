import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EVENTS } from '../../src/domain/event-log.ts';
import { allCode, markdownFiles, read, ROOT } from './markdown.ts';

const namespaces = [...new Set(EVENTS.map((event) => event.split('.')[0]))].join('|');
const NAME = new RegExp(
  String.raw`(?<![\w./{-])(?:${namespaces})\.[a-z]+(?:_[a-z]+)*(?![\w.(-])`,
  'g',
);

/** Types of payloads look alike: each has a schema. */
const types = readdirSync(join(ROOT, 'docs/schemas')).map((file) => file.replace(/\.json$/, ''));
// Files.
const OTHERS = ['redis.log', 'redis.sock', 'redis.conf', 'relay.log'];

test.each(markdownFiles())('%s names no event that is not there', (file) => {
  const known = new Set<string>([...EVENTS, ...types, ...OTHERS]);
  const named = allCode(read(file)).flatMap((code) => code.match(NAME) ?? []);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});
