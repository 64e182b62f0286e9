import { expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { JsonObject } from '../../../src/domain/mention.ts';
import { slackWebhook } from '../../../src/webhooks/slack/slack.ts';
import { contextOf, deliveryOf, webhookOf, withOthers } from '../delivery-samples.ts';
import { alertOf, GAP, recoveredOf } from '../recovered-and-alert-samples.ts';
import { expectPlainText } from './slack-limits.ts';

const LINK = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';
const NOTHING = { keyword: '', position: '', content: '', link: '', owner: {}, group: {} };
const SPOTTED = 'spotted 2023-11-08 16:04 UTC';
const webhook = webhookOf({ type: 'slack', plain: true });

const textOf = (...deliveries: readonly Delivery[]) =>
  expectPlainText(slackWebhook.request(deliveries, contextOf({ webhook })).body);

test('the text of a mention holds all that its blocks hold for Slack, and so does its preview', () => {
  const lines = [
    'New mention: Keyword name 1 in Real Estate Referral Network',
    '“Post content”',
    `— by Post owner name · in the post · ${SPOTTED}`,
    LINK,
  ];
  expect(textOf(deliveryOf())).toBe(lines.join('\n'));
  expect(slackWebhook.preview(deliveryOf(), webhook)).toEqual(lines);
});

test('further keywords and groups have a line of their own, in which nobody is pinged', () => {
  const others = [{ keyword: '@all' }, { group: { id: '2', name: '#B' } }];
  expect(textOf(withOthers(deliveryOf(), others)).split('\n').at(-2)).toBe(
    'Also found: @\u2060all · in #\u2060B',
  );
});

test.each<[string, JsonObject, string]>([
  ['of which nothing is known', {}, `New mention\n— ${SPOTTED}`],
  [
    'that would ping',
    { content: '@all <!channel> #town' },
    `New mention\n“@\u2060all <\u2060!channel> #\u2060town”\n— ${SPOTTED}`,
  ],
  [
    'that would link',
    { group: { name: '[bank](https://evil.example)' } },
    `New mention: in [bank]\u2060(https://evil.example)\n— ${SPOTTED}`,
  ],
  [
    'that would begin a block',
    { content: '```\n# a\n> b', owner: { name: '- c' } },
    `New mention\n“’’’ #\u2060 a > b”\n— by - c · ${SPOTTED}`,
  ],
])('a mention %s', (_, item, text) => {
  expect(textOf(deliveryOf({ ...NOTHING, ...item }))).toBe(text);
});

test('a long mention is shown around its keyword, without formatting', () => {
  const content = `${'a '.repeat(999)}CRM ${'c '.repeat(999)}`;
  expect(textOf(deliveryOf({ keyword: 'crm', content }))).toMatch(/\n“…(?:a )+CRM(?: c)+…”\n/);
});

test('several come with a count, each with its link, and share the limit of Rocket.Chat', () => {
  const two = textOf(deliveryOf(), deliveryOf({ id: '2' }));
  expect(two).toMatch(/^2 new mentions\n\nNew mention: /);
  expect(two.split(LINK)).toHaveLength(3);
  const ten = Array.from({ length: 10 }, () => deliveryOf({ content: 'x'.repeat(999) }));
  expect(textOf(...ten).length).toBeGreaterThan(3_000);
});

test('recovered mentions and alerts differ from mentions', () => {
  expect(textOf(recoveredOf())).toMatch(
    /^Recovered mention: your keyword 1 in Group name\nRecovered/,
  );
  expect(textOf(alertOf(GAP))).toMatch(
    /^⚠️ Mentions may be missing: spotted after 2023-11-08 14:00/,
  );
});
