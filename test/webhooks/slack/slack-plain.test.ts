import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { JsonObject } from '../../../src/domain/mention.ts';
import { slackWebhook } from '../../../src/webhooks/slack/slack.ts';
import { contextOf, deliveryOf, webhookOf } from '../delivery-samples.ts';
import { alertOf, GAP, recoveredOf } from '../recovered-and-alert-samples.ts';
import { expectPlainText } from './slack-plain-limits.ts';

const LINK = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';
const NOTHING = { keyword: '', position: '', content: '', link: '', owner: {}, group: {} };
const webhook = webhookOf({ type: 'slack', plain: true });

const textOf = (...deliveries: readonly Delivery[]) =>
  expectPlainText(slackWebhook.request(deliveries, contextOf({ webhook })).body);

test('a mention has in its text what it has in blocks for Slack', () => {
  expect(textOf(deliveryOf())).toBe(
    [
      'New mention: Keyword name 1 in Real Estate Referral Network',
      '“Post content”',
      '— by Post owner name · in the post · spotted 2023-11-08 16:04 UTC',
      LINK,
    ].join('\n'),
  );
});

test.each<[string, JsonObject, string]>([
  ['of which nothing is known', NOTHING, 'New mention\n— spotted 2023-11-08 16:04 UTC'],
  [
    'that would ping',
    { ...NOTHING, content: '@all <!channel> #town' },
    'New mention\n“@\u2060all <\u2060!channel> #\u2060town”\n— spotted 2023-11-08 16:04 UTC',
  ],
  [
    'that would link',
    { ...NOTHING, group: { name: '[bank](https://evil.example)' } },
    'New mention: in [bank]\u2060(https://evil.example)\n— spotted 2023-11-08 16:04 UTC',
  ],
  [
    'that would begin a block',
    { ...NOTHING, content: '```\n# a\n> b', owner: { name: '- c' } },
    'New mention\n“’’’ #\u2060 a > b”\n— by - c · spotted 2023-11-08 16:04 UTC',
  ],
])('a mention %s', (_, item, text) => {
  expect(textOf(deliveryOf(item))).toBe(text);
});

describe('several', () => {
  test('come with a count, each with its link', () => {
    const text = textOf(deliveryOf(), deliveryOf({ id: '2' }));
    expect(text).toMatch(/^2 new mentions\n\nNew mention: /);
    expect(text.split(LINK)).toHaveLength(3);
  });

  test('share what one post of Rocket.Chat can hold', () => {
    const text = textOf(
      ...Array.from({ length: 10 }, () => deliveryOf({ content: 'x'.repeat(999) })),
    );
    expect(text.length).toBeGreaterThan(3_000);
  });
});

test('recovered mentions and alerts are told from mentions', () => {
  expect(textOf(recoveredOf())).toMatch(
    /^Recovered mention: your keyword 1 in Group name\nRecovered/,
  );
  expect(textOf(alertOf(GAP))).toMatch(
    /^⚠️ Mentions may be missing: spotted after 2023-11-08 14:00/,
  );
});

test('the preview shows the same text', () => {
  expect(slackWebhook.preview(deliveryOf(), webhook).join('\n')).toBe(textOf(deliveryOf()));
});
