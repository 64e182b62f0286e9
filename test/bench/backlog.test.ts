import { expect, test } from 'vitest';
import { mentionKey } from '../../src/domain/mention.ts';
import { kilobyteBody, kilobyteMention } from './backlog.ts';

test('the body of a POST with one mention has 1 KB', () => {
  expect(Buffer.byteLength(kilobyteBody())).toBe(1024);
});

test('no mention is another one', () => {
  const keys = [0, 1, 2, 1_000_000].map((number) => mentionKey(kilobyteMention(number), 'mention'));
  expect(new Set(keys).size).toBe(keys.length);
});
