import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldText } from '../../src/domain/foreign/folded-text.ts';
import type { MentionFilter } from '../../src/domain/webhook.ts';
import { match, matchRecovered, type Match } from '../../src/routing/mention-filter.ts';
import { mention } from '../helpers/mentions.ts';
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
    expect(match(said, { exclude: ['other', listed] })).toEqual(by(listed));
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
    ['refuses a word of the content', { exclude: ['crm', 'Hiring'] }, by('Hiring')],
    ['refuses a phrase of it', { exclude: ['agent. I am'] }, by('agent. I am')],
    ["refuses a word of the owner's name", { exclude: ['recruiting'] }, by('recruiting')],
    ['ignores a part of a word', { exclude: ['hir', 'recruit'] }, wanted],
    ['ignores a word over the end of the content', { exclude: ['hiring! ana'] }, wanted],
    ['ignores a word of the group', { exclude: ['jobs'] }, wanted],
    ['ignores a word of the links', { exclude: ['spam', 'hidden'] }, wanted],
    ['refuses an author by id', { excludeAuthors: [AUTHOR_ID] }, byAuthor(AUTHOR_ID)],
    ['refuses an author by name', { excludeAuthors: [AUTHOR] }, byAuthor(AUTHOR)],
    ['ignores a part of an author', { excludeAuthors: ['Ana', '1000'] }, wanted],
    ['ignores an author in the content', { excludeAuthors: ['agent'] }, wanted],
    ['names its keywords before it', { keywords: ['crm'], exclude: ['hiring'] }, not('keyword')],
    ['refuses what its keyword allows', { keywords: ['agent'], exclude: ['hiring'] }, by('hiring')],
    [
      'names the author before a word',
      { exclude: ['hiring'], excludeAuthors: [AUTHOR_ID] },
      byAuthor(AUTHOR_ID),
    ],
  ])('%s', (_, filter, expected) => {
    expect(match(said, filter)).toEqual(expected);
  });

  test('wants a mention without an owner and without content', () => {
    const bare = mention(1, { owner: null, content: null });
    expect(match(bare, { exclude: ['hiring'], excludeAuthors: ['Ana P.'] })).toEqual(wanted);
  });

  test('finds any author whose name can be seen, by the name itself', () => {
    fc.assert(
      fc.property(anyDelivery, ({ mention: any }) => {
        const { name } = any.owner;
        const seen = foldText(name) !== '';
        expect(match(any, { exclude: [name] })).toEqual(seen ? by(name) : wanted);
        if (seen) expect(match(any, { excludeAuthors: [name] })).toEqual(byAuthor(name));
      }),
    );
  });

  test('judges a recovered mention by its owner alone', () => {
    const { mention: recovered } = recoveredOf({
      keyword: 'hiring',
      owner: { id: '7', name: 'Ana P. Recruiting' },
    });
    expect(matchRecovered(recovered, { exclude: ['hiring'] })).toEqual(wanted);
    expect(matchRecovered(recovered, { exclude: ['recruiting'] })).toEqual(by('recruiting'));
    expect(matchRecovered(recovered, { excludeAuthors: ['7'] })).toEqual(byAuthor('7'));
  });
});
