import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  DEDUPE_BY,
  mentionKey,
  type DedupeBy,
  type Mention,
  type MentionKey,
} from '../../src/domain/mention.ts';
import type { MentionDelivery } from '../../src/domain/delivery.ts';
import type { Webhook } from '../../src/domain/webhook.ts';
import { poll } from '../../src/polling/poll.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { LEAD_MS } from '../../src/routing/lead.ts';
import { createLeads, readLeads } from '../../src/state/leads/leads.io.ts';
import { createSeenMentions } from '../../src/state/seen-mentions.io.ts';
import { mention } from '../helpers/mentions.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');
const DAY_MS = 86_400_000;
const NOW_MS = 1_700_000_000_000;
const ANA = { id: '7', name: 'Ana P.', link: '' };
const TEXT = 'Can anyone recommend a realtor in Austin, Texas?';

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

/** One of a person's posts of the same text, each in a group of its own. */
function copy(
  number: number,
  { daysAgo = 0, ...overrides }: Record<string, unknown> = {},
): Mention {
  const spotted = String(Math.round((NOW_MS - Number(daysAgo) * DAY_MS) / 1000) - 100 + number);
  const group = { id: String(number), name: `Group ${number}` };
  return mention(number, { owner: ANA, content: TEXT, group, spotted, ...overrides });
}

const keyOf = (given: Mention) => mentionKey(given, 'mention');
const leads = (generationSize = 1_000) =>
  createLeads({ redis: redis.client, keys, generationSize });
const found = { dedupeBy: 'lead', receivedAtMs: NOW_MS } as const;

/** Claims the leads of these mentions, and returns the keys of their deliveries. */
async function claimed(...mentions: Mention[]) {
  const known = await leads().claim(mentions, found);
  return mentions.map((each) => known.get(each)?.key);
}

describe('the key of a lead', () => {
  test.each<[string, readonly (readonly [day: number, first: number])[]]>([
    [
      'is that of its first mention, for 7 days',
      [
        [0, 0],
        [1, 0],
        [6.9, 0],
      ],
    ],
    [
      'is another one after 7 days: then it is news again',
      [
        [0, 0],
        [7.1, 1],
        [14, 1],
        [14.2, 3],
      ],
    ],
    [
      'is its own for a mention from long before the lead',
      [
        [10, 0],
        [1, 1],
        [12, 0],
        [16, 0],
      ],
    ],
    [
      'is that of the lead for a mention from shortly before it',
      [
        [10, 0],
        [9, 0],
        [16.9, 0],
      ],
    ],
  ])('%s', async (_, days) => {
    const mentions = days.map(([day], number) => copy(number, { daysAgo: 20 - day }));
    const expected = days.map(([, first]) => keyOf(mentions[first] ?? copy(0)));
    expect(await claimed(...mentions)).toEqual(expected);
    await redis.client.flushall();
    const apart = [];
    for (const each of mentions) apart.push(...(await claimed(each)));
    expect(apart).toEqual(expected);
  });

  test('is none for a mention that is no lead, and costs no call of Redis', async () => {
    const stranger = copy(1, { owner: null });
    expect(await claimed(stranger)).toEqual([undefined]);
    expect(await redis.client.dbsize()).toBe(0);
  });

  test('is the same for two replicas that claim at once, whichever mention each has', async () => {
    for (let round = 0; round < 20; round += 1) {
      await redis.client.flushall();
      const [one, other] = await Promise.all([claimed(copy(2), copy(3)), claimed(copy(1))]);
      expect(new Set([...one, ...other]).size).toBe(1);
    }
  });

  test('is read without a trace, as a claim would return it', async () => {
    const mentions = [copy(1), copy(2)];
    const read = await readLeads({ redis: redis.client, keys }, mentions, found);
    expect(await redis.client.dbsize()).toBe(0);
    expect(read).toEqual(await leads().claim(mentions, found));
  });
});

describe('the memory of leads', () => {
  const other = (number: number) => copy(number, { owner: { ...ANA, id: String(1_000 + number) } });

  test('holds at least a generation, and at most two', async () => {
    const { current, previous } = keys.leads;
    const first = copy(1);
    await leads(100).claim([first], found);
    for (let from = 0; from < 1_000; from += 9) {
      const window = Array.from({ length: 9 }, (_, index) => other(from + index));
      await leads(100).claim(window, found);
      const kept = await Promise.all([current, previous].map((key) => redis.client.hlen(key)));
      expect(kept[0]).toBeLessThan(100);
      expect(kept[1]).toBeLessThan(100 + 9);
      if (from < 90) expect(await claimed(copy(2))).toEqual([keyOf(first)]);
    }
    expect(await redis.client.exists(current, previous)).toBe(2);
    expect(await claimed(copy(3))).not.toEqual([keyOf(first)]);
  });

  test('ends by itself 7 days after the last lead that began', async () => {
    await leads(1).claim([copy(1)], found);
    await leads().claim([other(1)], found);
    const { current, previous } = keys.leads;
    for (const key of [current, previous]) {
      const leftMs = await redis.client.pttl(key);
      expect(leftMs).toBeGreaterThan(LEAD_MS - 60_000);
      expect(leftMs).toBeLessThanOrEqual(LEAD_MS);
    }
  });

  test('records the webhooks of a lead once each, in either generation, and not of its successor', async () => {
    const [old, young] = [copy(1, { daysAgo: 8 }), copy(2)];
    const known = await leads(1).claim([old], found);
    const lead = { lead: '', key: '' as MentionKey, ...known.get(old) };
    const queued = [{ ...lead, webhooks: ['A', 'CRM'] }];
    await leads().mark(queued);
    await leads().mark([{ ...lead, webhooks: ['CRM', 'B'] }]);
    const webhooksOf = async (each: Mention) =>
      (await readLeads({ redis: redis.client, keys }, [each], found)).get(each)?.webhooks;
    expect(await webhooksOf(copy(3, { daysAgo: 7 }))).toEqual(['A', 'CRM', 'B']);
    await leads().claim([young], found);
    await leads().mark(queued);
    expect(await webhooksOf(copy(3))).toEqual([]);
  });
});

interface Replica {
  readonly dedupeBy?: DedupeBy;
  readonly webhooks?: readonly Webhook[];
  /** Ends the poll as a crash would, before it marks anything. */
  readonly crash?: boolean;
}

/**
 * Creates replicas that share their queues: a delivery is queued once per webhook and key, as job ids
 * and the ledger have it.
 */
function replicas() {
  const queued = new Map<string, MentionDelivery>();
  const { log, lines } = recordingLog();

  async function pollOnce(
    window: readonly Mention[],
    { dedupeBy = 'lead', webhooks = [webhookOf({ name: 'A' })], crash = false }: Replica = {},
  ): Promise<void> {
    const options = { redis: redis.client, keys, generationSize: 1_000 };
    const seen = createSeenMentions({ ...options, dedupeBy });
    const memory = createLeads(options);
    const crashes = () => Promise.reject(new Error('crashed'));
    const polling = poll(
      {
        fetchWindow: async () => ({ mentions: window, malformed: 0, receivedAtMs: NOW_MS }),
        seen: crash ? { ...seen, mark: crashes } : seen,
        leads: crash ? { ...memory, mark: crashes } : memory,
        async enqueue(webhook, deliveries) {
          for (const delivery of deliveries) {
            const id = `${webhook} ${delivery.key}`;
            if (delivery.kind === 'mention' && !queued.has(id)) queued.set(id, delivery);
          }
        },
        alert: async () => {},
        hadState: () => false,
        onEmptyState: async () => {},
        log,
      },
      { webhooks, dedupeBy, backlog: { kind: 'all' } },
      new AbortController().signal,
    );
    if (crash) await expect(polling).rejects.toThrow('crashed');
    else await polling;
  }

  return {
    poll: pollOnce,
    lines,
    /** The messages, each with the numbers of its mentions' groups. */
    sent: () =>
      [...queued.values()].map(({ webhook, mention: first, others = [] }) =>
        [webhook, first.group.id, ...others.map(({ group }) => group.id)].join(' '),
      ),
  };
}

describe('a poll with DEDUPE_BY=lead', () => {
  // Newest first, as the API gives them.
  const [one, two, three, four] = [copy(1), copy(2), copy(3), copy(4)];
  const stranger = copy(9, { owner: { ...ANA, id: '8' } });

  test('sends one message with the groups of its window, and logs what it merged', async () => {
    const relay = replicas();
    await relay.poll([stranger, three, two, one]);
    await relay.poll([four, stranger, three, two, one]);
    expect(relay.sent()).toEqual(['A 1 2 3', 'A 9']);
    const merged = relay.lines.filter(({ event }) => event === 'mention.merged');
    expect(merged.map(({ level, fields }) => ({ level, fields }))).toEqual(
      [two, three, four].map(({ id }) => ({
        level: 'info',
        fields: {
          mentionId: id,
          polledAt: new Date(NOW_MS).toISOString(),
          messageId: `msg_${keyOf(one)}`,
          webhooks: ['A'],
        },
      })),
    );
  });

  test('sends a later mention to a webhook that did not want the first, once', async () => {
    const relay = replicas();
    const webhooks = [
      webhookOf({ name: 'A' }),
      webhookOf({ name: 'B', filter: { groups: ['2', '3', '4'] } }),
    ];
    await relay.poll([one], { webhooks });
    await relay.poll([three, two, one], { webhooks });
    await relay.poll([four, three, two, one], { webhooks });
    expect(relay.sent()).toEqual(['A 1', 'B 2 3']);
  });

  test.each<[string, readonly Mention[], string[]]>([
    ['the same window', [one], ['A 1']],
    ['a window with another mention', [two, one], ['A 1']],
    ['a window without the first mention', [two], ['A 1']],
    ['a window with a mention from before the first', [one, copy(0)], ['A 1']],
  ])('sends nothing twice after a crash before the mark, with %s', async (_, next, sent) => {
    const relay = replicas();
    await relay.poll([one], { crash: true });
    await relay.poll(next);
    await relay.poll([four, ...next]);
    expect(relay.sent()).toEqual(sent);
  });

  test('loses nothing if it crashes between the claim and the queue', async () => {
    const relay = replicas();
    await leads().claim([one], found);
    await relay.poll([two, one]);
    expect(relay.sent()).toEqual(['A 1 2']);
  });

  test('of two replicas at once, each with another window, sends one message', async () => {
    for (let round = 0; round < 10; round += 1) {
      await redis.client.flushall();
      const relay = replicas();
      await Promise.all([relay.poll([two, one]), relay.poll([three, two])]);
      expect(relay.sent()).toHaveLength(1);
      await relay.poll([four, three, two, one]);
      expect(relay.sent()).toHaveLength(1);
    }
  });
});

describe('a change of DEDUPE_BY', () => {
  // A lead in two groups, and another keyword and a comment in the first of its posts.
  const one = copy(1);
  const keyword = copy(1, { keyword: 'erp' });
  const comment = copy(1, { position: 'comment', link: `${one.link}?comment_id=5` });
  const elsewhere = copy(2);
  const window = [elsewhere, comment, keyword, one];
  const changes = DEDUPE_BY.flatMap((from) =>
    DEDUPE_BY.flatMap((to) => [true, false].map((crash) => [from, to, crash] as const)),
  );

  test.each(changes)(
    'from %s to %s sends nothing twice (after a crash: %s)',
    async (from, to, crash) => {
      const relay = replicas();
      await relay.poll([], { dedupeBy: from });
      await relay.poll(window, { dedupeBy: from, crash });
      const sent = relay.sent();
      expect(sent).toHaveLength({ mention: 4, post: 2, lead: 2 }[from]);
      await relay.poll(window, { dedupeBy: to });
      await relay.poll(window, { dedupeBy: to });
      expect(relay.sent()).toEqual(sent);
    },
  );

  test('counts for what is new from the second poll on', async () => {
    const relay = replicas();
    await relay.poll([], { dedupeBy: 'mention' });
    await relay.poll([elsewhere, one], { dedupeBy: 'lead' });
    await relay.poll([copy(4), copy(3), elsewhere, one], { dedupeBy: 'lead' });
    expect(relay.sent()).toEqual(['A 1', 'A 2', 'A 3 4']);
  });
});
