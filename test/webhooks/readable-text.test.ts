import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defused,
  fitted,
  httpLink,
  readable,
  readableLine,
} from '../../src/webhooks/readable-text.ts';
import { anyCharacters } from '../helpers/any-characters.ts';

const anyText = fc.oneof(
  anyCharacters(300),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(fc.constantFrom('&', '<', '>', 'a', ' ', '\n', '😀', 'e\u0301', '👩‍👩‍👧‍👦'), {
      maxLength: 300,
    })
    .map((parts) => parts.join('')),
);

const escapeAngle = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const unescaped = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&amp;', '&');

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
    ['takes out what Unicode says is no character', 'a\uffffb\ufdd0c\u{1fffe}d', 'abcd'],
    ['takes the empty pattern of Braille for a space', '\u2800a\u2800 \u2800b\u2800', 'a b'],
    ['gives nothing for a name of empty patterns', '\u2800\u2800', ''],
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
])('defused disarms %s', (text, expected) => {
  expect(defused(text)).toBe(expected);
});

describe('fitted', () => {
  test.each([
    ['leaves a text that fits', 'abcdef', 6, 'abcdef'],
    ['has the ellipsis inside the limit', 'abcdefg', 6, 'abcde…'],
    ['counts entities whole', '&&', 10, '&amp;&amp;'],
    ['does not split an entity', '&&', 9, '&amp;…'],
    ['does not split an entity at its last character', 'a&bc', 6, 'a…'],
    ['does not split a surrogate pair', 'abcd😀x', 6, 'abcd…'],
    ['keeps a surrogate pair that fits', 'abc😀x', 6, 'abc😀x'],
    ['does not split a letter from its accent', 'abcde\u0301x', 6, 'abcd…'],
    ['does not split a family', 'ab👩‍👩‍👧‍👦', 10, 'ab…'],
    ['does not split a flag', 'abcd🇩🇪', 7, 'abcd…'],
    ['leaves no space before the ellipsis', 'abcd  efgh', 6, 'abcd…'],
    ['leaves an empty text empty', '', 6, ''],
    ['splits a grapheme that is too long', `a${'\u0301'.repeat(99)}`, 6, `a${'\u0301'.repeat(4)}…`],
    ['returns as much as fits', '<'.repeat(1000), 600, `${'&lt;'.repeat(149)}…`],
  ])('%s', (_, text, limit, expected) => {
    expect(fitted(text, limit, escapeAngle)).toBe(expected);
  });

  test('returns the text, or its beginning and an ellipsis, within the limit', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 6, max: 400 }), (foreign, limit) => {
        const text = readable(foreign);
        const cut = fitted(text, limit, escapeAngle);
        expect(cut.length).toBeLessThanOrEqual(limit);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut).toMatch(/^(?:[^&<]|&(?:amp|lt);)*$/);
        expect(cut === '').toBe(text === '');
        if (escapeAngle(text).length <= limit) {
          expect(unescaped(cut)).toBe(text);
        } else {
          expect(cut.endsWith('…')).toBe(true);
          expect(text.startsWith(unescaped(cut.slice(0, -1)))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test.each([
  ['https://facebook.com/groups/1/permalink/2', 'https://facebook.com/groups/1/permalink/2'],
  ['http://facebook.com', 'http://facebook.com/'],
  ['  https://facebook.com/a\n ', 'https://facebook.com/a'],
  ['https://facebook.com/\u202egnp', 'https://facebook.com/%E2%80%AEgnp'],
  ['https://fаcebook.com/', 'https://xn--fcebook-2fg.com/'],
  [`https://a.example/${'x'.repeat(82)}`, `https://a.example/${'x'.repeat(82)}`],
  [`https://a.example/${'x'.repeat(83)}`, null],
  ['javascript:alert(1)', null],
  ['JavaScript:alert(1)//https://facebook.com', null],
  ['data:text/html,x', null],
  ['file:///etc/passwd', null],
  ['mailto:a@b.example', null],
  ['//facebook.com/a', 'https://facebook.com/a'],
  ['facebook.com/groups/1/permalink/2', 'https://facebook.com/groups/1/permalink/2'],
  ['/groups/1/permalink/2', 'https://www.facebook.com/groups/1/permalink/2'],
  ['/profile.php?id=1', 'https://www.facebook.com/profile.php?id=1'],
  ['/\t/evil.example/', 'https://www.facebook.com//evil.example/'],
  ['/..//evil.example/', 'https://www.facebook.com//evil.example/'],
  ['//evil.example/a', null],
  ['evil.example/a', null],
  ['facebook.com@evil.example/', null],
  ['facebook.com:pass@evil.example/', null],
  ['/\\evil.example/', null],
  ['https://', null],
  ['https://facebook.com@evil.example/', null],
  ['https://facebook.com:pass@evil.example/', null],
  ['', null],
])('the link of %j, in 100 characters, is %j', (link, expected) => {
  expect(httpLink(link, 100)).toBe(expected);
});
