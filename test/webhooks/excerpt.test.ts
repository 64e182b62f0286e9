import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeEntities } from '../../src/domain/foreign/decoded-text.ts';
import { foldText } from '../../src/domain/foreign/folded-text.ts';
import { excerpt, quoted, textOf, type Piece } from '../../src/webhooks/excerpt.ts';
import { markedText } from '../../src/webhooks/keyword-marks.ts';
import { readable } from '../../src/webhooks/readable-text.ts';
import { foreignText } from './delivery-samples.ts';

/** Writes an excerpt with its marks in brackets. */
const written = (pieces: readonly Piece[]): string =>
  pieces.map(({ text, marked }) => (marked ? `[${text}]` : text)).join('');
const shown = (content: string, keyword: string, limit = 600): string =>
  written(excerpt(markedText(readable(content), keyword), limit));

describe('the marks', () => {
  test.each([
    ['a keyword at the beginning', 'CRM wanted', 'crm', '[CRM] wanted'],
    ['a keyword in the middle', 'Which CRM is it?', 'CRM', 'Which [CRM] is it?'],
    ['a keyword at the end', 'Looking for a CRM', 'CRM', 'Looking for a [CRM]'],
    ['the whole text', 'CRM', 'CRM', '[CRM]'],
    ['every occurrence', 'CRM? A CRM! My crm.', 'CRM', '[CRM]? A [CRM]! My [crm].'],
    ['occurrences that overlap as one', 'so a b a b a it is', 'a b a', 'so [a b a b a] it is'],
    ['occurrences that touch as one', 'new 🚀🚀 here', '🚀', 'new [🚀🚀] here'],
    ['another case', 'STRASSE und straße', 'Straße', '[STRASSE] und [straße]'],
    [
      'a letter whose accent is a character of its own',
      'un cafe\u0301!',
      'caf\u00e9',
      'un [cafe\u0301]!',
    ],
    [
      'a keyword whose accent is a character of its own',
      'un caf\u00e9!',
      'cafe\u0301',
      'un [caf\u00e9]!',
    ],
    ['Hangul in single letters', '서울 집', '서울', '[서울] 집'],
    ['half-width katakana', '急募ｱﾙﾊﾞｲﾄ', 'アルバイト', '急募[ｱﾙﾊﾞｲﾄ]'],
    ['full-width letters', 'ＣＲＭ here', 'crm', '[ＣＲＭ] here'],
    ['the vowel am of Thai in two', 'ทํางาน', 'ทำงาน', '[ทํางาน]'],
    [
      'a keyword across lines',
      'looking\nfor\n\nan agent',
      'looking for an',
      '[looking\nfor\n\nan] agent',
    ],
    ['a keyword with another apostrophe', 'don’t call', "don't call", '[don’t call]'],
    ['a keyword with another hyphen', 'a no\u2011code tool', 'no-code', 'a [no\u2011code] tool'],
    ['a word before a trade mark', 'Acme™ tools', 'acme tools', '[Acme™ tools]'],
    ['a Turkish letter', 'İSTANBUL’da', 'istanbul', '[İSTANBUL]’da'],
    ['decoded entities', decodeEntities('Q&amp;A &lt;b&gt;'), 'q&a', '[Q&A] <b>'],
    ['Arabic', 'نبحث عن سمسار عقارات', 'سمسار', 'نبحث عن [سمسار] عقارات'],
    ['Hebrew with its vowels', 'שָׁלוֹם לכם', 'שָׁלוֹם', '[שָׁלוֹם] לכם'],
    ['Japanese', '良い不動産屋さん', '不動産', '良い[不動産]屋さん'],
    ['an emoji in another colour whole', 'ok 👍🏽!', '👍', 'ok [👍🏽]!'],
    ['a family whole', 'we 👩‍👩‍👧‍👦 are', '👧', 'we [👩‍👩‍👧‍👦] are'],
    ['only whole words, if there are any', 'agents, an agent', 'agent', 'agents, an [agent]'],
    ['parts of words otherwise', 'two Agents', 'agent', 'two [Agent]s'],
    ['nothing without the keyword', 'Which one?', 'CRM', 'Which one?'],
    ['nothing for an empty keyword', 'Which one?', '', 'Which one?'],
    ['nothing for an invisible keyword', 'Which one?', '\u200b', 'Which one?'],
    ['nothing in an empty text', '', 'CRM', ''],
  ])('show %s', (_, content, keyword, expected) => {
    expect(shown(content, keyword)).toBe(expected);
  });
});

describe('a long text', () => {
  const words = (count: number) => 'word '.repeat(count);

  test.each([
    ['is shown from the beginning without the keyword', words(9), 'x', 22, 'word word word word…'],
    [
      'is shown from a keyword at the beginning',
      `key ${words(9)}`,
      'key',
      20,
      '[key] word word word…',
    ],
    ['is shown up to a keyword at the end', `${words(9)}key`, 'key', 20, '…word word word [key]'],
    [
      'is shown around a keyword in the middle',
      `${words(9)}key ${words(9)}`,
      'key',
      25,
      '…word word [key] word word…',
    ],
    [
      'is shown around the first of several keywords',
      `${words(9)}key ${words(9)}key ${words(9)}`,
      'key',
      25,
      '…word word [key] word word…',
    ],
    [
      'is shown with all keywords that are near the first',
      `${words(9)}key and key ${words(9)}`,
      'key',
      25,
      '…word word [key] and [key]…',
    ],
    [
      'without spaces is cut between characters',
      `${'x'.repeat(50)}!key!${'y'.repeat(50)}`,
      'key',
      15,
      '…xxxx![key]!yyyy…',
    ],
    [
      'of emoji is cut between them',
      `${'🚀'.repeat(50)}key${'🚀'.repeat(50)}`,
      'key',
      14,
      '…🚀🚀[key]🚀🚀…',
    ],
    [
      'of families is cut between them',
      `${'👩‍👩‍👧‍👦'.repeat(9)}key${'👩‍👩‍👧‍👦'.repeat(9)}`,
      'key',
      30,
      '…👩‍👩‍👧‍👦[key]👩‍👩‍👧‍👦…',
    ],
    [
      'of flags is cut between them',
      `${'🇩🇪'.repeat(9)}key${'🇩🇪'.repeat(9)}`,
      'key',
      16,
      '…🇩🇪[key]🇩🇪…',
    ],
    [
      'from right to left is cut between words',
      `${'كلمة '.repeat(9)}سمسار ${'كلمة '.repeat(9)}`,
      'سمسار',
      20,
      '…كلمة [سمسار] كلمة…',
    ],
    [
      'ends in a keyword that is cut',
      `${words(9)}a very long keyword`,
      'a very long keyword',
      14,
      '…[a very long]…',
    ],
    ['begins with no line break', `${words(9)}\n\nkey\n\n${words(9)}`, 'key', 9, '…[key]…'],
    ['is never longer than it may be', words(9), 'x', 1, '…'],
  ])('%s', (_, content, keyword, limit, expected) => {
    expect(shown(content, keyword, limit)).toBe(expected);
  });

  test('is shortened until it fits', () => {
    const marked = markedText(`${words(90)}key ${words(90)}`, 'key');
    const fits = (pieces: readonly Piece[]) => written(pieces).length <= 30;
    expect(written(excerpt(marked, 600, fits))).toBe('…word word [key] word word…');
    expect(written(excerpt(marked, 600, () => false))).toBe('…');
    expect(written(excerpt(markedText('', 'key'), 600, () => false))).toBe('');
  });
});

test('quotation marks join the text beside them', () => {
  expect(quoted(excerpt(markedText('a key', 'key'), 600))).toEqual([
    { text: '“a ', marked: false },
    { text: 'key', marked: true },
    { text: '”', marked: false },
  ]);
});

test('a keyword is looked for as far as filters search', () => {
  expect(shown(`${'x '.repeat(63_000)}key`, 'key', 9)).toBe('…x x [key]');
  expect(shown(`${'x '.repeat(63_300)}key`, 'key', 9)).toBe('x x x x…');
});

test.each([
  ['without spaces', 'x'.repeat(1_000_000), 'key'],
  ['of the keyword alone', 'x'.repeat(1_000_000), 'x'],
  ['of a long keyword that is nearly found', 'x'.repeat(1_000_000), `${'x'.repeat(900)}y`],
  ['of keywords', 'key '.repeat(250_000), 'key'],
  ['of Japanese', '不動産'.repeat(300_000), '動産'],
  ['of one family', '👩\u200d'.repeat(300_000), '👩'],
  ['of vowels of Hangul', `가${'\u1161'.repeat(900_000)}`, '가'],
])('a megabyte %s is searched in a bounded time', (_, content, keyword) => {
  const marked = markedText(readable(content), keyword);
  expect(marked.text.length).toBeLessThan(3_000);
  const pieces = excerpt(marked, 600);
  expect(textOf(pieces).length).toBeLessThanOrEqual(600);
  expect(textOf(pieces)).toMatch(/…$/);
});

test('an excerpt is a part of any text, within the limit, with nothing but keywords marked', () => {
  const part = foreignText.map((text) => text.slice(0, 300));
  const parts = fc.tuple(part, part, part, fc.integer({ min: 12, max: 300 }));
  fc.assert(
    fc.property(parts, ([before, foreign, after, limit]) => {
      const keyword = readable(foreign.slice(0, 40));
      const text = readable(`${before} ${keyword} ${after}`);
      const pieces = excerpt(markedText(text, keyword), limit);
      const all = textOf(pieces);
      expect(all.length).toBeLessThanOrEqual(limit);
      expect(all.isWellFormed()).toBe(true);
      expect(pieces.every((piece) => piece.text !== '')).toBe(true);
      expect(all === '').toBe(text === '');
      expect(text).toContain(all.replace(/^…/, '').replace(/…$/, ''));
      for (const { text: bold } of pieces.filter(({ marked }) => marked)) {
        const [is, sought] = [foldText(bold), foldText(keyword)];
        expect(is.includes(sought) || sought.startsWith(is)).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});
