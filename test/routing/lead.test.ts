import { describe, expect, test } from 'vitest';
import { leadAtMs, leadOf } from '../../src/routing/lead.ts';
import { mention } from '../helpers/mentions.ts';

const TEXT = 'Can anyone recommend a realtor in Austin, TX? We’re moving in May.';
const ANA = { id: '1015000000000001', name: 'Ana P.', link: '' };
const of = (overrides: Record<string, unknown>, number = 1) =>
  mention(number, { owner: ANA, content: TEXT, ...overrides });
const COMMENT = 'https://facebook.com/groups/7/permalink/1/?comment_id=5';

describe('one lead is the text of an author', () => {
  test.each<[string, Record<string, unknown>]>([
    ['in another group', { group: { id: '8', name: 'Investors' } }],
    ['for another keyword', { keyword: 'austin' }],
    ['in a link of the post', { position: 'link' }],
    ['under another name of hers', { owner: { ...ANA, name: 'Ana Paula' } }],
    ['with her id as a number', { owner: { ...ANA, id: 1015000000000001 } }],
    ['in capitals, with other apostrophes', { content: TEXT.toUpperCase().replace('’', "'") }],
    ['with another wrapping', { content: ` ${TEXT.replaceAll(' ', ' \n ')}\u200b\n` }],
    ['with entities', { content: TEXT.replace('’', '&#8217;') }],
    ['with a link behind it', { content: `${TEXT}\nhttps://zillow.com/homes/1?x=2` }],
    ['with another link', { content: `WWW.example.com ${TEXT} http://fb.me/2` }],
  ])('%s', (_, overrides) => {
    expect(leadOf(of(overrides, 2))).toBe(leadOf(of({})));
  });
});

describe('another lead is', () => {
  test.each<[string, Record<string, unknown>]>([
    ["a stranger's same text", { owner: { ...ANA, id: '2' } }],
    ['another text', { content: `${TEXT} Thanks!` }],
    ['a text with other accents', { content: TEXT.replace('recommend', 'récommend') }],
    [
      'the text in a comment, which the API gives with author and text of the post',
      { link: COMMENT },
    ],
  ])('%s', (_, overrides) => {
    expect(leadOf(of(overrides, 2))).not.toBeNull();
    expect(leadOf(of(overrides, 2))).not.toBe(leadOf(of({})));
  });
});

describe('no lead is a mention', () => {
  test.each<[string, Record<string, unknown>]>([
    ['without an author', { owner: null }],
    ['of an author without an id', { owner: { name: 'Anonymous member' } }],
    ['of an author with the id 0', { owner: { ...ANA, id: 0 } }],
    ['without a text', { content: '' }],
    ['with invisible text', { content: ' \u200b\n\u3164' }],
    ['with nothing but a link', { content: 'https://zillow.com/homes/1' }],
    ['in a comment that its link does not name', { position: 'Comment' }],
  ])('%s', (_, overrides) => {
    expect(leadOf(of(overrides))).toBeNull();
  });
});

describe('a short text', () => {
  const short = (number: number, overrides: Record<string, unknown> = {}) =>
    leadOf(of({ content: 'Interested!', ...overrides }, number));

  test('is one lead within its post, whatever the keyword', () => {
    expect(short(1, { keyword: 'erp' })).toBe(short(1));
  });

  test.each<[string, string | null]>([
    ['in another post', short(2)],
    ['of another author', short(1, { owner: { ...ANA, id: '2' } })],
  ])('is another lead %s', (_, other) => {
    expect(other).not.toBeNull();
    expect(other).not.toBe(short(1));
  });

  test('has fewer than 20 characters without links and white space', () => {
    const inPosts = (content: string) => [1, 2].map((number) => short(number, { content }));
    const [one, other] = inPosts(`${'x '.repeat(19)} https://example.com/long/enough`);
    expect(one).not.toBe(other);
    expect(new Set(inPosts('x'.repeat(20))).size).toBe(1);
  });
});

describe('comments with the same author and text, as the API documents those of the post', () => {
  const comment = (id: string, overrides: Record<string, unknown> = {}) =>
    leadOf(of({ position: 'comment', link: `${COMMENT.slice(0, -1)}${id}`, ...overrides }));

  test('are one lead if they are the same comment, found for two keywords', () => {
    expect(comment('5', { keyword: 'erp' })).toBe(comment('5'));
  });

  test.each([
    ['another comment', comment('6')],
    ['a reply to it', comment('5&reply_comment_id=6')],
    ['one on another post', comment('5', { id: 'other' })],
  ])('are another lead if it is %s', (_, other) => {
    expect(other).not.toBeNull();
    expect(other).not.toBe(comment('5'));
  });
});

test.each([
  ['when it was spotted', '1699459000', 1_699_459_000_000],
  ['when it was received, if that is unreadable', 'soon', 1_700_000_000_000],
  ['when it was received, if that is in the future', '1800000000', 1_700_000_000_000],
])('the time of a mention as one of a lead is %s', (_, spotted, expected) => {
  expect(leadAtMs(of({ spotted }), 1_700_000_000_000)).toBe(expected);
});
