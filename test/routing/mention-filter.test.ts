import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldText } from '../../src/domain/foreign/folded-text.ts';
import type { MentionFilter } from '../../src/domain/webhook.ts';
import { match, matchRecovered, type Match } from '../../src/routing/mention-filter.ts';
import { mention } from '../helpers/mentions.ts';
import { literalRule, rulesOf } from '../helpers/phrase-rules.ts';
import { anyDelivery } from '../webhooks/delivery-samples.ts';
import { recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const spotted = mention(1, {
  keyword: 'Looking for an Agent',
  position: 'Comment',
  group: { id: '1617905175110739', name: 'Real Estate Referral Network' },
});
const BOTH = { keywords: ['looking for an agent'], groups: ['1617905175110739'] };
const wanted: Match = { wanted: true };
const not = (because: 'keyword' | 'group' | 'position'): Match => ({ wanted: false, because });
const by = (rule: string): Match => ({ wanted: false, because: 'exclude', rule });
const byAuthor = (rule: string): Match => ({ wanted: false, because: 'exclude_authors', rule });

describe('a webhook', () => {
  test.each<[string, MentionFilter, Match]>([
    ['without a filter wants every mention', {}, wanted],
    ['wants its keyword', { keywords: ['looking for an agent'] }, wanted],
    ['wants each of its keywords', { keywords: ['crm', 'looking for an agent'] }, wanted],
    ['refuses another keyword', { keywords: ['crm'] }, not('keyword')],
    ['refuses a longer keyword that holds its own', { keywords: ['agent'] }, not('keyword')],
    ['wants its group by id', { groups: ['1617905175110739'] }, wanted],
    ['wants its group by name', { groups: ['real estate referral network'] }, wanted],
    ['refuses another group', { groups: ['965673390154514'] }, not('group')],
    ['wants its position', { positions: ['post', 'comment'] }, wanted],
    ['refuses another position', { positions: ['post', 'link'] }, not('position')],
    ['with a list of nothing wants nothing', { keywords: [] }, not('keyword')],
    ['wants a mention that passes every part', { ...BOTH, positions: ['comment'] }, wanted],
    ['refuses one of another keyword', { ...BOTH, keywords: ['crm'] }, not('keyword')],
    ['refuses one in another position', { ...BOTH, positions: ['post'] }, not('position')],
    [
      'does not take a group for a keyword',
      { keywords: ['real estate referral network'] },
      not('keyword'),
    ],
  ])('%s', (_, filter, expected) => {
    expect(match(spotted, filter)).toEqual(expected);
  });

  // The same words, as the API may write them and as an operator may.
  test.each([
    ['in another case', 'Real Estate', 'REAL ESTATE'],
    ['decomposed', 'Cafe\u0301 Zu\u0308rich', 'Café Zürich'],
    ['composed', 'Café Zürich', 'Cafe\u0301 Zu\u0308rich'],
    ['with no-break spaces', 'real\u00a0estate\u202fagent', 'real estate agent'],
    ['with other spaces', 'real\u2009estate\u3000agent', 'real estate agent'],
    ['with two spaces and at the end', ' real  estate ', 'real estate'],
    ['with two spaces in the list', 'real estate', 'real  estate'],
    ['with a typographic apostrophe', 'it’s a house', "it's a house"],
    ['with a plain apostrophe', "it's a house", 'it’s a house'],
    ['with typographic quotation marks', '“best” agent', '"best" agent'],
    ['with a dash', 'Austin – Homes — Rentals', 'Austin - Homes - Rentals'],
    ['with a hyphen that does not break', 'no\u2011code', 'no-code'],
    ['with invisible characters', 're\u200bal\ufeff est\u00adate\u200d', 'real estate'],
    ['full-width', 'ＣＲＭ', 'crm'],
    ['of Turkish', 'İSTANBUL ILICA', 'istanbul ılıca'],
    ['of German', 'Straße', 'STRASSE'],
    ['of Arabic', 'وظـــيفة', 'وظيفة'],
    ['of Hebrew', 'תנ״ך צ׳ק', 'תנ"ך צ\'ק'],
    ['of Thai', 'ท\u0e4d\u0e32งาน', 'ทำงาน'],
    ['with an emoji', '❤\ufe0f Homes', '❤ homes'],
    ['with entities', 'Buyers &amp; Sellers&#039; Club', "buyers & sellers' club"],
    ['with entities in the list too', 'Buyers &amp; Sellers', 'buyers &amp; sellers'],
    ['with an encoded entity', 'A &amp;amp; B', 'a &amp; b'],
  ])('compares words %s', (_, given, listed) => {
    const others = ['other', listed.toLowerCase()];
    const said = mention(1, {
      keyword: given,
      position: given,
      group: { id: '1', name: given },
      owner: { id: '7', name: given },
      content: `(${given})`,
    });
    expect(match(said, { keywords: others })).toEqual(wanted);
    expect(match(said, { positions: others })).toEqual(wanted);
    expect(match(said, { groups: others })).toEqual(wanted);
    expect(match(said, { exclude: ['other', listed].map(literalRule) })).toEqual(by(listed));
    expect(match(said, { excludeAuthors: ['other', listed] })).toEqual(byAuthor(listed));
    const { mention: recovered } = recoveredOf({ keyword: given }, { id: '1', name: given });
    expect(matchRecovered(recovered, { keywords: others, groups: others })).toEqual(wanted);
  });

  test('takes an entry that nobody sees for no keyword, group or author', () => {
    const bare = mention(1, { keyword: null, group: null, owner: null });
    expect(match(bare, { keywords: ['\u200b'] })).toEqual(not('keyword'));
    expect(match(bare, { groups: ['&#8203;'] })).toEqual(not('group'));
    expect(match(bare, { excludeAuthors: ['&#8203;'] })).toEqual(wanted);
  });

  test("ignores spaces around the API's words", () => {
    const padded = mention(1, { keyword: ' CRM\n', group: { id: '1', name: ' Sales ' } });
    expect(match(padded, { keywords: ['crm'], groups: ['sales'] })).toEqual(wanted);
  });

  test('refuses a mention without the field that it filters by', () => {
    const bare = mention(1, { keyword: null, group: null, position: null });
    expect(match(bare, { keywords: ['crm'] })).toEqual(not('keyword'));
    expect(match(bare, { groups: ['sales'] })).toEqual(not('group'));
    expect(match(bare, { positions: ['post'] })).toEqual(not('position'));
  });
});

describe('a webhook with words to include', () => {
  const said = mention(1, {
    keyword: 'condo',
    content: 'We want to SELL our condo.\nWho knows good agents?',
    owner: { id: '7', name: 'Ana P. Realtor', link: 'https://facebook.com/spam' },
    group: { id: '1', name: 'Homes' },
  });
  const included = (rule: string): Match => ({ wanted: true, rule });
  const missed: Match = { wanted: false, because: 'include' };

  test.each<[string, string[], Omit<MentionFilter, 'include'>, Match]>([
    ['wants a word of the content', ['crm', 'Sell'], {}, included('Sell')],
    ['wants both of two', ['agents + sell'], {}, included('agents + sell')],
    ['wants any ending', ['agent*'], {}, included('agent*')],
    ['refuses one of two', ['agents + buy'], {}, missed],
    ['refuses a part of a word', ['agent', 'con'], {}, missed],
    ["refuses a word of the author's name", ['realtor'], {}, missed],
    ['refuses a word of the content with one of the name', ['sell + realtor'], {}, missed],
    ['refuses a word of the group or the links', ['homes', 'spam'], {}, missed],
    ['names its keywords before them', ['crm'], { keywords: ['crm'] }, not('keyword')],
    ['names them before its exclusions', ['crm'], { exclude: rulesOf('sell') }, missed],
    ['refuses what it excludes', ['sell'], { exclude: rulesOf('agent*') }, by('agent*')],
    [
      'wants what it does not exclude',
      ['sell'],
      { exclude: rulesOf('sell + dog*') },
      included('sell'),
    ],
  ])('%s', (_, include, filter, expected) => {
    expect(match(said, { ...filter, include: rulesOf(...include) })).toEqual(expected);
  });

  test('refuses a mention without content, and wants a recovered one, whose content is unknown', () => {
    const include = rulesOf('agent*');
    expect(match(mention(1, { content: null }), { include })).toEqual(missed);
    const { mention: recovered } = recoveredOf({ keyword: 'crm' });
    expect(matchRecovered(recovered, { include })).toEqual(wanted);
    expect(matchRecovered(recovered, { include, keywords: ['erp'] })).toEqual(not('keyword'));
  });
});

describe('one more', () => {
  const word = fc.constantFrom(
    'agent',
    'agents',
    'sell',
    'SELL',
    '求职',
    'งาน',
    'C++',
    'real estate',
  );
  const part = fc.tuple(word, fc.constantFrom('', '*')).map((both) => both.join(''));
  const rules = (least: number) =>
    fc
      .array(fc.array(part, { minLength: 1, maxLength: 3 }), { minLength: least, maxLength: 5 })
      .map((texts) => rulesOf(...texts.map((parts) => parts.join(' + '))));
  const content = fc
    .array(fc.oneof(word, fc.constantFrom('x', 'reagent', '我在', 'หา', '.', '+')), {
      maxLength: 8,
    })
    .chain((words) => fc.constantFrom(' ', '', '\n').map((space) => words.join(space)));
  const filters = fc.record({ include: rules(1), exclude: rules(0) });
  const mentions = fc
    .tuple(content, content)
    .map(([text, name]) => mention(1, { content: text, owner: { id: '7', name } }));

  test('rule to include never makes fewer mentions wanted, and one to exclude never more', () => {
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(mentions, filters, rules(1), (said, filter, added) => {
        const before = match(said, filter).wanted;
        const include = [...filter.include, ...added];
        const exclude = [...filter.exclude, ...added];
        const including = match(said, { ...filter, include }).wanted;
        const excluding = match(said, { ...filter, exclude }).wanted;
        outcomes.add(`${before} ${including} ${excluding}`);
        expect(including || !before).toBe(true);
        expect(before || !excluding).toBe(true);
      }),
      { numRuns: 400 },
    );
    expect(outcomes).toEqual(
      new Set(['true true true', 'true true false', 'false false false', 'false true false']),
    );
  });

  test('part of a rule makes it match less, and any ending makes it match more', () => {
    fc.assert(
      fc.property(content, word, word, (text, one, other) => {
        const matches = (rule: string): boolean =>
          match(mention(1, { content: text }), { include: rulesOf(rule) }).wanted;
        expect(matches(`${one} + ${other}`)).toBe(matches(one) && matches(other));
        if (matches(one)) expect(matches(`${one}*`)).toBe(true);
      }),
    );
  });
});

describe('a webhook with exclusions', () => {
  const AUTHOR_ID = '100073695043540';
  const AUTHOR = 'ANA  P. recruiting';
  const said = mention(1, {
    keyword: 'agent',
    content: 'Looking for an agent.\nI am HIRING!',
    owner: { id: AUTHOR_ID, name: 'Ana P. Recruiting', link: 'https://facebook.com/spam' },
    group: { id: '1', name: 'Jobs' },
    link: 'https://facebook.com/groups/1/permalink/hidden',
  });

  test.each<[string, MentionFilter, Match]>([
    ['refuses a word of the content', { exclude: rulesOf('crm', 'Hiring') }, by('Hiring')],
    ['refuses a phrase of it', { exclude: rulesOf('agent. I am') }, by('agent. I am')],
    ["refuses a word of the owner's name", { exclude: rulesOf('recruiting') }, by('recruiting')],
    ['ignores a part of a word', { exclude: rulesOf('hir', 'recruit') }, wanted],
    ['refuses two words', { exclude: rulesOf('hiring + agent*') }, by('hiring + agent*')],
    [
      'refuses two words, one in each place',
      { exclude: rulesOf('recruit* + hiring') },
      by('recruit* + hiring'),
    ],
    ['ignores one of two words', { exclude: rulesOf('hiring + crm') }, wanted],
    ['ignores a word over the end of the content', { exclude: rulesOf('hiring! ana') }, wanted],
    ['ignores a word of the group', { exclude: rulesOf('jobs') }, wanted],
    ['ignores a word of the links', { exclude: rulesOf('spam', 'hidden') }, wanted],
    ['refuses an author by id', { excludeAuthors: [AUTHOR_ID] }, byAuthor(AUTHOR_ID)],
    ['refuses an author by name', { excludeAuthors: [AUTHOR] }, byAuthor(AUTHOR)],
    ['ignores a part of an author', { excludeAuthors: ['Ana', '1000'] }, wanted],
    ['ignores an author in the content', { excludeAuthors: ['agent'] }, wanted],
    [
      'names its keywords before it',
      { keywords: ['crm'], exclude: rulesOf('hiring') },
      not('keyword'),
    ],
    [
      'refuses what its keyword allows',
      { keywords: ['agent'], exclude: rulesOf('hiring') },
      by('hiring'),
    ],
    [
      'names the author before a word',
      { exclude: rulesOf('hiring'), excludeAuthors: [AUTHOR_ID] },
      byAuthor(AUTHOR_ID),
    ],
  ])('%s', (_, filter, expected) => {
    expect(match(said, filter)).toEqual(expected);
  });

  test('wants a mention without an owner and without content', () => {
    const bare = mention(1, { owner: null, content: null });
    expect(match(bare, { exclude: rulesOf('hiring'), excludeAuthors: ['Ana P.'] })).toEqual(wanted);
  });

  test('finds any author whose name can be seen, by the name itself', () => {
    fc.assert(
      fc.property(anyDelivery, ({ mention: any }) => {
        const { name } = any.owner;
        const seen = foldText(name) !== '';
        expect(match(any, { exclude: [literalRule(name)] })).toEqual(seen ? by(name) : wanted);
        if (seen) expect(match(any, { excludeAuthors: [name] })).toEqual(byAuthor(name));
      }),
    );
  });

  test('judges a recovered mention by its owner alone', () => {
    const { mention: recovered } = recoveredOf({
      keyword: 'hiring',
      owner: { id: '7', name: 'Ana P. Recruiting' },
    });
    expect(matchRecovered(recovered, { exclude: rulesOf('hiring') })).toEqual(wanted);
    expect(matchRecovered(recovered, { exclude: rulesOf('recruiting') })).toEqual(by('recruiting'));
    expect(matchRecovered(recovered, { excludeAuthors: ['7'] })).toEqual(byAuthor('7'));
  });
});
