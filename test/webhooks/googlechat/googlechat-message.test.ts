import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { JsonObject } from '../../../src/domain/mention.ts';
import {
  formatGoogleChat,
  formatGoogleChatSimplified,
} from '../../../src/webhooks/googlechat/googlechat-message.ts';
import { googleChatAsText } from '../../../src/webhooks/googlechat/googlechat.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { alertOf, GAP, LEFT, recoveredOf, REJECTED } from '../recovered-and-alert-samples.ts';
import { expectGoogleChatMessage } from './googlechat-limits.ts';

const LINK = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';
const NOTHING = { keyword: '', position: '', content: '', link: '', owner: {}, group: {} };
const SPOTTED = '— spotted 2023-11-08 16:04 UTC';
const messageOf = (...deliveries: readonly Delivery[]) =>
  expectGoogleChatMessage(formatGoogleChat(deliveries), deliveries);
/** Returns the HTML of a message's paragraphs. */
const htmlOf = (delivery: Delivery): string[] =>
  [...formatGoogleChat([delivery]).matchAll(/\{"textParagraph":(\{.*?\})\}/g)].map(
    ([, text = '']) => (JSON.parse(text) as { text: string }).text,
  );

test('the documented mention has title, quote, author, place, time and a button', () => {
  expect(messageOf(deliveryOf())).toMatchObject({
    text: 'Keyword name 1 in Real Estate Referral Network: Post content',
    lines: [
      'Keyword name 1 in Real Estate Referral Network',
      '“Post content”',
      '— Post owner name · in the post · spotted 2023-11-08 16:04 UTC',
      `Open post: ${LINK}`,
    ],
  });
});

describe('a card', () => {
  test.each<[string, JsonObject, string[]]>([
    ['of which nothing is known', {}, [SPOTTED]],
    [
      'shows markup as it was written, and pings nobody',
      { content: '<b>b</b> & "c"\n<users/all>' },
      ['“&lt;b&gt;b&lt;/b&gt; &amp; &quot;c&quot;<br>&lt;users/all&gt;”', SPOTTED],
    ],
    [
      'shows the keyword in bold',
      { keyword: 'CRM', content: 'a CRM, a crm' },
      ['“a <b>CRM</b>, a <b>crm</b>”', SPOTTED],
    ],
    ['has no bad link', { link: 'javascript:x' }, [SPOTTED]],
    [
      'links the author',
      { owner: { name: 'A & B', link: 'https://a.example/?a=1&b=2' } },
      ['— <a href="https://a.example/?a=1&amp;b=2">A &amp; B</a> · spotted 2023-11-08 16:04 UTC'],
    ],
  ])('%s', (_, item, paragraphs) => {
    const delivery = deliveryOf({ ...NOTHING, ...item });
    messageOf(delivery);
    expect(htmlOf(delivery).slice(1)).toEqual(paragraphs);
  });
});

test('all mentions of a post share a thread, and messages about several posts have none', () => {
  const of = (...items: readonly JsonObject[]) =>
    messageOf(...items.map((item) => deliveryOf(item))).threadKey;
  const comment = { keyword: 'other', position: 'comment', content: 'other' };
  expect(of({})).toMatch(/^[\w-]{22}$/);
  expect(of(comment)).toBe(of({}));
  expect(of({}, comment)).toBe(of({}));
  expect(of({ id: '2' })).not.toBe(of({}));
  expect(of({}, { id: '2' })).toBeUndefined();
  expect(messageOf(alertOf(GAP)).threadKey).toBeUndefined();
});

test('a ping stands above the card', () => {
  const deliveries = [deliveryOf({ content: '<users/all>' })];
  const body = formatGoogleChat(deliveries, { text: 'x', kind: 'user', id: '123456789012345678' });
  const { lines } = expectGoogleChatMessage(body, deliveries, '<users/123456789012345678>');
  expect(lines[1]).toBe('“<users/all>”');
});

test.each(['日', '"', '&', '\n', '\\'])(
  'ten mentions fit into a message with every part as long as can be: %j',
  (unit) => {
    const [text, link] = [`a${unit.repeat(2_000)}b`, `https://a.example/${'x'.repeat(480)}`];
    const named = { owner: { name: text, link: LINK }, group: { name: text } };
    const ten = Array.from({ length: 10 }, () =>
      deliveryOf({ keyword: text, position: text, content: text, link, ...named }),
    );
    const { text: fallback, lines } = messageOf(...ten);
    expect([fallback, lines[0]]).toEqual(['10 new mentions', '10 new mentions']);
    expectGoogleChatMessage(formatGoogleChatSimplified(ten));
  },
);

test('the simplified message is text that pings nobody', () => {
  const body = formatGoogleChatSimplified([deliveryOf({ content: '<users/all> <https://e|b>' })]);
  expect(expectGoogleChatMessage(body).text).toBe(
    `Keyword name 1 in Real Estate Referral Network\n<\u2060users/all> <\u2060https://e|b>\n${LINK}`,
  );
});

test('a recovered mention has a note in place of its content', () => {
  expect(messageOf(recoveredOf()).lines[1]).toBe(
    'Recovered after a gap: open the post to read it.',
  );
});

test('alerts show times, and foreign words as they were written', () => {
  expect(messageOf(alertOf(GAP)).lines.slice(0, 2)).toEqual([
    '⚠️ Mentions may be missing',
    'Spotted after: 2023-11-08 14:00 UTC\nand before: 2023-11-08 15:30 UTC',
  ]);
  expect(messageOf(alertOf({ ...LEFT, groupName: '<G>', status: '&' })).lines).toEqual([
    '⚠️ A group is no longer tracked',
    '<G>',
    'No mention comes from it until Groouply tracks it again. See its status at Groouply.',
    'status: & · found 2023-11-08 16:05 UTC',
  ]);
  expect(messageOf(alertOf(REJECTED)).lines[1]).toContain('GROOUPLY_API_KEY');
});

test('the preview shows what people see, with links written out', () => {
  expect(googleChatAsText(deliveryOf({ content: 'a\n<b>' }))).toEqual([
    'Keyword name 1 in Real Estate Referral Network',
    '“a',
    '<b>”',
    '— Post owner name: https://facebook.com/profile.php?id=100073695043540 · in the post · spotted 2023-11-08 16:04 UTC',
    `Open post: ${LINK}`,
  ]);
});
