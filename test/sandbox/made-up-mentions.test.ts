import { describe, expect, test } from 'vitest';
import { mentionKey, parseMention } from '../../src/domain/mention.ts';
import { SANDBOX_GROUPS } from '../../src/sandbox/account.ts';
import { createMentionMaker } from '../../src/sandbox/made-up-mentions.ts';
import { seededRandom } from './running-sandbox.ts';

const SPOTTED_AT_MS = 1_700_000_000_999;

function madeUp(count: number, seed = 1) {
  const makeUp = createMentionMaker(seededRandom(seed));
  return Array.from({ length: count }, () => makeUp(SPOTTED_AT_MS));
}

const MANY = madeUp(500);

test('The same seed gives the same mentions, another gives others', () => {
  expect(madeUp(50, 3)).toEqual(madeUp(50, 3));
  expect(madeUp(50, 3)).not.toEqual(madeUp(50, 4));
});

test('Each can be read as a mention, and no two are the same', () => {
  const keys = MANY.map((item) => {
    const parsed = parseMention(item);
    if (!parsed.ok) throw new Error(parsed.error);
    expect(parsed.value.spottedAtMs).toBe(1_700_000_000_000);
    return mentionKey(parsed.value, 'post');
  });
  expect(new Set(keys).size).toBe(MANY.length);
});

test('Each has ids, links and a group as the real API gives them', () => {
  for (const { id, link, owner, group, keyword, position } of MANY) {
    expect(id).toMatch(/^\d{16}$/);
    expect(owner.id).toMatch(/^\d{15}$|^\d{17}$/);
    expect(owner.link).toBe(`https://facebook.com/profile.php?id=${owner.id}`);
    const permalink = `https://facebook.com/groups/${group.id}/permalink/${id}`;
    expect(link).toMatch(
      position === 'comment' ? /\/\?comment_id=\d{16}$/ : /\/permalink\/\d{16}$/,
    );
    expect(link.startsWith(permalink)).toBe(true);
    const known = SANDBOX_GROUPS.find((candidate) => candidate.id === group.id);
    expect(known).toMatchObject({ name: group.name, tracking: true });
    expect(known?.keywords.map(({ name }) => name)).toContain(keyword);
  }
});

test('Each holds its keyword, in a link with hyphens, and nothing is left to fill in', () => {
  for (const { content, keyword, position } of MANY) {
    const said =
      position === 'link' ? keyword.toLowerCase().replaceAll(' ', '-') : keyword.toLowerCase();
    expect(content.toLowerCase()).toContain(said);
    expect(content).not.toMatch(/\{(city|budget|count|niche)\}/);
  }
});

test('Owners are given names with an initial', () => {
  for (const { owner } of MANY) expect(owner.name).toMatch(/^[\p{L}\p{M}]+ [\p{L}\p{M}]\.$/u);
});

test('Links in the text lead to domains reserved for examples', () => {
  const hosts = MANY.flatMap(({ content }) => content.match(/https?:\/\/[^\s/]+/g) ?? []);
  expect(hosts.length).toBeGreaterThan(0);
  for (const host of hosts) expect(host).toMatch(/^https:\/\/([a-z]+\.)?example\.(com|net|org)$/);
});

describe('among 50 in a row there are some', () => {
  const fifty = MANY.slice(0, 50);
  test.each([
    { name: 'short ones', has: (content: string) => content.length < 90 },
    { name: 'long ones', has: (content: string) => content.length > 900 },
    { name: 'of several lines', has: (content: string) => content.includes('\n') },
    { name: 'with an emoji', has: (content: string) => /\p{Extended_Pictographic}/u.test(content) },
    { name: 'in Arabic', has: (content: string) => /\p{Script=Arabic}/u.test(content) },
    { name: 'in Japanese', has: (content: string) => /\p{Script=Hiragana}/u.test(content) },
    { name: 'in Chinese', has: (content: string) => content.includes('请问') },
    { name: 'in Russian', has: (content: string) => /\p{Script=Cyrillic}/u.test(content) },
    { name: 'in Greek', has: (content: string) => /\p{Script=Greek}/u.test(content) },
    { name: 'in Hindi', has: (content: string) => /\p{Script=Devanagari}/u.test(content) },
    { name: 'with <', has: (content: string) => content.includes('<') },
    { name: 'with &', has: (content: string) => content.includes('&') },
    { name: 'with *', has: (content: string) => content.includes('*') },
  ])('$name', ({ has }) => {
    expect(fifty.some(({ content }) => has(content))).toBe(true);
  });

  test.each(['post', 'comment', 'link'])('in a %s', (position) => {
    expect(fifty.some((mention) => mention.position === position)).toBe(true);
  });
});

test('No text comes twice before every other was used', () => {
  const ids = ({ keyword, position, content }: (typeof MANY)[number]) =>
    `${keyword} ${position} ${content.slice(0, 10)}`;
  const firstRound = MANY.slice(0, 48).map(ids);
  expect(new Set(firstRound).size).toBe(48);
});

test('Some owners have ids beyond what a number in JavaScript can hold', () => {
  expect(MANY.some(({ owner }) => !Number.isSafeInteger(Number(owner.id)))).toBe(true);
});
