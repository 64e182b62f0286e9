import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPhraseFinder, searchedText } from '../../src/routing/phrase-finder.ts';
import { literalRule, rulesOf } from '../helpers/phrase-rules.ts';
import { foreignText } from '../webhooks/delivery-samples.ts';

const find = (phrases: readonly string[], text: string): string | null =>
  createPhraseFinder(phrases.map(literalRule))(searchedText(text));

describe('found', () => {
  test.each([
    ['a word', 'hiring', 'We are hiring now'],
    ['a word in another case', 'Hiring', 'We are hIRING.'],
    ['a word between punctuation', 'hiring', '(hiring!)'],
    ['a word in a hashtag', 'hiring', '#hiring'],
    ['a word after an emoji', 'hiring', '🚀hiring🚀'],
    ['a word before an apostrophe', 'agent', "the agent's fee"],
    ['a word next to a hyphen', 'code', 'no-code'],
    ['a word that is found later', 'art', 'start smart art'],
    ['a phrase', 'looking for work', 'I am looking for work, please'],
    ['a phrase over line breaks', 'looking for work', 'looking\n\n  for\twork'],
    ['a phrase where one begins twice', 'a a b', 'a a a b'],
    ['a phrase with a non-breaking hyphen', 'no-code', 'A no\u2011code tool'],
    ['a phrase with an apostrophe', "don't call", 'Please don’t call'],
    ['a phrase that begins with a full stop', '.net', 'We use .NET 9'],
    ['a phrase that ends with symbols', 'C++', 'C++, Rust or C++20'],
    ['a phrase that ends with a symbol that a letter touches', 'C++', 'C++Developer'],
    ['a phrase that ends with punctuation', 'C#', 'C#, Java'],
    ['an emoji that a word touches', '🚀', 'hiring🚀now'],
    ['an emoji in another colour', '👍', '👍🏽'],
    ['a word with a sharp s', 'Straße', 'HAUPTSTRASSE STRASSE'],
    ['a word of Turkish', 'istanbul', 'İSTANBUL’da'],
    ['a word of Russian', 'ищу работу', 'ИЩУ РАБОТУ!'],
    ['a word of Greek', 'οδός', 'ΟΔΌΣ'],
    ['a word of Arabic', 'وظيفة', 'مطلوب وظيفة في دبي'],
    ['a word of Hebrew', 'עבודה', '"עבודה"'],
    ['a word of Hindi', 'नौकरी', 'मुझे नौकरी चाहिए'],
    ['a word of Korean', '채용', '신입 채용 공고'],
    ['a word of Thai', 'งาน', 'หางานทำในกรุงเทพ'],
    ['a word of Chinese', '求职', '我在求职中'],
    ['a word of Chinese with its punctuation', '招聘！', '招聘！我们'],
    ['a word of Japanese', '求人', '求人募集中です'],
    ['a word of katakana', 'エージェント', '不動産エージェントを探している'],
    ['half-width katakana', 'アルバイト', 'ｱﾙﾊﾞｲﾄ募集'],
    ['a word of Chinese after a Latin one', '手机', 'iPhone手机'],
    ['a Latin word between Chinese', 'iphone', '我的iPhone手机'],
    ['a word of Lao', 'ວຽກ', 'ຊອກຫາວຽກ'],
    ['a word of Khmer', 'ការងារ', 'ខ្ញុំកំពុងស្វែងរកការងារ'],
    ['a word of Burmese', 'အလုပ်', 'ကျွန်တော်အလုပ်ရှာနေတယ်'],
    ['a word that zero-width spaces cut', 'hiring', 'h\u200bi\u200br\u200bi\u200bn\u200bg'],
    ['a word of full-width letters', 'hiring', 'Ｈｉｒｉｎｇ'],
    ['a word before a trade mark', 'Acme', 'Acme™ tools'],
  ])('%s', (_, phrase, text) => {
    expect(find([phrase], text)).toBe(phrase);
  });
});

describe('not found', () => {
  test.each([
    ['a part of a word', 'art', 'start party smart'],
    ['a word with an ending', 'agent', 'agents'],
    ['a word with a digit', 'crm', 'crm2'],
    ['a word without its accent', 'cafe', 'café'],
    ['a phrase with a word between', 'looking for work', 'looking for more work'],
    ['a phrase with punctuation between', 'no agents', 'No, agents are fine'],
    ['a phrase without its hyphen', 'no-code', 'no code nocode'],
    ['the end of an address', '.net', 'see example.net'],
    ['a hashtag in a word', '#hiring', 'now#hiring'],
    ['the beginning of a number', '100', '1000'],
    ['the end of a number in another script', '٣', '١٢٣'],
    ['a part of a word of Russian', 'работ', 'работу'],
    ['a part of a word of Hindi', 'नौकर', 'नौकरी'],
    ['a part of a word of Japanese', '京都', '東京都に住んでいます'],
    ['a part of a word of Chinese', '作的', '找工作的朋友'],
    ['a part of a word of Thai', 'กรุง', 'หางานทำในกรุงเทพ'],
    ['a Thai letter without its mark', 'ก', 'ก\u0e48'],
  ])('%s', (_, phrase, text) => {
    expect(find([phrase], text)).toBeNull();
  });
});

const findRule = (rules: readonly string[], ...texts: readonly string[]): string | null =>
  createPhraseFinder(rulesOf(...rules))(...texts.map(searchedText));

describe('a rule is matched by', () => {
  test.each([
    ['both words', 'agent + recommend', 'Can you recommend an agent?'],
    ['both words in its own order', 'recommend + agent', 'Can you recommend an agent?'],
    ['all of three parts', 'sell + condo + austin', 'AUSTIN: how do I sell my condo?'],
    [
      'phrases far apart',
      'looking for + real estate agent',
      `Looking for ${'x '.repeat(9000)}a real estate agent`,
    ],
    ['words that touch', 'buy + sell', 'buy/sell'],
    ['a word and a phrase that holds it', 'agent + real estate agent', 'a real estate agent'],
    ['one word for two equal parts', 'agent + Agent', 'agent'],
    ['a word without an ending', 'agent*', 'an agent'],
    ['a word with an ending', 'agent*', 'two AGENTS!'],
    ['a word with a long ending', 'recommend*', 'any recommendations?'],
    ['a word with an ending that has an accent', 'caf*', 'cafés'],
    ['a word with digits', 'crm*', 'CRM2024'],
    ['a word before an apostrophe', 'agent*', "agent's"],
    ['the last word of a phrase with an ending', 'real estate agent*', 'real estate agents'],
    ['endings in both parts', 'recommend* + realtor*', 'Realtors? I need recommendations'],
    ['a sharp s', 'straße*', 'STRASSENBAHN'],
    ['a word of Russian', 'работ*', 'ищу работу'],
    ['a word of German', 'makler* + gesucht', 'Maklerin gesucht!'],
    ['a word of Turkish', 'emlak*', 'EMLAKÇI arıyorum'],
    ['a word of Greek', 'λόγος*', 'ΛΌΓΟΣ'],
    ['a word of Arabic', 'وظيف* + دبي', 'مطلوب وظيفة في دبي'],
    ['a word of Hindi', 'नौकर*', 'मुझे नौकरी चाहिए'],
    ['a word of Korean', '채용 + 신입*', '신입사원 채용 공고'],
    ['a word of Chinese', '经纪 + 房产', '找房产经纪人'],
    ['a word of Chinese with an ending', '房*', '找房产经纪人'],
    ['a word of Japanese', '不動産 + エージェント', '不動産エージェントを探している'],
    ['a word of Japanese with an ending', '東京*', '東京都に住んでいます'],
    ['full-width operators', '東京＊ ＋ 求人', '求人募集中です。東京都'],
    ['a word of Thai', 'งาน + กรุงเทพ', 'หางานทำในกรุงเทพ'],
    ['a word of Thai with an ending', 'กรุง*', 'กรุงเทพ'],
    ['symbols', 'C++ + job*', 'Jobs for C++ people'],
    ['the literal characters', '"5*" + hotel', 'A 5* hotel'],
    ['a literal plus', '"a + b"', 'A + B'],
  ])('%s', (_, rule, text) => {
    expect(findRule([rule], text)).toBe(rule);
  });

  test.each([
    ['one of two words', 'agent + recommend', 'Can you help an agent?'],
    ['two of three parts', 'sell + condo + austin', 'How do I sell my condo?'],
    ['a part of a word', 'agent + recommend', 'recommend agents'],
    ['the end of a word', 'agent*', 'subagents, reagent'],
    ['an ending of another word', 'real estate agent*', 'real estates agent'],
    ['a word without its accent', 'cafe*', 'cafés'],
    ['the end of an address', '.net*', 'example.network'],
    ['the second half of a Chinese word', '产*', '找房产经纪人'],
    ['the second half of a Japanese word', '京都*', '東京都に住んでいます'],
    ['the operator', '"a + b"', 'a b'],
    ['what stands before the literal star', '"5*"', '50'],
  ])('not by %s', (_, rule, text) => {
    expect(findRule([rule], text)).toBeNull();
  });

  test('several texts together', () => {
    expect(findRule(['hiring + agency'], 'We are hiring', 'Best Agency')).toBe('hiring + agency');
    expect(findRule(['hiring agency'], 'We are hiring', 'agency')).toBeNull();
    expect(findRule(['hiring + agency'], 'We are hiring')).toBeNull();
  });
});

test('of several rules the one that is complete first is returned, as it is written', () => {
  const rules = ['c + A', 'B* +  a', 'agent*'];
  expect(findRule(rules, 'a c bb agents')).toBe('c + A');
  expect(findRule(rules, 'a bb c agents')).toBe('B* +  a');
  expect(findRule(rules, 'a agents bb')).toBe('agent*');
  expect(findRule(['agent', 'agent*'], 'agents agent')).toBe('agent*');
});

test('of several phrases the first one in the text is returned, as it was given', () => {
  expect(find(['Work', 'HIRING'], 'hiring work')).toBe('HIRING');
  expect(find(['hiring now', 'hiring nowhere', 'now'], 'hiring  NOW')).toBe('hiring now');
  expect(find([], 'hiring')).toBeNull();
  expect(find(['\u200b', ''], 'hiring')).toBeNull();
});

test('a text is searched up to the longest that Facebook allows, and no further', () => {
  expect(find(['hiring'], `${'x '.repeat(31_600)}hiring`)).toBe('hiring');
  expect(find(['hiring'], `${'x '.repeat(100_000)}hiring`)).toBeNull();
});

/** Returns a text that counts how often a finder reads a character of it. */
function countedText(text: string) {
  let looks = 0;
  const { folded, boundaries } = searchedText(text);
  const counting = {
    length: folded.length,
    charCodeAt(index: number) {
      looks += 1;
      return folded.charCodeAt(index);
    },
  };
  return { searched: { folded: counting as string, boundaries }, looks: () => looks };
}

test('the number of phrases does not matter: each character is read at most as often as the longest is long', () => {
  const phrases = Array.from({ length: 500 }, (_, index) => `${'a '.repeat(50)}${index}`);
  const longest = Math.max(...phrases.map(({ length }) => length));
  const text = 'a '.repeat(31_603);
  const counted = countedText(text);
  expect(createPhraseFinder(phrases.map(literalRule))(counted.searched)).toBeNull();
  expect(counted.looks()).toBeGreaterThan(text.length);
  expect(counted.looks()).toBeLessThanOrEqual(text.length * (longest + 2));
});

test('rules cost no more than phrases, also where all of them share a word that stands everywhere', () => {
  const rules = Array.from({ length: 500 }, (_, index) => `a + missing${index} + more${index}*`);
  const longest = Math.max(...rules.map(({ length }) => length));
  const text = 'a m '.repeat(15_000);
  const counted = countedText(text);
  expect(createPhraseFinder(rulesOf(...rules))(counted.searched)).toBeNull();
  expect(counted.looks()).toBeLessThanOrEqual(text.length * (longest + 2));
});

const anyPhrases = fc.array(
  fc.oneof(
    foreignText.map((text) => text.slice(0, 50)),
    fc.constantFrom('a', 'a a', '仲介', 'งาน'),
  ),
  { maxLength: 20 },
);

test('any phrases can be looked for in any text, and only one of them is found', () => {
  fc.assert(
    fc.property(anyPhrases, foreignText, (phrases, text) => {
      expect([...phrases, null]).toContain(find(phrases, text));
    }),
  );
});

test('a word is found wherever spaces, punctuation or line breaks stand around it', () => {
  const word = fc.stringMatching(/^[a-zåéßñ]{1,12}$/);
  const around = fc.constantFrom(' ', '\n', '. ', ', ', '!', '/', '🚀', '—', '"', '招聘', '。');
  fc.assert(
    fc.property(word, around, around, foreignText, (phrase, before, after, text) => {
      const shown = `${text.slice(0, 200)}${before}${phrase.toUpperCase()}${after}${text.slice(0, 200)}`;
      expect(find([phrase], shown)).toBe(phrase);
    }),
  );
});

test('a word is never found as a part of a longer one', () => {
  const letters = fc.stringMatching(/^[b-yа-я0-9]{1,12}$/);
  fc.assert(
    fc.property(letters, letters, (before, after) => {
      expect(find(['az'], `${before}az ${after} az${after}`)).toBeNull();
    }),
  );
});
