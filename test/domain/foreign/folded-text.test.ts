import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldText } from '../../../src/domain/foreign/folded-text.ts';
import { foreignText } from '../../webhooks/delivery-samples.ts';

describe('these are the same', () => {
  test.each([
    ['capital and small letters', 'Looking For WORK', 'looking for work'],
    ['a sharp s and two of them', 'Straße', 'STRASSE'],
    ['a capital sharp s', 'STRAẞE', 'strasse'],
    ['the dotted capital I of Turkish', 'İSTANBUL', 'istanbul'],
    ['the dotless small i of Turkish', 'ışık', 'IŞIK'],
    ['the sigma at the end of a word', 'ΟΔΟΣ', 'οδος'],
    ['letters of Georgian', 'ᲡᲐᲛᲣᲨᲐᲝ', 'სამუშაო'],
    ['composed and decomposed letters', 'caf\u00e9', 'cafe\u0301'],
    ['full-width letters', 'ＣＲＭ', 'crm'],
    ['letters of mathematics', '𝐇𝐢𝐫𝐢𝐧𝐠 𝓷𝓸𝔀', 'hiring now'],
    ['ligatures', 'oﬃce', 'office'],
    ['half-width katakana', 'ｱﾙﾊﾞｲﾄ', 'アルバイト'],
    ['apostrophes', "don't", 'don’t'],
    ['an acute accent for an apostrophe', "don't", 'don´t'],
    ['a letter for an apostrophe', "don't", 'don\u02bct'],
    ['hyphens', 'no-code', 'no\u2011code'],
    ['an en dash for a hyphen', 'no-code', 'no–code'],
    ['an em dash and a bar for one', 'Austin - Homes - Rentals', 'Austin — Homes ― Rentals'],
    ['the hyphens of Armenian and Hebrew', 'a-b-c', 'a\u058ab\u05bec'],
    ['quotation marks', 'the "best" agent', 'the “best” agent'],
    ['quotation marks of other languages', 'the "best" agent', 'the „best« agent'],
    ['a double prime for a quotation mark', 'TV 27"', 'TV 27″'],
    ['single quotation marks', "the 'best' agent", 'the ‘best’ agent'],
    ['low and full-width quotation marks', '\'a\' "b"', '‚a‛ ＂b＂'],
    ['the marks that Hebrew has for an apostrophe and a quotation mark', 'צ\'ק תנ"ך', 'צ׳ק תנ״ך'],
    ['the apostrophe of Armenian', "a'b", 'a\u055ab'],
    ['the accent of Greek for an apostrophe', "don't", 'don΄t'],
    ['thin, narrow and ideographic spaces', 'new york city', 'new\u2009york\u202f\u3000city'],
    ['a next-line control character for a line break', 'new york', 'new\u0085york'],
    ['the empty pattern of Braille for a space', 'new york', '\u2800new\u2800york\u2800'],
    ['fillers of Hangul', 'agent', '\u3164a\u115fgent\uffa0'],
    ['an emoji with and without its variation selector', '❤ homes', '❤\ufe0f homes'],
    ['joined and separate emoji', '👨👩👧 homes', '👨\u200d👩\u200d👧 homes'],
    [
      'runs of white space and line breaks',
      'looking for work',
      'looking \r\n\tfor\u00a0\u2028 work',
    ],
    ['white space at the ends', ' crm\n', 'crm'],
    ['zero-width characters', 'hiring', 'hi\u200br\u2060in\ufeffg'],
    ['joiners', 'می\u200cخواهم', 'میخواهم'],
    ['bidirectional controls', 'hiring', '\u202ehir\u2066ing\u2069\u202c'],
    ['soft hyphens', 'hiring', 'hir\u00ading'],
    ['variation selectors and tags', 'hiring', 'hi\ufe0fring\u{e0041}'],
    ['control characters', 'hiring', 'hir\u0000i\u001bng'],
    ['stretched Arabic', 'وظيفة', 'وظـــيفة'],
    ['a vowel of Thai in one and in two', 'ทำ', 'ท\u0e4d\u0e32'],
  ])('%s', (_, one, other) => {
    expect(foldText(one)).toBe(foldText(other));
  });
});

describe('these are not the same', () => {
  test.each([
    ['a letter with and without its accent', 'café', 'cafe'],
    ['letters that only look alike', 'hiring', 'hіrіng'],
    ['with and without a hyphen', 'no-code', 'no code'],
    ['with and without a space', 'nocode', 'no code'],
    ['a trade mark and its two letters', 'Acme™', 'AcmeTM'],
    ['spellings of Chinese', '電腦', '电脑'],
  ])('%s', (_, one, other) => {
    expect(foldText(one)).not.toBe(foldText(other));
  });
});

// A changed result changes the keys of mentions in Redis: they would be sent again.
test.each([
  ['Looking  For\u00a0an Agent ', 'looking for an agent'],
  ["It’s a ‘house’ – or “home”—isn't it", `it's a 'house' - or "home"-isn't it`],
  ['Cafe\u0301 ZÜRICH Straße İstanbul', 'caf\u00e9 z\u00fcrich strasse istanbul'],
  ['ΟΔΟΣ ᾼ ﬁne ＣＲＭ ①', 'οδοσ αι fine crm 1'],
  ['צ׳ק ทำ ｱﾙﾊﾞｲﾄ وظـــيفة 𝐇𝐢', "צ'ק ทำ アルバイト وظيفة hi"],
  ['hi\u200bri\u00adng\u0000 ❤\ufe0f \u{1f468}\u200d\u{1f469}', 'hiring ❤ \u{1f468}\u{1f469}'],
  ['C++ / C# & .net™ 5″', 'c++ / c# & .net 5"'],
  ['\ud800 \u200b', '\ud800'],
  ['', ''],
])('the result for %j never changes', (text, folded) => {
  expect(foldText(text)).toBe(folded);
});

test('every letter of Unicode is the same in lower, upper and decomposed form', () => {
  const letters = Array.from({ length: 0x110000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => `a${String.fromCodePoint(code)}b`)
    .filter((text) => /^a(?!\p{Script=Han})[\p{L}\p{Cased}]b$/u.test(text));
  expect(letters.length).toBeGreaterThan(30_000);
  const folded = letters.map(foldText);
  expect(letters.filter((text, index) => foldText(text.toLowerCase()) !== folded[index])).toEqual(
    [],
  );
  expect(letters.filter((text, index) => foldText(text.toUpperCase()) !== folded[index])).toEqual(
    [],
  );
  expect(
    letters.filter((text, index) => foldText(text.normalize('NFD')) !== folded[index]),
  ).toEqual([]);
});

test('any text can be folded, once for all, and has no two spaces in a row after it', () => {
  fc.assert(
    fc.property(foreignText, (text) => {
      const folded = foldText(text);
      expect(folded).not.toMatch(/\s\s|^\s|\s$|[^\S ]/);
      expect(foldText(folded)).toBe(folded);
    }),
  );
});

test('words of ASCII are folded as all others are', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), (text) => {
      // An invisible character takes the long way.
      expect(foldText(text)).toBe(foldText(`${text}\u200b`));
    }),
    { numRuns: 1000 },
  );
});
