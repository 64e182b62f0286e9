import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldText } from '../../src/domain/folded-text.ts';
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
const wanted: Match = { wanted: true };
const not = (because: 'keyword' | 'group' | 'position'): Match => ({ wanted: false, because });
const excluded = (because: 'exclude' | 'exclude_authors', rule: string): Match => ({
  wanted: false,
  because,
  rule,
});

describe('a webhook', () => {
  test.each<[string, MentionFilter, Match]>([
    ['without a filter wants every mention', {}, wanted],
    ['wants its keyword', { keywords: ['looking for an agent'] }, wanted],
    ['wants each of its keywords', { keywords: ['crm', 'looking for an agent'] }, wanted],
    ['does not want another keyword', { keywords: ['crm'] }, not('keyword')],
    ['does not want what its keyword is a part of', { keywords: ['agent'] }, not('keyword')],
    ['wants its group by id', { groups: ['1617905175110739'] }, wanted],
    ['wants its group by name', { groups: ['real estate referral network'] }, wanted],
    ['does not want another group', { groups: ['965673390154514'] }, not('group')],
    ['wants its position', { positions: ['post', 'comment'] }, wanted],
    ['does not want another position', { positions: ['post', 'link'] }, not('position')],
    ['with a list of nothing wants nothing', { keywords: [] }, not('keyword')],
    [
      'wants what matches every part of its filter',
      {
        keywords: ['looking for an agent'],
        groups: ['1617905175110739'],
        positions: ['comment'],
      },
      wanted,
    ],
    [
      'does not want what only its group lets through',
      { keywords: ['crm'], groups: ['1617905175110739'] },
      not('keyword'),
    ],
    [
      'does not want what only its keyword and its group let through',
      {
        keywords: ['looking for an agent'],
        groups: ['1617905175110739'],
        positions: ['post'],
      },
      not('position'),
    ],
    [
      'does not take a group for a keyword',
      { keywords: ['real estate referral network'] },
      not('keyword'),
    ],
  ])('%s', (_, filter, expected) => {
    expect(match(spotted, filter)).toEqual(expected);
  });

  test("does not mind spaces around the API's words", () => {
    const padded = mention(1, { keyword: ' CRM\n', group: { id: '1', name: ' Sales ' } });
    expect(match(padded, { keywords: ['crm'], groups: ['sales'] })).toEqual(wanted);
  });

  test('that filters does not want a mention without what it filters by', () => {
    const bare = mention(1, { keyword: null, group: null, position: null });
    expect(match(bare, { keywords: ['crm'] })).toEqual(not('keyword'));
    expect(match(bare, { groups: ['sales'] })).toEqual(not('group'));
    expect(match(bare, { positions: ['post'] })).toEqual(not('position'));
  });
});

describe('a webhook with exclusions', () => {
  const said = mention(1, {
    keyword: 'agent',
    content: 'Looking for an agent.\nI am HIRING!',
    owner: { id: '100073695043540', name: 'Ana P. Recruiting', link: 'https://facebook.com/spam' },
    group: { id: '1', name: 'Jobs' },
    link: 'https://facebook.com/groups/1/permalink/hidden',
  });

  test.each<[string, MentionFilter, Match]>([
    [
      'does not want a word of the content',
      { exclude: ['crm', 'Hiring'] },
      excluded('exclude', 'Hiring'),
    ],
    [
      'does not want a phrase of it',
      { exclude: ['agent. I am'] },
      excluded('exclude', 'agent. I am'),
    ],
    [
      "does not want a word of the owner's name",
      { exclude: ['recruiting'] },
      excluded('exclude', 'recruiting'),
    ],
    ['does not mind a part of a word', { exclude: ['hir', 'recruit'] }, wanted],
    ['does not mind a word over the end of the content', { exclude: ['hiring! ana'] }, wanted],
    ['does not mind a word of the group', { exclude: ['jobs'] }, wanted],
    ['does not mind a word of the links', { exclude: ['spam', 'hidden'] }, wanted],
    [
      'does not want an author by id',
      { excludeAuthors: ['100073695043540'] },
      excluded('exclude_authors', '100073695043540'),
    ],
    [
      'does not want an author by name',
      { excludeAuthors: ['ANA  P. recruiting'] },
      excluded('exclude_authors', 'ANA  P. recruiting'),
    ],
    ['does not mind a part of an author', { excludeAuthors: ['Ana', '1000'] }, wanted],
    ['does not mind an author in the content', { excludeAuthors: ['agent'] }, wanted],
    [
      'says first what else of its filter keeps a mention away',
      { keywords: ['crm'], exclude: ['hiring'] },
      not('keyword'),
    ],
    [
      'does not want what its keyword lets through',
      { keywords: ['agent'], exclude: ['hiring'] },
      excluded('exclude', 'hiring'),
    ],
    [
      'says of two which is the author',
      { exclude: ['hiring'], excludeAuthors: ['100073695043540'] },
      excluded('exclude_authors', '100073695043540'),
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
        const expected = (because: 'exclude' | 'exclude_authors'): Match =>
          seen ? excluded(because, name) : wanted;
        expect(match(any, { exclude: [name] })).toEqual(expected('exclude'));
        if (seen)
          expect(match(any, { excludeAuthors: [name] })).toEqual(expected('exclude_authors'));
      }),
    );
  });

  test('judges a recovered mention by its owner alone', () => {
    const { mention: recovered } = recoveredOf({
      keyword: 'hiring',
      owner: { id: '7', name: 'Ana P. Recruiting' },
    });
    expect(matchRecovered(recovered, { exclude: ['hiring'] })).toEqual(wanted);
    expect(matchRecovered(recovered, { exclude: ['recruiting'] })).toEqual(
      excluded('exclude', 'recruiting'),
    );
    expect(matchRecovered(recovered, { excludeAuthors: ['7'] })).toEqual(
      excluded('exclude_authors', '7'),
    );
  });
});
