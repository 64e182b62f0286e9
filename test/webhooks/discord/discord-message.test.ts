import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { JsonObject } from '../../../src/domain/mention.ts';
import type { Ping } from '../../../src/domain/webhook.ts';
import {
  formatDiscord,
  formatDiscordSimplified,
} from '../../../src/webhooks/discord/discord-message.ts';
import { discordAsText } from '../../../src/webhooks/discord/discord.ts';
import { escapeDiscord, escapeToFit } from '../../../src/webhooks/discord/discord-embeds.ts';
import { readable } from '../../../src/webhooks/readable-text.ts';
import { deliveryOf, HOSTILE_TEXTS, withOthers } from '../delivery-samples.ts';
import { expectDiscordMessage, shownByDiscord } from './discord-limits.ts';
import { alertOf, GAP, LEFT, recoveredOf } from '../recovered-and-alert-samples.ts';

const LINK = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';
const NOTHING = { keyword: '', position: '', content: '', link: '', owner: {}, group: {} };
const messageOf = (...deliveries: readonly Delivery[]) =>
  expectDiscordMessage(formatDiscord(deliveries), deliveries);
const BY = '— [Post owner name](https://facebook.com/profile.php?id=100073695043540)';
const embedOf = (item: JsonObject = {}) => messageOf(deliveryOf(item)).embeds?.[0];

// docs/messages.md shows a whole message, and its test compares it.
test('a message has a headline and an embed', () => {
  expect(messageOf(deliveryOf()).content).toBe('New mention of Keyword name 1');
  expect(embedOf()).toMatchObject({
    author: { name: 'Real Estate Referral Network' },
    title: 'Keyword name 1',
    description: `“Post content”\n${BY}\n\n**[Open post](${LINK})**`,
    footer: { text: 'in the post' },
    timestamp: '2023-11-08T16:04:48.000Z',
  });
});

test('further keywords and groups of its post or lead have a line of their own', () => {
  const others = [{ keyword: 'R_D' }, { group: { id: '2', name: '*Group* B' } }];
  const delivery = withOthers(deliveryOf(), others);
  const line = 'Also found: R\\_D · in \\*Group\\* B';
  expect(messageOf(delivery).embeds?.[0]?.description).toBe(
    `“Post content”\n${BY}\n${line}\n\n**[Open post](${LINK})**`,
  );
  expect(JSON.parse(formatDiscordSimplified([delivery]))).toMatchObject({
    content: `Keyword name 1 in Real Estate Referral Network\nPost content\n${line}\n${LINK}`,
  });
});

test.each<[Ping, string, object]>([
  [
    { text: 'x', kind: 'user', id: '80351110224678912' },
    '<@80351110224678912>',
    { parse: [], users: ['80351110224678912'] },
  ],
  [
    { text: 'x', kind: 'group', id: '80351110224678912' },
    '<@&80351110224678912>',
    { parse: [], roles: ['80351110224678912'] },
  ],
  [{ text: 'x', kind: 'all', range: 'here' }, '@here', { parse: ['everyone'] }],
])(
  'a ping of %o stands before the headline, which shows no keyword that could ping',
  (ping, text, allowed) => {
    const contentOf = (keyword: string) => {
      const deliveries = [deliveryOf({ keyword })];
      return expectDiscordMessage(formatDiscord(deliveries, ping), deliveries, { text, allowed })
        .content;
    };
    expect(contentOf('CRM')).toBe('New mention of CRM');
    expect(contentOf('@\u200beveryone')).toBe('New mention');
    expect(contentOf('a ＠everyone')).toBe('New mention');
  },
);

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
      'leaves group and footer as they were written',
      { group: { name: '*A_b*' }, position: '*c*' },
      { author: { name: '*A_b*' }, footer: { text: '*c*' } },
    ],
    [
      'has the time of the poll if the time is unknown',
      { spotted: '' },
      {
        footer: { text: 'in the post · received' },
        timestamp: '2023-11-08T16:05:00.000Z',
      },
    ],
    [
      'has the time of the poll if the time is absurd',
      { spotted: '8640000000000000' },
      { footer: { text: 'in the post · received' } },
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
  ])('links %s only if it is safe', (link, shown) => {
    expect(embedOf({ link })?.description).toBe(`“Post content”\n${BY}${shown}`);
  });

  test.each<[string, JsonObject, string]>([
    ['the profile', {}, '[Ana](https://a.example/)'],
    [
      'the profile, with the name escaped',
      { name: 'A_n*a*' },
      '[A\\_n\\*a\\*](https://a.example/)',
    ],
    ['no profile without a link', { link: '' }, 'Ana'],
    ['no profile with a bad link', { link: 'javascript:x' }, 'Ana'],
    ['no profile with a long link', { link: `https://a.example/${'x'.repeat(170)}` }, 'Ana'],
    ['no name like a link', { name: 'https://b.example' }, 'https\\://b.example'],
    ['no name with brackets', { name: 'a](b)' }, 'a\\]\\(b\\)'],
  ])('links %s', (_, owner, by) => {
    const item = { link: '', owner: { name: 'Ana', link: 'https://a.example/', ...owner } };
    expect(embedOf(item)?.description).toBe(`“Post content”\n— ${by}`);
    expect(embedOf({ ...item, content: '' })?.description).toBe(`— ${by}`);
  });

  test.each([
    ['in bold', 'a CRM and a crm', '“a **CRM** and a **crm**”'],
    ['between escaped marks', '*CRM*_crm_', '“\\***CRM**\\*\\_**crm**\\_”'],
    ['across lines', '- CRM\n- x', '“\\- **CRM**\n\\- x”'],
    [
      'in the middle',
      `${'a '.repeat(999)}CRM ${'b '.repeat(999)}`,
      /^“…(?:a )+\*\*CRM\*\*(?: b)+…”$/,
    ],
  ])('shows the keyword %s', (_, content, quote) => {
    const shown = embedOf({ ...NOTHING, keyword: 'CRM', content })?.description ?? '';
    expect(shown).toMatch(quote);
    expect(shown.length).toBeLessThanOrEqual(602);
    expect(shownByDiscord(shown)).not.toContain('\\');
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
  ])('%j is shown as it was written', (text) => {
    const shown = shownByDiscord(escapeDiscord(text)).replace(/:\w+:(?=$)/, '');
    if (!/\p{RGI_Emoji}/v.test(text)) expect(shown).toBe(text);
    messageOf(deliveryOf({ content: text, keyword: text }));
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

test('five mentions have 600 characters each, or fewer if these do not fit', () => {
  const lengths = (item: JsonObject) => {
    const five = Array.from({ length: 5 }, () => deliveryOf(item));
    return new Set(messageOf(...five).embeds?.map(({ description = '' }) => description.length));
  };
  const content = 'x'.repeat(700);
  const open = `\n${BY}\n\n**[Open post]()**`.length;
  expect(lengths({ content })).toEqual(new Set([602 + open + LINK.length]));
  const link = `${LINK}?${'x'.repeat(500 - LINK.length - 1)}`;
  const profile = `https://facebook.com/${'x'.repeat(170 - 21)}`;
  const named = {
    group: { name: 'g'.repeat(200) },
    owner: { name: 'n'.repeat(99), link: profile },
  };
  const long = `\n— [${'n'.repeat(80)}](${profile})\n\n**[Open post]()**`.length;
  expect(
    lengths({ content, link, keyword: 'k'.repeat(200), position: 'p'.repeat(50), ...named }),
  ).toEqual(new Set([102 + long + 500]));
});

test('the headline counts several mentions', () => {
  expect(messageOf(deliveryOf(), deliveryOf({ id: '2' })).content).toBe('2 new mentions');
  expect(messageOf(recoveredOf(), recoveredOf()).content).toBe('2 recovered mentions');
});

test('a recovered mention has a note in place of its content', () => {
  const { content, embeds } = messageOf(recoveredOf());
  expect(content).toBe('Recovered mention of your keyword 1');
  expect(embeds?.[0]?.description).toMatch(
    /^Recovered after a gap: open the post to read it\.\n— Post owner name\n\n/,
  );
});

test('a gap shows its times in each reader’s time zone', () => {
  const { content, embeds } = messageOf(alertOf(GAP));
  expect(content).toBe('**⚠️ Mentions may be missing**');
  const values = embeds?.[0]?.fields?.map(({ value }) => value);
  expect(values).toEqual(['<t:1699452000:f>', '<t:1699457400:f>']);
});

test('a change of a group shows its name, escaped, and its status', () => {
  const { embeds } = messageOf(alertOf({ ...LEFT, groupName: '*G* <@1>', status: '*s*' }));
  expect(embeds?.[0]).toMatchObject({
    title: '\\*G\\* \\<\\@1\\>',
    footer: { text: 'status: *s* · found' },
  });
});

test('the simplified message has title, content and link, and previews nothing', () => {
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
    '— Post owner name: https://facebook.com/profile.php?id=100073695043540',
    `Open post: ${LINK}`,
    'in the post · 2023-11-08 16:04 UTC',
  ]);
  const owner = { name: 'A_b', link: 'https://a.example/' };
  expect(discordAsText(deliveryOf({ content: 'a *CRM*', keyword: 'crm', owner }))).toEqual(
    expect.arrayContaining(['“a *CRM*”', '— A_b: https://a.example/']),
  );
  expect(discordAsText(alertOf(GAP))).toContain('Spotted after: 2023-11-08 14:00 UTC');
});
