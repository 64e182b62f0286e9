import { describe, expect, test } from 'vitest';
import { loggedPostId, parseRecoveredMention } from '../../src/domain/recovered-mention.ts';
import { DOCUMENTED_POST, GROUP, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

describe('a recovered mention', () => {
  test('is read from the post of the documentation', () => {
    expect(parseRecoveredMention(DOCUMENTED_POST, GROUP)).toEqual({
      ok: true,
      value: {
        keyword: 'your keyword 1',
        link: 'https://facebook.com/groups/965673390154514/permalink/6719635918091537',
        owner: { id: '663928841', name: 'Post owner name' },
        group: GROUP,
        spottedAtMs: 1_699_453_217_000,
        raw: DOCUMENTED_POST,
        rawGroup: GROUP,
      },
    });
  });

  test('has its ids as strings, and keeps unknown fields', () => {
    const { mention } = recoveredOf({ owner: { id: 7, name: 'A' }, language: 'en' });
    expect(mention.owner).toEqual({ id: '7', name: 'A' });
    expect(mention.raw).toMatchObject({ owner: { id: '7' }, language: 'en' });
  });

  test('has the entities of what people read decoded, and those of its raw parts not', () => {
    const group = { id: '1', name: 'Buyers &amp; Sellers' };
    const post = {
      keyword: 'It&#039;s a house',
      link: 'https://facebook.com/permalink.php?story_fbid=1&amp;id=2',
      owner: { id: '7', name: 'O&#39;Neil' },
    };
    expect(parseRecoveredMention(post, group)).toMatchObject({
      ok: true,
      value: {
        keyword: "It's a house",
        link: 'https://facebook.com/permalink.php?story_fbid=1&id=2',
        owner: { id: '7', name: "O'Neil" },
        group: { id: '1', name: 'Buyers & Sellers' },
        raw: post,
        rawGroup: group,
      },
    });
  });

  test('may lack everything', () => {
    expect(parseRecoveredMention({}, GROUP)).toMatchObject({
      ok: true,
      value: { keyword: '', link: '', owner: { id: '', name: '' }, spottedAtMs: null },
    });
  });

  test.each<[string, Record<string, unknown>]>([
    ['false', { owner: false, keyword: false, link: false, timestamps: false }],
    ['an empty list', { owner: [], keyword: [], link: [], timestamps: [] }],
    ['false inside', { owner: { id: false, name: false }, timestamps: { spotted: false } }],
    ['a time that is no text', { timestamps: { spotted: ['a', 'b'] } }],
  ])('has nothing where PHP wrote %s', (_, post) => {
    expect(parseRecoveredMention(post, GROUP)).toMatchObject({
      ok: true,
      value: { keyword: '', link: '', owner: { id: '', name: '' }, spottedAtMs: null },
    });
  });

  test('gives nothing as null in its JSON', () => {
    const { mention } = recoveredOf({ owner: [], keyword: false, timestamps: { sent: false } });
    expect(mention.raw).toMatchObject({ owner: null, keyword: null, timestamps: { sent: null } });
  });

  test.each([
    ['that is none', 'words', 'the item: '],
    ['that is a list', ['words'], 'the item: '],
    ['that is a list of two', [{}, { keyword: 'words' }], 'the item: '],
    ['with a link that is no text', { link: { words: 1 } }, 'link: '],
  ])('is refused from a post %s, in our own words', (_, post, reason) => {
    const parsed = parseRecoveredMention(post, GROUP);
    expect(parsed).toEqual({ ok: false, error: expect.stringContaining(reason) });
    expect(JSON.stringify(parsed)).not.toContain('words');
  });
});

test.each([
  ['https://facebook.com/groups/965673390154514/permalink/6719635918091537', '6719635918091537'],
  ['https://www.facebook.com/groups/a/posts/123/?comment_id=4', '123'],
  ['https://facebook.com/groups/a/permalink/12\u001b[31m', '12'],
  [`https://facebook.com/groups/a/posts/${'1'.repeat(99)}`, '1'.repeat(64)],
  ['https://facebook.com/groups/965673390154514', null],
  ['', null],
])('the number of the post in %s is %s', (link, id) => {
  expect(loggedPostId(recoveredOf({ link }).mention)).toBe(id);
});
