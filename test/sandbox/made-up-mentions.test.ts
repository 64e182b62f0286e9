import { expect, test } from 'vitest';
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

test('the same seed gives the same mentions, another gives others', () => {
  expect(madeUp(50, 3)).toEqual(madeUp(50, 3));
  expect(madeUp(50, 3)).not.toEqual(madeUp(50, 4));
});

test('each can be read as a mention, and no two are the same', () => {
  const keys = MANY.map((item) => {
    const parsed = parseMention(item);
    if (!parsed.ok) throw new Error(parsed.error);
    expect(parsed.value.spottedAtMs).toBe(1_700_000_000_000);
    return mentionKey(parsed.value, 'post');
  });
  expect(new Set(keys).size).toBe(MANY.length);
});

test('each has ids, links and a group as the real API gives them', () => {
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

test('each holds its keyword, names nobody in full, and links only to example domains', () => {
  for (const { content, keyword, position, owner } of MANY) {
    const words = keyword.toLowerCase();
    const expected = position === 'link' ? words.replaceAll(' ', '-') : words;
    expect(content.toLowerCase()).toContain(expected);
    expect(content).not.toMatch(/\{(city|budget|count|niche)\}/);
    expect(owner.name).toMatch(/^[\p{L}\p{M}]+ [\p{L}\p{M}]\.$/u);
    for (const [host] of content.matchAll(/https?:\/\/[^\s/]+/g)) {
      expect(host).toMatch(/^https:\/\/([a-z]+\.)?example\.(com|net|org)$/);
    }
  }
});

test.each<[string, RegExp]>([
  ['short ones', /^.{1,89}$/s],
  ['long ones', /^.{901,}$/s],
  ['several lines', /\n/],
  ['an emoji', /\p{Extended_Pictographic}/u],
  ['Arabic', /\p{Script=Arabic}/u],
  ['Japanese', /\p{Script=Hiragana}/u],
  ['Chinese', /请问/],
  ['characters to escape', /[<&*].*[<&*]/s],
])('among 50 in a row there is some text with %s', (_, text) => {
  expect(MANY.slice(0, 50).some(({ content }) => text.test(content))).toBe(true);
});

test('no text is repeated before all others were used', () => {
  const texts = MANY.slice(0, 48).map((item) => `${item.keyword} ${item.content.slice(0, 10)}`);
  expect(new Set(texts).size).toBe(48);
});

test('some owners have ids that a JavaScript number cannot hold', () => {
  expect(MANY.some(({ owner }) => !Number.isSafeInteger(Number(owner.id)))).toBe(true);
});
