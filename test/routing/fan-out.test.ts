import { describe, expect, test } from 'vitest';
import { alertKey, type Alert } from '../../src/domain/alert.ts';
import {
  listedMention,
  mentionKey,
  type DedupeBy,
  type Mention,
  type MentionKey,
} from '../../src/domain/mention.ts';
import { recoveredDeliveryKey } from '../../src/domain/permalink.ts';
import type { MentionFilter } from '../../src/domain/webhook.ts';
import { alertDeliveries, fanOut, recoveredDeliveries } from '../../src/routing/fan-out.ts';
import type { KnownLead } from '../../src/routing/lead.ts';
import { mention } from '../helpers/mentions.ts';
import { rulesOf } from '../helpers/phrase-rules.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';
import { GAP, recoveredOf, REJECTED } from '../webhooks/recovered-and-alert-samples.ts';

describe('a mention', () => {
  const FIRST = mention(1, { id: 'post', keyword: 'crm' });
  const AGAIN = mention(2, { id: 'post', keyword: 'erp' });
  const OTHER = mention(3, { id: 'other', keyword: 'crm', position: 'link' });
  const SPAM = mention(1, { id: 'post', content: 'Hiring now' });
  const wanted = (given: Mention, dedupeBy: DedupeBy, ...others: Mention[]) => ({
    wanted: true,
    key: mentionKey(given, dedupeBy),
    ...(others.length > 0 && { others: others.map(listedMention) }),
  });
  const merged = (because: 'post' | 'lead', given: Mention) => ({
    wanted: false,
    because,
    key: mentionKey(given, because),
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
      'is listed by another of its post with DEDUPE_BY=post',
      {},
      [FIRST, AGAIN, OTHER],
      'post',
      [wanted(FIRST, 'post', AGAIN), merged('post', FIRST), wanted(OTHER, 'post')],
    ],
    [
      'is not listed with DEDUPE_BY=post if the filter refuses it',
      { keywords: ['crm'] },
      [FIRST, AGAIN],
      'post',
      [wanted(FIRST, 'post'), not('keyword')],
    ],
    [
      'has its own key with DEDUPE_BY=lead if it is no lead',
      {},
      [FIRST, AGAIN, OTHER],
      'lead',
      [wanted(FIRST, 'lead'), wanted(AGAIN, 'lead'), wanted(OTHER, 'lead')],
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
    for (const events of ['mentions', 'all'] as const) {
      const webhook = webhookOf({ events, filter });
      expect(fanOut(webhook, mentions, { dedupeBy })).toEqual(expected);
    }
  });

  describe('of a lead', () => {
    const lead = (...webhooks: string[]): KnownLead => ({
      lead: 'digest',
      key: 'key-of-its-first-mention' as MentionKey,
      webhooks,
    });
    const { key } = lead();
    const routed = (known: KnownLead, filter: MentionFilter, mentions: readonly Mention[]) => {
      const leads = new Map(mentions.map((each) => [each, known]));
      return fanOut(webhookOf({ name: 'A', filter }), mentions, { dedupeBy: 'lead', leads });
    };
    const MERGED = { wanted: false, because: 'lead', key };

    test.each<[string, KnownLead, MentionFilter, object[]]>([
      [
        'is listed by the first of its window',
        lead(),
        {},
        [{ wanted: true, key, others: [AGAIN, OTHER].map(listedMention) }, MERGED, MERGED],
      ],
      ['is merged if the webhook got another before', lead('B', 'A'), {}, [MERGED, MERGED, MERGED]],
      [
        'is sent if only another webhook got one before, and the filter refuses the first',
        lead('B'),
        { keywords: ['erp'] },
        [not('keyword'), { wanted: true, key }, not('keyword')],
      ],
    ])('%s', (_, known, filter, expected) => {
      expect(routed(known, filter, [FIRST, AGAIN, OTHER])).toEqual(expected);
    });

    test('lists 99 others at most, without content and unknown fields', () => {
      const mentions = Array.from({ length: 300 }, (_, number) =>
        mention(number, { content: 'x'.repeat(1_000), other: 'x' }),
      );
      const [first, ...others] = routed(lead(), {}, mentions);
      expect(others).toEqual(others.map(() => MERGED));
      const listed = first?.wanted ? (first.others ?? []) : [];
      expect(listed).toHaveLength(99);
      expect(Object.keys(listed[0]?.raw ?? {})).toEqual([
        'id',
        'keyword',
        'position',
        'link',
        'owner',
        'group',
        'spotted',
      ]);
    });
  });

  test('is not sent to a webhook that gets alerts only', () => {
    expect(
      fanOut(webhookOf({ events: 'alerts' }), [FIRST, OTHER], { dedupeBy: 'mention' }),
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
    ['DEDUPE_BY=lead: its text is unknown', {}, 'lead', [FIRST, AGAIN, OTHER]],
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
