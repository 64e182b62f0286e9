import { describe, expect, test } from 'vitest';
import { alertKey, type Alert } from '../../src/domain/alert.ts';
import { mentionKey, type DedupeBy } from '../../src/domain/mention.ts';
import { recoveredDeliveryKey } from '../../src/domain/permalink.ts';
import type { MentionFilter } from '../../src/domain/webhook.ts';
import { alertDeliveries, fanOut, recoveredDeliveries } from '../../src/routing/fan-out.ts';
import { mention } from '../helpers/mentions.ts';
import { rulesOf } from '../helpers/phrase-rules.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';
import { GAP, recoveredOf, REJECTED } from '../webhooks/recovered-and-alert-samples.ts';

describe('a mention', () => {
  const FIRST = mention(1, { id: 'post', keyword: 'crm' });
  const AGAIN = mention(2, { id: 'post', keyword: 'erp' });
  const OTHER = mention(3, { id: 'other', keyword: 'crm', position: 'link' });
  const SPAM = mention(1, { id: 'post', content: 'Hiring now' });
  const wanted = (given: typeof FIRST, dedupeBy: DedupeBy) => ({
    wanted: true,
    key: mentionKey(given, dedupeBy),
  });
  const not = (because: string, rule?: string) => ({
    wanted: false,
    because,
    ...(rule !== undefined && { rule }),
  });

  test.each<[string, MentionFilter, (typeof FIRST)[], DedupeBy, object[]]>([
    [
      'has its own key if the filter allows it',
      { keywords: ['crm'] },
      [FIRST, AGAIN, OTHER],
      'mention',
      [wanted(FIRST, 'mention'), not('keyword'), wanted(OTHER, 'mention')],
    ],
    [
      'is not sent after another of its post with DEDUPE_BY=post',
      {},
      [FIRST, AGAIN, OTHER],
      'post',
      [wanted(FIRST, 'post'), not('post'), wanted(OTHER, 'post')],
    ],
    [
      'is sent with DEDUPE_BY=post if the filter refuses the first of its post',
      { keywords: ['erp'] },
      [FIRST, AGAIN],
      'post',
      [not('keyword'), wanted(AGAIN, 'post')],
    ],
    [
      'is sent with DEDUPE_BY=post if the first of its post is excluded',
      { exclude: rulesOf('hiring') },
      [SPAM, AGAIN],
      'post',
      [not('exclude', 'hiring'), wanted(AGAIN, 'post')],
    ],
  ])('%s', (_, filter, mentions, dedupeBy, expected) => {
    expect(fanOut({ events: 'mentions', filter }, mentions, { dedupeBy })).toEqual(expected);
    expect(fanOut({ events: 'all', filter }, mentions, { dedupeBy })).toEqual(expected);
  });

  test('is not sent to a webhook that gets alerts only', () => {
    expect(
      fanOut({ events: 'alerts', filter: {} }, [FIRST, OTHER], { dedupeBy: 'mention' }),
    ).toEqual([not('events'), not('events')]);
  });
});

describe('a recovered mention', () => {
  const recovered = (keyword: string, post: number) =>
    recoveredOf({ keyword, link: `https://facebook.com/groups/1/permalink/${post}` }).mention;
  const FIRST = recovered('crm', 1);
  const AGAIN = recovered('erp', 1);
  const OTHER = recovered('CRM', 2);

  test('goes to each webhook that wants it, in their order, under its key', () => {
    const webhooks = [
      webhookOf({ name: 'A', events: 'mentions' }),
      webhookOf({ name: 'B', events: 'alerts' }),
      webhookOf({ name: 'C', events: 'all', filter: { keywords: ['erp'] } }),
    ];
    const sent = (webhook: string, given: typeof FIRST) => ({
      kind: 'recovered',
      webhook,
      key: recoveredDeliveryKey(given, 'mention'),
      mention: given,
      polledAtMs: 7,
    });
    expect(
      recoveredDeliveries(webhooks, [FIRST, AGAIN], { dedupeBy: 'mention', polledAtMs: 7 }),
    ).toEqual([sent('A', FIRST), sent('A', AGAIN), sent('C', AGAIN)]);
  });

  test.each<[string, MentionFilter, DedupeBy, (typeof FIRST)[]]>([
    ['no filter', {}, 'mention', [FIRST, AGAIN, OTHER]],
    ['a keyword', { keywords: ['crm'] }, 'mention', [FIRST, OTHER]],
    ['its group by name', { groups: ['group name'] }, 'mention', [FIRST, AGAIN, OTHER]],
    ['another group', { groups: ['1'] }, 'mention', []],
    ['positions, which are unknown', { positions: ['comment'] }, 'mention', [FIRST, AGAIN, OTHER]],
    ['DEDUPE_BY=post', {}, 'post', [FIRST, OTHER]],
    ['DEDUPE_BY=post and a keyword', { keywords: ['erp'] }, 'post', [AGAIN]],
  ])('reaches a webhook with %s if the filter allows it', (_, filter, dedupeBy, mentions) => {
    const all = [FIRST, AGAIN, OTHER];
    const sent = recoveredDeliveries([webhookOf({ filter })], all, { dedupeBy, polledAtMs: 7 });
    expect(sent.map((delivery) => delivery.mention)).toEqual(mentions);
  });
});

describe('an alert', () => {
  test('goes to each webhook that wants alerts, whatever its filter, in their order', () => {
    const webhooks = [
      webhookOf({ name: 'A', events: 'alerts' }),
      webhookOf({ name: 'B', events: 'mentions' }),
      webhookOf({ name: 'C', events: 'all', filter: { keywords: ['crm'], groups: ['1'] } }),
    ];
    const sent = (webhook: string) => ({ kind: 'alert', webhook, key: alertKey(GAP), alert: GAP });
    expect(alertDeliveries(webhooks, GAP)).toEqual([sent('A'), sent('C')]);
  });

  test('about a held webhook goes to the others', () => {
    const webhooks = ['A', 'B', 'C'].map((name) => webhookOf({ name, events: 'all' }));
    const held = { ...REJECTED, trouble: 'webhook_held', webhook: 'B' } as const;
    const gets = (alert: Alert) => alertDeliveries(webhooks, alert).map(({ webhook }) => webhook);
    expect(gets(held)).toEqual(['A', 'C']);
    expect(gets({ ...held, endsAlertAtMs: 1 })).toEqual(['A', 'C']);
    // It may have refused that delivery alone.
    expect(gets({ ...held, trouble: 'deliveries_failed' })).toEqual(['A', 'B', 'C']);
  });
});
