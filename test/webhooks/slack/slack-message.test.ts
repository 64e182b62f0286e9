import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/domain/mention.ts';
import { formatSlack, formatSlackSimplified } from '../../../src/webhooks/slack/slack-message.ts';
import { anyDelivery, deliveryOf, HOSTILE_TEXTS } from '../delivery-samples.ts';
import { expectSlackMessage } from './slack-limits.ts';

const NOTHING = { keyword: '', position: '', content: '', link: '', owner: {}, group: {} };
const LINK = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';

function messageOf(item: JsonObject = {}) {
  return expectSlackMessage(formatSlack([deliveryOf(item)]));
}

/** All texts of one kind of block, in their order. */
function textsOf(item: JsonObject, kind: 'header' | 'section' | 'context'): string[] {
  return (messageOf(item).blocks ?? []).flatMap((block) => {
    if (block.type !== kind) return [];
    if (block.type === 'context') return block.elements.map(({ text }) => text);
    return block.type === 'header' ? [block.text.text] : [block.text?.text ?? ''];
  });
}

test('the documented mention, whole', () => {
  expect(JSON.parse(formatSlack([deliveryOf()]))).toEqual({
    text: 'Keyword name 1 in Real Estate Referral Network: Post content',
    mrkdwn: false,
    blocks: [
      {
        type: 'header',
        text: {
          type: 'plain_text',
          text: 'Keyword name 1 in Real Estate Referral Network',
          emoji: false,
        },
      },
      { type: 'section', text: { type: 'plain_text', text: '“Post content”', emoji: false } },
      {
        type: 'context',
        elements: [
          { type: 'plain_text', text: 'Post owner name', emoji: false },
          { type: 'plain_text', text: 'in the post', emoji: false },
          {
            type: 'mrkdwn',
            text: 'spotted <!date^1699459488^{date_short_pretty} at {time}|2023-11-08 16:04 UTC>',
            verbatim: true,
          },
          { type: 'mrkdwn', text: `*<${LINK}|Open post>*`, verbatim: true },
        ],
      },
    ],
    unfurl_links: false,
    unfurl_media: false,
  });
});

describe('the header', () => {
  test.each<[string, JsonObject, string]>([
    ['names keyword and group', {}, 'Keyword name 1 in Real Estate Referral Network'],
    ['has only the keyword without a group', { group: null }, 'Keyword name 1'],
    ['has the id of a group without a name', { group: { id: '16' } }, 'Keyword name 1 in group 16'],
    [
      'has only the group without a keyword',
      { keyword: '' },
      'New mention in Real Estate Referral Network',
    ],
    ['says what it is without either', NOTHING, 'New mention'],
    ['is escaped', { keyword: 'R&D', group: { name: '<b>' } }, 'R&amp;D in &lt;b&gt;'],
    ['is one line', { keyword: 'a\nb', group: { name: 'c\u2028d' } }, 'a b in c d'],
    [
      'leaves room for the group',
      { keyword: 'k'.repeat(200), group: { name: 'Group' } },
      `${'k'.repeat(69)}… in Group`,
    ],
    [
      'cuts a long group',
      { keyword: 'k', group: { name: 'g'.repeat(200) } },
      `k in ${'g'.repeat(75)}…`,
    ],
  ])('%s', (_, item, expected) => {
    expect(textsOf(item, 'header')).toEqual([expected]);
  });

  test('fills the 150 characters and no more', () => {
    const item = { keyword: 'k'.repeat(200), group: { name: 'g'.repeat(200) } };
    expect(textsOf(item, 'header')[0]).toHaveLength(150);
  });
});

describe('the quote', () => {
  test.each<[string, string, string]>([
    ['shows formatting as it was written', '*a* `b` :smile: > c', '“*a* `b` :smile: &gt; c”'],
    ['shows pings as text', '<!channel> <@U1>', '“&lt;!channel&gt; &lt;@U1&gt;”'],
    ['shows links as text', '<https://a.example|b>', '“&lt;https://a.example|b&gt;”'],
    ['keeps lines', 'a\r\nb\u2028\u2028\u2028c', '“a\nb\n\nc”'],
    ['has 600 characters', 'x'.repeat(600), `“${'x'.repeat(600)}”`],
    ['has 600 characters with the ellipsis', 'x'.repeat(601), `“${'x'.repeat(599)}…”`],
    ['has 600 characters with entities', '&'.repeat(601), `“${'&amp;'.repeat(119)}…”`],
  ])('%s', (_, content, expected) => {
    expect(textsOf({ content }, 'section')).toEqual([expected]);
  });

  test.each([[''], [' \n '], ['\u200d\u202e\u0000'], [null]])('is left out for %j', (content) => {
    expect(messageOf({ content }).blocks?.map(({ type }) => type)).toEqual(['header', 'context']);
  });
});

describe('the particulars', () => {
  const SPOTTED = 'spotted <!date^1699459488^{date_short_pretty} at {time}|2023-11-08 16:04 UTC>';
  const OPEN = `*<${LINK}|Open post>*`;

  test.each<[string, JsonObject, string[]]>([
    [
      'say that it was a comment',
      { position: 'comment' },
      ['Post owner name', 'in a comment', SPOTTED, OPEN],
    ],
    [
      'say that it was a link',
      { position: 'link' },
      ['Post owner name', 'in a link', SPOTTED, OPEN],
    ],
    [
      'repeat a position that is new',
      { position: 'a <poll>' },
      ['Post owner name', 'a &lt;poll&gt;', SPOTTED, OPEN],
    ],
    [
      'take no position for a method',
      { position: 'constructor' },
      ['Post owner name', 'constructor', SPOTTED, OPEN],
    ],
    ['leave out an author without a name', { owner: null }, ['in the post', SPOTTED, OPEN]],
    ['leave out a position that is missing', { position: '' }, ['Post owner name', SPOTTED, OPEN]],
    [
      'leave out a link that is none',
      { link: 'javascript:alert(1)' },
      ['Post owner name', 'in the post', SPOTTED],
    ],
    [
      'cut a long name',
      { owner: { name: 'n'.repeat(99) } },
      [`${'n'.repeat(79)}…`, 'in the post', SPOTTED, OPEN],
    ],
    ['have at least a time', NOTHING, [SPOTTED]],
  ])('%s', (_, item, expected) => {
    expect(textsOf(item, 'context')).toEqual(expected);
  });

  test.each<[string, unknown, string]>([
    [
      'is unknown',
      '',
      'received <!date^1699459500^{date_short_pretty} at {time}|2023-11-08 16:05 UTC>',
    ],
    [
      'is before 1970',
      '-1',
      'received <!date^1699459500^{date_short_pretty} at {time}|2023-11-08 16:05 UTC>',
    ],
    ['is too late for Slack', '2100-01-01T00:00:01Z', 'spotted 2100-01-01 00:00 UTC'],
    ['is the last there is', '8640000000000000', 'spotted +275760-09-13 00:00 UTC'],
    ['has a fraction', '1699459488.9', SPOTTED],
  ])('say when it was received or spotted, if the time %s', (_, spotted, expected) => {
    expect(textsOf({ spotted }, 'context')).toContain(expected);
  });

  test('have a link as long as Slack allows, and none that is longer', () => {
    const link = `https://facebook.com/${'x'.repeat(3000 - 14 - 21)}`;
    expect(textsOf({ link }, 'context').at(-1)).toBe(`*<${link}|Open post>*`);
    expect(textsOf({ link }, 'context').at(-1)).toHaveLength(3000);
    expect(textsOf({ link: `${link}x` }, 'context').at(-1)).toBe(SPOTTED);
  });
});

describe('the notification', () => {
  test.each<[string, JsonObject, string]>([
    [
      'has content on one line',
      { content: 'a\nb' },
      'Keyword name 1 in Real Estate Referral Network: a b',
    ],
    [
      'is only the title without content',
      { content: '' },
      'Keyword name 1 in Real Estate Referral Network',
    ],
    ['is escaped', { ...NOTHING, content: '<!channel>' }, 'New mention: &lt;!channel&gt;'],
    ['is short', { ...NOTHING, content: 'x'.repeat(999) }, `New mention: ${'x'.repeat(149)}…`],
    ['never pings', { ...NOTHING, content: '@here' }, 'New mention: @\u2060here'],
    ['is never empty', NOTHING, 'New mention'],
  ])('%s', (_, item, expected) => {
    expect(messageOf(item).text).toBe(expected);
  });
});

describe('the plain message', () => {
  test.each<[string, JsonObject, string]>([
    [
      'has title, content and link',
      {},
      `Keyword name 1 in Real Estate Referral Network\nPost content\n${LINK}`,
    ],
    ['is one line where there is nothing more', NOTHING, 'New mention'],
    ['has the content on one line', { ...NOTHING, content: 'a\n\nb' }, 'New mention\na b'],
    [
      'has 300 characters of content',
      { ...NOTHING, content: 'x'.repeat(999) },
      `New mention\n${'x'.repeat(299)}…`,
    ],
    ['has no link that is none', { ...NOTHING, link: 'javascript:alert(1)' }, 'New mention'],
    [
      'never pings',
      { ...NOTHING, content: '<!here> @here' },
      'New mention\n&lt;!here&gt; @\u2060here',
    ],
  ])('%s', (_, item, text) => {
    const body = formatSlackSimplified([deliveryOf(item)]);
    expect(JSON.parse(body)).toEqual({
      text,
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
    });
    expectSlackMessage(body);
  });
});

describe('several mentions', () => {
  test('fit into one message: ten of any kind, with dividers', () => {
    fc.assert(
      fc.property(fc.array(anyDelivery, { minLength: 10, maxLength: 10 }), (deliveries) => {
        expectSlackMessage(formatSlack(deliveries));
      }),
      { numRuns: 50 },
    );
  });
});

describe('no foreign text is ever mrkdwn', () => {
  test.each(HOSTILE_TEXTS.map((text, index) => [index, text] as const))(
    'hostile text %i',
    (_, text) => {
      const people = {
        owner: { id: text, name: text, link: text },
        group: { id: text, name: text },
      };
      const item = { keyword: text, position: text, content: text, link: text, ...people };
      const { blocks } = messageOf({ ...item, spotted: text });
      const mrkdwn = blocks
        ?.flatMap((block) => (block.type === 'context' ? block.elements : []))
        .filter(({ type }) => type === 'mrkdwn');
      expect(mrkdwn?.map((element) => element.text)).toEqual([
        'received <!date^1699459500^{date_short_pretty} at {time}|2023-11-08 16:05 UTC>',
      ]);
    },
  );
});
