import { describe, expect, test } from 'vitest';
import type { DedupeBy, Mention } from '../../src/domain/mention.ts';
import { parseRecoveredMention } from '../../src/domain/recovered-mention.ts';
import {
  identityOf,
  keptEndLine,
  keptRecord,
  readKeptMention,
  recoveredIdentity,
  type KeptEnd,
} from '../../src/history/kept-mention.ts';
import { recordsOfPoll } from '../../src/history/polled-mentions.ts';
import { fanOut } from '../../src/routing/fan-out.ts';
import { leadOf } from '../../src/routing/lead.ts';
import { mention } from '../helpers/mentions.ts';
import { valueOf } from '../helpers/value-of.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';

const KEPT_AT_MS = 1_700_000_000_000;
const END: KeptEnd = {
  webhook: 'SALES_2',
  outcome: 'delivered',
  atMs: KEPT_AT_MS + 5,
  attempts: 2,
  status: 200,
};

/** A post as `/account/group` gives it. */
const POST = {
  owner: { id: '7', name: 'Ana &amp; Ben' },
  keyword: 'CRM',
  link: 'https://facebook.com/groups/1/permalink/77',
  timestamps: { spotted: '1699459000', sent: '1699459100' },
  unknown: [1],
};
const recovered = valueOf(parseRecoveredMention(POST, { id: '1', name: 'Deals &amp; more' }));

const written = (found: Parameters<typeof keptRecord>[0]): string =>
  keptRecord(found, { keptAtMs: KEPT_AT_MS })?.text ?? '';

describe('a record', () => {
  test.each([
    ['a mention', mention(1)],
    [
      'one with unknown fields, line breaks, half a surrogate pair and entities',
      mention(2, { content: 'a\r\nb\u2028\ud800 &lt;b&gt;', likes: { count: 3 }, name: null }),
    ],
    ['one without an id', mention(3, { id: '' })],
  ])('of %s is read as it was given, with its ends', (_, found) => {
    const failed: KeptEnd = { ...END, outcome: 'failed', attempts: 9, status: null };
    const text = [written(found), keptEndLine(failed), keptEndLine(END)].join('\n');
    expect(readKeptMention(text)).toEqual({
      mention: found,
      keptAtMs: KEPT_AT_MS,
      recovered: false,
      mergedInto: null,
      ends: [failed, END],
    });
  });

  test('of a recovered mention has the post and its group as the API gave them', () => {
    const kept = readKeptMention(written(recovered));
    expect(kept).toMatchObject({
      recovered: true,
      mention: {
        id: '',
        content: '',
        keyword: 'CRM',
        owner: { id: '7', name: 'Ana & Ben', link: '' },
        group: { id: '1', name: 'Deals & more' },
        spottedAtMs: 1_699_459_000_000,
        raw: POST,
      },
    });
    expect(recoveredIdentity((kept ?? { mention: mention(1) }).mention)).toBe(
      identityOf(recovered),
    );
  });

  test.each([
    ['a huge content', { content: 'x'.repeat(1_000_000) }, true],
    ['a huge field that is unknown', { comments: 'x'.repeat(1_000_000) }, true],
    ["the longest content of Facebook's", { content: '€'.repeat(63_206) }, false],
  ])('with %s has at most 256 KiB', (_, overrides, cut) => {
    const found = mention(1, overrides);
    const text = written(found);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(262_144);
    const kept = readKeptMention(text)?.mention;
    expect(kept?.content).toBe(cut ? '' : found.content);
    expect(kept).toMatchObject({ id: found.id, link: found.link, owner: found.owner });
  });

  test('that is huge without content too is not written', () => {
    expect(keptRecord(mention(1, { keyword: 'x'.repeat(300_000) }), { keptAtMs: 0 })).toBeNull();
  });

  test.each([
    ['nothing', ''],
    ['half a line', written(mention(1)).slice(0, 90)],
    ['another value', '[1]'],
    ['no time', '{"mention":{"id":"1"}}'],
    ['an impossible time', '{"at":1e300,"mention":{"id":"1"}}'],
    ['no mention', '{"at":1}'],
    ['a mention without id and link', '{"at":1,"mention":{"content":"x"}}'],
    ['a post that is none', '{"at":1,"post":7,"group":null}'],
  ])('with %s in it is damaged', (_, text) => {
    expect(readKeptMention(text)).toBeNull();
  });

  test.each([
    ['cut off', 'delivered SALES 17'],
    ['of an unknown outcome', 'lost SALES 1700000000000 1 200'],
    ['with another status', 'failed SALES 1700000000000 1 OK'],
    ['empty', ''],
  ])('loses no more than an end that is %s', (_, line) => {
    const text = [written(mention(1)), line, keptEndLine(END)].join('\n');
    expect(readKeptMention(text)?.ends).toEqual([END]);
  });
});

describe('of a poll', () => {
  const LEAD = { owner: { id: '7', name: 'Ana', link: '' }, content: 'Who knows a good realtor?' };
  const A = webhookOf({ name: 'A' });
  const ONLY_CRM = webhookOf({ name: 'B', filter: { keywords: ['crm'] } });

  /** Returns which mention each of these is merged into, by its index; a text if it is none of them. */
  function mergedInto(
    mentions: readonly Mention[],
    dedupeBy: DedupeBy,
    before: readonly string[] = [],
    webhooks = [A],
  ): (number | string | null)[] {
    const first = mentions[0] ?? mention(0);
    const leads = new Map(
      dedupeBy === 'lead'
        ? mentions.map((each) => [
            each,
            { lead: leadOf(each) ?? '', key: identityOf(first), webhooks: before },
          ])
        : [],
    );
    const records = recordsOfPoll({
      recovered: [],
      unseen: mentions,
      toSend: mentions,
      routes: webhooks.map((webhook) => ({
        webhook: webhook.name,
        routings: fanOut(webhook, mentions, { dedupeBy, leads }),
      })),
      polledAtMs: KEPT_AT_MS,
    });
    expect(records.map(({ identity }) => identity)).toEqual(mentions.map(identityOf));
    return records.map(({ text }) => {
      const into = readKeptMention(text)?.mergedInto ?? null;
      const index = records.findIndex(({ identity }) => identity === into);
      return index === -1 ? into : index;
    });
  }

  test.each<[string, readonly Mention[], DedupeBy, (number | null)[]]>([
    ['each mention by itself', [mention(1), mention(2)], 'mention', [null, null]],
    [
      'the copies of a post with its first one',
      [mention(1), mention(1, { keyword: 'other' }), mention(2)],
      'post',
      [null, 0, null],
    ],
    [
      'the copies of a lead with its first one',
      [mention(1, LEAD), mention(2, LEAD)],
      'lead',
      [null, 0],
    ],
  ])('it keeps %s', (_, mentions, dedupeBy, into) => {
    expect(mergedInto(mentions, dedupeBy)).toEqual(into);
  });

  test('it keeps a later copy of a lead with the first one, of an earlier poll', () => {
    const [first, later] = [mention(1, LEAD), mention(2, LEAD)];
    expect(mergedInto([first, later], 'lead', ['A'])[1]).toBe(0);
  });

  test('a copy that another webhook gets as a message of its own is none', () => {
    const other = mention(1, { keyword: 'realtor' });
    const webhooks = [A, ONLY_CRM];
    expect(mergedInto([other, mention(1)], 'post', [], webhooks)).toEqual([null, null]);
  });

  test('it keeps what no webhook wants, what BACKLOG leaves out, and what a sweep found before', () => {
    const [unwanted, old, found] = [mention(1, { keyword: 'x' }), mention(2), mention(3)];
    const records = recordsOfPoll({
      recovered: [found],
      unseen: [unwanted, old],
      toSend: [unwanted],
      routes: [{ webhook: 'B', routings: fanOut(ONLY_CRM, [unwanted], { dedupeBy: 'mention' }) }],
      polledAtMs: KEPT_AT_MS,
    });
    const kept = records.map(({ text }) => readKeptMention(text));
    expect(kept.map((each) => [each?.mention.id, each?.mergedInto])).toEqual([
      [found.id, recoveredIdentity(found)],
      [unwanted.id, null],
      [old.id, null],
    ]);
  });
});
