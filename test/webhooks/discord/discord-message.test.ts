import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { JsonObject } from '../../../src/domain/mention.ts';
import {
  formatDiscord,
  formatDiscordSimplified,
} from '../../../src/webhooks/discord/discord-message.ts';
import { discordAsText } from '../../../src/webhooks/discord/discord.ts';
import { escapeDiscord, escapeToFit } from '../../../src/webhooks/discord/discord-embeds.ts';
import { readable } from '../../../src/webhooks/readable-text.ts';
import { deliveryOf, HOSTILE_TEXTS } from '../delivery-samples.ts';
import { expectDiscordMessage, shownByDiscord } from './discord-limits.ts';
import { alertOf, GAP, LEFT, recoveredOf } from '../recovered-and-alert-samples.ts';

const LINK = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';
const NOTHING = { keyword: '', position: '', content: '', link: '', owner: {}, group: {} };
const messageOf = (...deliveries: readonly Delivery[]) =>
  expectDiscordMessage(formatDiscord(deliveries));
const embedOf = (item: JsonObject = {}) => messageOf(deliveryOf(item)).embeds?.[0];

test('the documented mention, whole', () => {
  expect(JSON.parse(formatDiscord([deliveryOf()]))).toEqual({
    content: 'New mention of Keyword name 1',
    embeds: [
      {
        author: { name: 'Real Estate Referral Network' },
        title: 'Keyword name 1',
        description: `“Post content”\n\n**[Open post](${LINK})**`,
        footer: { text: 'Post owner name · in the post' },
        timestamp: '2023-11-08T16:04:48.000Z',
        color: 0x6d5ef5,
      },
    ],
    allowed_mentions: { parse: [] },
  });
});

describe('an embed', () => {
  test.each<[string, JsonObject, object]>([
    ['has no author without a group', { group: null }, { title: 'Keyword name 1' }],
    [
      'names a group without a name by its id',
      { group: { id: '16' } },
      { author: { name: 'group 16' } },
    ],
    ['has a title without a keyword', { keyword: '' }, { title: 'New mention' }],
    [
      'leaves author and footer as they are written',
      { owner: { name: '*A_b*' } },
      { footer: { text: '*A_b* · in the post' } },
    ],
    [
      'says when it was received',
      { spotted: '' },
      {
        footer: { text: 'Post owner name · in the post · received' },
        timestamp: '2023-11-08T16:05:00.000Z',
      },
    ],
    [
      'writes out a time that Discord may not know',
      { spotted: '8640000000000000' },
      { footer: { text: 'Post owner name · in the post · spotted +275760-09-13 00:00 UTC' } },
    ],
  ])('%s', (_, item, expected) => {
    expect(embedOf(item)).toMatchObject(expected);
  });

  test('of which nothing is known is a title and a time', () => {
    expect(Object.keys(embedOf(NOTHING) ?? {})).toEqual(['title', 'timestamp', 'color']);
  });

  test.each<[string, string]>([
    ['javascript:alert(1)', ''],
    ['https://facebook.com@evil.example/', ''],
    [
      'https://a.example/(b)[c]*d*`e`@f',
      '\n\n**[Open post](https://a.example/%28b%29%5Bc%5D%2Ad%2A%60e%60%40f)**',
    ],
    [`https://a.example/${'x'.repeat(500)}`, ''],
  ])('links %s only if that is safe', (link, shown) => {
    expect(embedOf({ link })?.description).toBe(`“Post content”${shown}`);
  });

  test('has no url: of several with the same, Discord shows only one', () => {
    const { embeds } = messageOf(deliveryOf({ keyword: 'a' }), deliveryOf({ keyword: 'b' }));
    expect(embeds?.map((embed) => 'url' in embed)).toEqual([false, false]);
  });
});

describe('escaped text', () => {
  test.each([
    ['**bold** _i_ __u__ ~~s~~ ||spoiler|| `code` ```block```'],
    ['# heading\n-# small\n> quote\n>>> all\n- item\n+ item\n* item\n1. first\n12) second'],
    ['[bank](https://evil.example) <https://evil.example> https://evil.example/a_b_c'],
    ['<@123> <@!123> <@&123> <#123> </airhorn:1> <id:customize> @everyone @here'],
    ['<:name:123> <a:name:123> :smile: <t:1618953630:R> <t:1618953630>'],
    ['\\ \\\\ \\* \\\\* \\[x](y)'],
    ['مرحبا *بالعالم* 日本語 😀 👩‍👩‍👧‍👦'],
  ])('%j is shown as it is written', (text) => {
    const shown = shownByDiscord(escapeDiscord(text)).replace(/:\w+:(?=$)/, '');
    if (!/\p{RGI_Emoji}/v.test(text)) expect(shown).toBe(text);
    expectDiscordMessage(formatDiscord([deliveryOf({ content: text, keyword: text })]));
  });

  test('that is cut ends in no half of an escape, and begins no list', () => {
    expect(escapeToFit('*'.repeat(10), 8)).toBe('\\*\\*\\*…');
    expect(escapeToFit('1. abcdef', 7)).toBe('1\\. ab…');
    for (const text of HOSTILE_TEXTS) {
      for (const limit of [6, 7, 50, 51]) {
        const cut = escapeToFit(readable(text), limit);
        expect(cut.length).toBeLessThanOrEqual(limit);
        expect(cut.replaceAll(/\\[^\w\s]|\\_/g, '')).not.toContain('\\');
      }
    }
  });
});

describe('five mentions', () => {
  test('have 600 characters each where these fit, and fewer where they do not', () => {
    const five = (item: JsonObject) => Array.from({ length: 5 }, () => deliveryOf(item));
    const lengths = (item: JsonObject) =>
      messageOf(...five(item)).embeds?.map(({ description = '' }) => description.length);
    const content = 'x'.repeat(700);
    const open = `\n\n**[Open post](${LINK})**`.length;
    expect(lengths({ content })).toEqual(Array(5).fill(602 + open));
    const long = { content, link: `${LINK}?${'x'.repeat(500 - LINK.length - 1)}` };
    const group = { name: 'g'.repeat(200) };
    expect(
      new Set(
        lengths({ ...long, keyword: 'k'.repeat(200), group, owner: { name: 'n'.repeat(99) } }),
      ),
    ).toEqual(new Set([202 + '\n\n**[Open post]()**'.length + 500]));
  });

  test('say how many they are', () => {
    expect(messageOf(deliveryOf(), deliveryOf({ id: '2' })).content).toBe('2 new mentions');
    expect(messageOf(recoveredOf(), recoveredOf()).content).toBe('2 recovered mentions');
  });
});

describe('what is no ordinary mention', () => {
  test('a recovered mention says what it lacks', () => {
    const { content, embeds } = messageOf(recoveredOf());
    expect(content).toBe('Recovered mention of your keyword 1');
    expect(embeds?.[0]?.description).toMatch(
      /^Recovered after a gap: open the post to read it\.\n/,
    );
  });

  test('a gap says from when to when in each reader’s own time', () => {
    const { content, embeds } = messageOf(alertOf(GAP));
    expect(content).toBe('**⚠️ Mentions may be missing**');
    expect(embeds?.[0]?.fields?.map(({ value }) => value)).toEqual([
      '<t:1699452000:f>',
      '<t:1699457400:f>',
    ]);
  });

  test('a change of a group names it and its status, escaped where that is needed', () => {
    const { embeds } = messageOf(alertOf({ ...LEFT, groupName: '*G* <@1>', status: '*s*' }));
    expect(embeds?.[0]).toMatchObject({
      title: '\\*G\\* \\<\\@1\\>',
      footer: { text: 'status: *s* · found' },
    });
  });
});

test('the plain message has title, content and link, and previews nothing', () => {
  expect(JSON.parse(formatDiscordSimplified([deliveryOf()]))).toEqual({
    content: `Keyword name 1 in Real Estate Referral Network\nPost content\n${LINK}`,
    flags: 4,
    allowed_mentions: { parse: [] },
  });
});

test('the preview shows what people see, with times and links written out', () => {
  expect(discordAsText(deliveryOf({ content: 'a_b *c* \\*\n[d](e)' }))).toEqual([
    'New mention of Keyword name 1',
    'Real Estate Referral Network',
    'Keyword name 1',
    '“a_b *c* \\*',
    '[d](e)”',
    `Open post: ${LINK}`,
    'Post owner name · in the post · 2023-11-08 16:04 UTC',
  ]);
  expect(discordAsText(alertOf(GAP))).toContain('Spotted after: 2023-11-08 14:00 UTC');
});
