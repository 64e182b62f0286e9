import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { JsonObject } from '../../../src/domain/mention.ts';
import { formatNtfy, formatNtfySimplified } from '../../../src/webhooks/ntfy/ntfy-message.ts';
import { ntfyAsText } from '../../../src/webhooks/ntfy/ntfy.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { alertOf, GAP, LEFT, recoveredOf, REJECTED } from '../recovered-and-alert-samples.ts';
import { expectNtfyMessage } from './ntfy-limits.ts';

const LINK = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';
const PROFILE = 'https://facebook.com/profile.php?id=100073695043540';
const NOTHING = { keyword: '', position: '', content: '', link: '', owner: {}, group: {} };
const SPOTTED = '— spotted 2023-11-08 16:04 UTC';
const messageOf = (...deliveries: readonly Delivery[]) =>
  expectNtfyMessage(formatNtfy(deliveries, 'topic'));

test('the documented mention is a notification that opens the post', () => {
  expect(messageOf(deliveryOf())).toEqual({
    topic: 'topic',
    title: 'Keyword name 1 in Real Estate Referral Network',
    message: '“Post content”\n— Post owner name · in the post · spotted 2023-11-08 16:04 UTC',
    tags: ['speech_balloon'],
    click: LINK,
    actions: [
      { action: 'view', label: 'Open post', url: LINK },
      { action: 'view', label: 'Open profile', url: PROFILE },
    ],
  });
});

describe('a notification', () => {
  test.each<[string, JsonObject, object]>([
    ['of which nothing is known', {}, { title: 'New mention', message: SPOTTED }],
    [
      'shows markup as it was written',
      { content: '**a** [b](c) <d>' },
      { message: `“**a** [b](c) <d>”\n${SPOTTED}` },
    ],
    [
      'decodes nothing in its title',
      { keyword: '=?UTF-8?B?4oCu?=' },
      { title: '=\u2060?UTF-8?B?4oCu?=' },
    ],
    [
      'decodes nothing in its link',
      { link: 'https://a.example/=?UTF-8?B?YQ==?=' },
      { click: 'https://a.example/=%3FUTF-8?B?YQ==%3F=' },
    ],
    [
      'shows the content around the keyword',
      { keyword: 'CRM', content: `${'a '.repeat(999)}CRM ${'c '.repeat(999)}` },
      { message: expect.stringMatching(/^“…(?:a )+CRM(?: c)+…”\n/) },
    ],
  ])('%s', (_, item, expected) => {
    expect(messageOf(deliveryOf({ ...NOTHING, ...item }))).toMatchObject(expected);
  });

  test('has no link and no buttons without one', () => {
    const bare = messageOf(deliveryOf({ ...NOTHING, link: 'javascript:x' }));
    expect(Object.keys(bare)).toEqual(['topic', 'title', 'message', 'tags']);
  });
});

test('five mentions are listed with their links', () => {
  const { title, message, click } = messageOf(deliveryOf(), deliveryOf({ content: 'other' }));
  expect(title).toBe('2 new mentions');
  expect(message.split('\n\n')).toEqual(
    ['Post content', 'other'].map(
      (content) =>
        `Keyword name 1 in Real Estate Referral Network\n“${content}”\n— Post owner name · in the post · spotted 2023-11-08 16:04 UTC\n${LINK}`,
    ),
  );
  expect(click).toBeUndefined();
});

test.each(['日', '"', '\\', '\n', 'x'])(
  'five mentions fit into a message with every part as long as can be: %j',
  (unit) => {
    const [text, link] = [`a${unit.repeat(2_000)}b`, `https://a.example/${'x'.repeat(100)}`];
    const named = { owner: { name: text }, group: { name: text } };
    const item = { keyword: text, position: text, content: text, link, ...named };
    const { message } = messageOf(...Array.from({ length: 5 }, () => deliveryOf(item)));
    expect(message.split(link)).toHaveLength(6);
  },
);

test('the simplified message has nothing but title and text', () => {
  const body = formatNtfySimplified([deliveryOf()], 'topic');
  expect(expectNtfyMessage(body)).toEqual({
    topic: 'topic',
    title: 'Keyword name 1 in Real Estate Referral Network',
    message: `“Post content”\n— Post owner name · in the post · spotted 2023-11-08 16:04 UTC\n${LINK}`,
  });
  expect(expectNtfyMessage(formatNtfySimplified([deliveryOf(NOTHING)], 'topic')).message).toBe(
    SPOTTED,
  );
  expect(expectNtfyMessage(formatNtfySimplified([alertOf(GAP)], 'topic')).title).toBe(
    '⚠️ Mentions may be missing',
  );
});

test.each([
  ['high', 4],
  ['max', 5],
])('a ping is the priority %s', (text, priority) => {
  const ping = { text, kind: 'all', range: 'here' } as const;
  for (const deliveries of [[deliveryOf()], [deliveryOf(), deliveryOf()]]) {
    expect(expectNtfyMessage(formatNtfy(deliveries, 'topic', ping)).priority).toBe(priority);
  }
});

test('a recovered mention has a note in place of its content', () => {
  expect(messageOf(recoveredOf())).toMatchObject({
    message: expect.stringMatching(/^Recovered after a gap: open the post to read it\.\n— /),
    tags: ['mag'],
  });
});

test('alerts are as urgent as they are', () => {
  expect(messageOf(alertOf(REJECTED)).priority).toBe(5);
  expect(messageOf(alertOf(GAP))).toMatchObject({
    title: '⚠️ Mentions may be missing',
    message: expect.stringMatching(/^Spotted after: 2023-11-08 14:00 UTC\nand before: /),
    priority: 4,
  });
  expect(messageOf(alertOf({ ...LEFT, change: 'returned' })).priority).toBeUndefined();
  expect(messageOf(alertOf({ ...LEFT, groupName: '<G>', status: 's' })).message).toMatch(
    /^<G>\nNo mention .*\nstatus: s · found 2023-11-08 16:05 UTC$/,
  );
});

test('the preview shows what people see, with links written out', () => {
  expect(ntfyAsText(deliveryOf({ content: 'a\n<b>' }))).toEqual([
    'Keyword name 1 in Real Estate Referral Network',
    '“a',
    '<b>”',
    '— Post owner name · in the post · spotted 2023-11-08 16:04 UTC',
    `Open post: ${LINK}`,
    `Open profile: ${PROFILE}`,
  ]);
});
