import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defused, readable, readableLine } from '../../src/webhooks/readable-text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(fc.constantFrom('&', '<', '>', 'a', ' ', '\n', '😀', 'e\u0301', '👩‍👩‍👧‍👦'), {
      maxLength: 300,
    })
    .map((parts) => parts.join('')),
);

describe('readable', () => {
  test.each([
    ['leaves plain words alone', 'Looking for a plumber!', 'Looking for a plumber!'],
    ['leaves formatting characters alone', '*a* _b_ ~c~ `d` > e', '*a* _b_ ~c~ `d` > e'],
    ['leaves addresses alone', 'jo_ann*@example.com', 'jo_ann*@example.com'],
    ['leaves emoji whole', '👩‍👩‍👧‍👦 ❤️ 🇩🇪 👍🏽 1️⃣', '👩‍👩‍👧‍👦 ❤️ 🇩🇪 👍🏽 1️⃣'],
    ['leaves joiners that scripts need', 'می‌خواهم क्‍ष', 'می‌خواهم क्‍ष'],
    ['leaves vowel marks and accents', 'שָׁלוֹם Việt é', 'שָׁלוֹם Việt é'],
    [
      'makes every line break the same',
      'a\r\nb\rc\u2028d\u2029e\u0085f\u000bg\u000ch',
      'a\nb\nc\nd\ne\nf\ng\nh',
    ],
    ['keeps one empty line of many', 'a\n\n\n\n\nb', 'a\n\nb'],
    ['keeps one empty line of many with spaces in them', 'a\n \n\t\n\u00a0\nb', 'a\n\nb'],
    ['keeps one space of many, of any kind', 'a \t\u00a0\u3000 b', 'a b'],
    ['trims', ' \n a \n ', 'a'],
    ['takes control characters out', 'a\u0000b\u0007c\u001bd\u007fe\u009bf', 'abcdef'],
    [
      'takes bidirectional controls out',
      '\u202aa\u202eb\u2066c\u2069d\u200ee\u200ff\u061cg',
      'abcdefg',
    ],
    [
      'takes invisible characters out',
      'a\u200bb\u2060c\ufeffd\u00ade\u3164f\u{e0041}g\ufff9h',
      'abcdefgh',
    ],
    ['does not leave two spaces around what it takes out', 'a \u200b b', 'a b'],
    ['does not leave empty lines around what it takes out', 'a\n\u200b\n\u0000\nb', 'a\n\nb'],
    ['keeps six marks of a pile', `a${'\u0301'.repeat(50)}b`, `a${'\u0301'.repeat(6)}b`],
    [
      'keeps six marks of a pile held together by joiners',
      `a${'\u0301\u200d'.repeat(50)}b`,
      `a${'\u0301\u200d'.repeat(3)}b`,
    ],
    ['replaces lone surrogates', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['gives nothing for nothing', '', ''],
    ['gives nothing for spaces', ' \n\t\u3000', ''],
    ['gives nothing for what nobody sees', '\u200d\u200c\ufe0f\u202e\u0000', ''],
  ])('%s', (_, text, expected) => {
    expect(readable(text)).toBe(expected);
  });

  test('is the same when done twice', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(readable(readable(text))).toBe(readable(text));
      }),
    );
  });

  test('takes time in proportion to the length', () => {
    for (const unit of [' ', '\n', ' \n', '\u0301', '\u200d', '\u0301\u200d', '\r', '&']) {
      expect(readable(`a${unit.repeat(1_000_000)}b`)).toMatch(/^a.*b$/s);
    }
  });
});

test('readableLine puts all lines on one', () => {
  expect(readableLine(' a\r\n\u2028\nb\u2029c ')).toBe('a b c');
});

test.each([
  ['@here', '@\u2060here'],
  ['a@b.example #c', 'a@\u2060b.example #\u2060c'],
  ['<!channel> <https://evil.example|bank>', '<\u2060!channel> <\u2060https://evil.example|bank>'],
  ['[bank](https://evil.example)', '[bank]\u2060(https://evil.example)'],
  ['[a][1] [1]: https://evil.example', '[a]\u2060[1] [1]\u2060: https://evil.example'],
  ['```code```', '’’’code’’’'],
  ['[x] and (y)', '[x] and (y)'],
])('defused reads %s without what it would do', (text, expected) => {
  expect(defused(text)).toBe(expected);
});
