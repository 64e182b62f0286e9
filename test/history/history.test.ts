import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Mention } from '../../src/domain/mention.ts';
import { clearHistory, createHistory, type History } from '../../src/history/history.io.ts';
import { identityOf, keptRecord, type KeptEnd } from '../../src/history/kept-mention.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { mention } from '../helpers/mentions.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');
const { records, times, posts } = keys.history;
const DAY_MS = 86_400_000;
const NOW_MS = 1_700_000_000_000;
const ROOMY = { maxAgeMs: DAY_MS, maxBytes: 1e9 };

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

const open = (bounds: Partial<typeof ROOMY> = {}, client = redis.client): History =>
  createHistory(client, keys, { ...ROOMY, ...bounds });

function range(from: number, to: number, overrides: Record<string, unknown> = {}): Mention[] {
  return Array.from({ length: to - from }, (_, index) => mention(from + index, overrides));
}

async function keep(history: History, mentions: readonly Mention[], nowMs = NOW_MS) {
  const all = mentions.flatMap((each) => keptRecord(each, { keptAtMs: nowMs }) ?? []);
  await history.keep(all, nowMs);
}

const endOf = (found: Mention, webhook = 'A', atMs = NOW_MS) => ({
  identity: identityOf(found),
  end: { webhook, outcome: 'delivered', atMs, attempts: 1, status: 200 } satisfies KeptEnd,
});

async function idsOf(history: History, since = 0, until = Infinity): Promise<string[]> {
  const ids: string[] = [];
  for await (const each of history.between(since, until)) ids.push(each.mention.id);
  return ids;
}

const idsIn = (mentions: readonly Mention[]): string[] => mentions.map(({ id }) => id);

describe('the history', () => {
  test('keeps a mention once, with the ends of its deliveries, and finds it by identity and post', async () => {
    const history = open();
    const [found, same, other] = [mention(1), mention(1, { keyword: 'realtor' }), mention(2)];
    await keep(history, [found]);
    await history.end([endOf(found, 'A'), endOf(found, 'B'), endOf(other)], NOW_MS);
    await keep(history, [found, same, other], NOW_MS + 1);
    const kept = await history.find(identityOf(found));
    expect(kept).toMatchObject({ mention: found, keptAtMs: NOW_MS });
    expect(kept?.ends.map(({ webhook }) => webhook)).toEqual(['A', 'B']);
    expect((await history.find(identityOf(other)))?.ends).toEqual([]);
    expect(await history.find('unknown')).toBeNull();
    // By the API's id, and by the number in its link.
    for (const post of [found.id, '1']) {
      const ofPost = await history.ofPost(post);
      expect(ofPost.map((each) => each.mention.keyword)).toEqual(['crm', 'realtor']);
    }
    expect(await history.ofPost('3')).toEqual([]);
  });

  test('returns what was kept between two times, oldest first, also many of one moment', async () => {
    const history = open();
    const [early, many, late] = [range(0, 3), range(100, 550), range(600, 601)];
    await keep(history, late, NOW_MS + 2);
    await keep(history, many, NOW_MS + 1);
    await keep(history, early, NOW_MS);
    expect(await idsOf(history)).toEqual(idsIn([...early, ...many, ...late]));
    expect(await idsOf(history, NOW_MS + 1, NOW_MS + 2)).toEqual(idsIn(many));
    expect(await idsOf(history, NOW_MS + 2)).toEqual(idsIn(late));
    expect(await idsOf(history, NOW_MS + 3)).toEqual([]);
  });

  test('passes over nothing while the oldest are removed', async () => {
    const history = open();
    for (let at = 0; at < 500; at += 50) await keep(history, range(at, at + 50), NOW_MS + at);
    const read: string[] = [];
    for await (const { mention: found } of history.between(0, Infinity)) {
      read.push(found.id);
      // What was read last is among those that go.
      if (read.length === 150) await history.trim(NOW_MS + DAY_MS + 299);
    }
    const all = idsIn(range(0, 500));
    // A page had been read by then.
    expect(read).toEqual([...all.slice(0, 200), ...all.slice(300)]);
  });

  test('keeps each mention once when two clients write the same at the same time', async () => {
    await using other = Object.assign(new Redis({ port: redis.port }), {
      [Symbol.asyncDispose]: async () => void (await other.quit()),
    });
    const both = [open(), open({}, other)];
    const mentions = range(0, 50);
    await Promise.all(
      both.map(async (history, index) => {
        await keep(history, mentions);
        await Promise.all(mentions.map((each) => history.end([endOf(each, `W${index}`)], NOW_MS)));
      }),
    );
    const found = await Promise.all(mentions.map((each) => open().find(identityOf(each))));
    const webhooks = found.map((each) => each?.ends.map(({ webhook }) => webhook).toSorted());
    expect(webhooks).toEqual(mentions.map(() => ['W0', 'W1']));
    expect(await idsOf(open())).toHaveLength(50);
  });

  test('leaves out what is damaged or lost, and says how often', async () => {
    const history = open();
    const [damaged, lost, whole] = [mention(1), mention(2), mention(3)];
    await keep(history, [damaged, lost, whole]);
    await redis.client.hset(records, identityOf(damaged), '{"at":1');
    await redis.client.hdel(records, identityOf(lost));
    let count = 0;
    const found: string[] = [];
    for await (const each of history.between(0, Infinity, () => (count += 1)))
      found.push(each.mention.id);
    expect({ count, found }).toEqual({ count: 2, found: [whole.id] });
    expect(await history.find(identityOf(damaged))).toBeNull();
    await history.trim(NOW_MS + DAY_MS);
    expect(await redis.client.keys('*')).toEqual([]);
  });
});

describe('its bound', () => {
  test('of days removes what is older, without new mentions too, and leaves nothing of it', async () => {
    const history = open();
    const [old, young] = [range(0, 150), range(200, 203)];
    await keep(history, old);
    await keep(history, young, NOW_MS + 1);
    await history.trim(NOW_MS + DAY_MS - 1);
    expect(await redis.client.zcard(times)).toBe(153);
    await history.trim(NOW_MS + DAY_MS);
    expect(await idsOf(history)).toEqual(idsIn(young));
    // Two names of a post each; the field beside the records is their size.
    expect([await redis.client.hlen(records), await redis.client.zcard(posts)]).toEqual([4, 6]);
    await history.trim(NOW_MS + DAY_MS + 1);
    expect(await redis.client.keys('*')).toEqual([]);
  });

  test('of days ends at last also for what a clock far ahead has kept', async () => {
    await keep(open({ maxAgeMs: 1e13 }), range(0, 1), NOW_MS + 1_000 * DAY_MS);
    await open().trim(NOW_MS);
    expect(await idsOf(open())).toHaveLength(1);
    await open().trim(NOW_MS + DAY_MS);
    expect(await redis.client.exists(times)).toBe(0);
  });

  test('of memory holds in Redis as it measures itself: the oldest go, though one mention has 1 MB', async () => {
    const maxBytes = 1_000_000;
    const history = open({ maxBytes });
    const huge = { content: 'x'.repeat(1_000_000) };
    const texts = [20, 400, 1_000, 5_000].map((length) => ({
      content: 'word '.repeat(length / 5),
    }));
    const newest: Mention[] = [];
    for (let from = 0; from < 1_200; from += 50) {
      const mentions = range(from, from + 50, texts[(from / 50) % 4]);
      if (from === 900) mentions.unshift(mention(2_000, huge));
      await keep(history, mentions, NOW_MS + from);
      await history.end(
        mentions.flatMap((each) => ['A', 'B', 'C'].map((webhook) => endOf(each, webhook))),
        NOW_MS + from,
      );
      newest.splice(0, newest.length, ...mentions);
    }
    const sizes = await Promise.all(
      [records, times, posts].map((key) => redis.client.memory('USAGE', key, 'SAMPLES', 0)),
    );
    const bytes = sizes.reduce<number>((sum, size) => sum + Number(size), 0);
    expect(bytes).toBeLessThanOrEqual(maxBytes);
    expect(bytes).toBeGreaterThan(maxBytes * 0.75);
    const found = await idsOf(history);
    expect(found.slice(-50)).toEqual(idsIn(newest));
    expect(found).not.toContain(mention(0).id);
  });

  test('removes 100 mentions at most in one script', async () => {
    await keep(open(), range(0, 450));
    await redis.client.config('RESETSTAT');
    await open({ maxBytes: 1 }).trim(NOW_MS);
    const stats = await redis.client.info('commandstats');
    expect(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1]).toBe('5');
    expect(await redis.client.keys('*')).toEqual([]);
  });

  test('of a record lets no operator fill it with retries', async () => {
    const history = open();
    await keep(history, [mention(1)]);
    await history.end(
      Array.from({ length: 2_000 }, () => endOf(mention(1))),
      NOW_MS,
    );
    expect(await redis.client.hstrlen(records, identityOf(mention(1)))).toBeLessThan(10_000);
  });

  test('is nothing once the history is off', async () => {
    await keep(open(), range(0, 3));
    await clearHistory(redis.client, keys);
    expect(await redis.client.keys('*')).toEqual([]);
  });
});
