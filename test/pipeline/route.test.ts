import { describe, expect, test } from 'vitest';
import type { MentionFilter } from '../../src/domain/webhook.ts';
import { match, type Match } from '../../src/pipeline/route.ts';
import { mention } from '../helpers/mentions.ts';

const spotted = mention(1, {
  keyword: 'Looking for an Agent',
  position: 'Comment',
  group: { id: '1617905175110739', name: 'Real Estate Referral Network' },
});
const wanted: Match = { wanted: true };
const not = (because: 'keyword' | 'group' | 'position'): Match => ({ wanted: false, because });

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
