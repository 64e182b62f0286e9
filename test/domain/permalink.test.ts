import { describe, expect, test } from 'vitest';
import * as permalink from '../../src/domain/permalink.ts';
import type { Sighting } from '../../src/domain/permalink.ts';
import { mention } from '../helpers/mentions.ts';

const permalinkKey = (sighting: Sighting) => permalink.permalinkKey(sighting, 'mention');
const { recoveredKey } = permalink;
const recoveredDeliveryKey = (sighting: Sighting) =>
  permalink.recoveredDeliveryKey(sighting, 'mention');

const POST = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';

describe('a mention and the post that is the same', () => {
  const base: Sighting = {
    link: POST,
    keyword: 'crm',
    group: { id: '1' },
    spottedAtMs: 1_699_459_488_000,
  };

  test.each<[string, Partial<Sighting>]>([
    ['with a comment in its link', { link: `${POST}/?comment_id=99` }],
    ['with another host', { link: POST.replace('facebook', 'm.facebook') }],
    ['with tracking in its link', { link: `${POST}/?__cft__[0]=AZ1&__tn__=R` }],
    ['with a link of another form', { link: '/groups/1617905175110739/posts/3805136229720945/' }],
    ['with its keyword in capitals', { keyword: ' CRM ' }],
    ['with its keyword in other Unicode', { keyword: '\uff43r\u200bm' }],
    ['spotted at another time', { spottedAtMs: 1_699_459_999_000 }],
  ])('join %s', (_, other) => {
    expect(permalinkKey({ ...base, ...other })).toBe(permalinkKey(base));
  });

  test.each<[string, Partial<Sighting>]>([
    ['another post', { link: `${POST}1` }],
    ['another keyword', { keyword: 'erp' }],
    ['another group', { group: { id: '2' } }],
  ])('do not join with %s', (_, other) => {
    expect(permalinkKey({ ...base, ...other })).not.toBe(permalinkKey(base));
    expect(recoveredKey({ ...base, ...other })).not.toBe(recoveredKey(base));
    expect(recoveredDeliveryKey({ ...base, ...other })).not.toBe(recoveredDeliveryKey(base));
  });

  test.each([
    ['permalink.php?story_fbid=pfbid02a&id=1', 'permalink.php?story_fbid=pfbid02b&id=1'],
    ['photo.php?fbid=1', 'photo.php?fbid=2'],
    ['photo/?fbid=1', 'photo/?fbid=2'],
    ['watch/?v=1', 'watch/?v=2'],
    ['story.php?story_fbid=1&id=1', 'story.php?story_fbid=2&id=1'],
    ['groups/1/?multi_permalinks=1', 'groups/1/?multi_permalinks=2'],
    ['share/p/a1', 'share/p/a2'],
  ])('do not join %s with %s', (one, other) => {
    const linked = (path: string): Sighting => ({ ...base, link: `https://facebook.com/${path}` });
    const [first, second] = [linked(one), linked(other)];
    for (const dedupeBy of ['mention', 'post'] as const) {
      for (const keyOf of [permalink.permalinkKey, permalink.recoveredDeliveryKey]) {
        expect(keyOf(first, dedupeBy)).not.toBe(keyOf(second, dedupeBy));
      }
    }
    expect(recoveredKey(first)).not.toBe(recoveredKey(second));
    const moved = { ...first, link: first.link.replace('https://', 'http://www.') };
    expect(permalinkKey(moved)).toBe(permalinkKey(first));
  });

  test('a later comment on a post that was recovered is another one', () => {
    const later = { ...base, spottedAtMs: 1_699_459_999_000 };
    expect(recoveredKey(later)).not.toBe(recoveredKey(base));
    expect(recoveredKey({ ...base, spottedAtMs: 1_699_459_488_900 })).toBe(recoveredKey(base));
  });

  test('a link that is no post of Facebook joins as it is, without its tracking', () => {
    const other = { ...base, link: 'https://example.com/a/?utm=1' };
    expect(permalinkKey(other)).toBe(permalinkKey({ ...base, link: 'https://example.com/a' }));
    expect(permalinkKey(other)).not.toBe(permalinkKey({ ...base, link: 'https://example.com/b' }));
  });

  test('where every post counts once, its keyword and time do not matter', () => {
    const other = { ...base, keyword: 'erp', spottedAtMs: null };
    for (const keyOf of [permalink.permalinkKey, permalink.recoveredDeliveryKey]) {
      expect(keyOf(other, 'post')).toBe(keyOf(base, 'post'));
      expect(keyOf({ ...base, group: { id: '2' } }, 'post')).not.toBe(keyOf(base, 'post'));
    }
  });

  test('a link without a number joins under any host', () => {
    const path = '/groups/1/permalink/pfbid02Xy';
    const one = { ...base, link: `https://facebook.com${path}` };
    const other = { ...base, link: `https://www.facebook.com${path}` };
    expect(permalinkKey(one)).toBe(permalinkKey(other));
    expect(permalinkKey({ ...one, link: one.link.toLowerCase() })).not.toBe(permalinkKey(one));
  });

  test('without a link nothing joins, but a delivery still has a key', () => {
    const unlinked = { ...base, link: '' };
    expect(permalinkKey(unlinked)).toBeNull();
    expect(recoveredKey(unlinked)).toBeNull();
    expect(recoveredDeliveryKey(unlinked)).toMatch(/^[\w-]{22}$/);
  });
});

test('the keys are what they are: a change of them would send what was recovered again', () => {
  expect([permalinkKey(mention(1)), recoveredKey(mention(1)), recoveredDeliveryKey(mention(1))])
    .toMatchInlineSnapshot(`
    [
      "pC2UW1zkJS2dF",
      "r2FdtfMWTxtNl",
      "4MVc3SWQR8hHoRR0l45-56",
    ]
  `);
});
