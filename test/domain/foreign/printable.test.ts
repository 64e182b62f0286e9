import { expect, test } from 'vitest';
import { printable, printableJson } from '../../../src/domain/foreign/printable.ts';

test.each([
  ['plain text stays', 'Ana, 3 € für é', 'Ana, 3 € für é'],
  ['escape sequences and line breaks', '\u001b[2J\r\n\u009b', '\\u{1b}[2J\\u{d}\\u{a}\\u{9b}'],
  ['bidirectional overrides', '\u202egnp', '\\u{202e}gnp'],
  ['line separators and unusual spaces', 'a\u2028b\u00a0c', 'a\\u{2028}b\\u{a0}c'],
  ['half a surrogate pair', '\ud83d', '\\u{d83d}'],
  ['a pair is whole', '\u{1f600}', '\u{1f600}'],
  [
    'what is longer than 40 characters is cut',
    '\u{1f600}'.repeat(41),
    `${'\u{1f600}'.repeat(40)}...`,
  ],
])('printable: %s', (_name, text, expected) => {
  expect(printable(text)).toBe(expected);
});

test('printableJson stays JSON of the same value, with nothing that a terminal acts on', () => {
  const value = { a: '\u001b\u009b\u202e\u2028\u{e0001}\ud83d é\u{1f600}', '\u200f': [null, 1] };
  const json = printableJson(value);
  expect(JSON.parse(json)).toEqual(value);
  expect(json).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
});
