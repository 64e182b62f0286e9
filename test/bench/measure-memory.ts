import type { Redis } from 'ioredis';
import { createQueues } from '../../src/queues/queues.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { createSeenMentions } from '../../src/state/seen-mentions.io.ts';
import { createWebhookGate } from '../../src/delivering/gate/webhook-gate.io.ts';
import { mentionKey } from '../../src/domain/mention.ts';
import { bareMention, fillQueues, PREFIX } from './backlog.ts';
import { webhookName, type Ground } from './ground.ts';
import type { Series } from './results.ts';

const KEYS = redisKeys(PREFIX);
const WEBHOOK = webhookName(0);
const GENERATION_SIZE = 10_000;
const WINDOW = 100;
const AT_ONCE = 1_000;
const SEEN = 'seen set and ledger of one webhook';
const BREAKER = { failuresInARow: 5, firstHoldMs: 1, maxHoldMs: 1, probeLeaseMs: 1 };

/** Bytes in Redis of what is remembered, of what waits and of what failed. */
export async function measureMemory(
  ground: Ground,
  options: { readonly deliveries: number; readonly mentions: number },
): Promise<Series[]> {
  const { client } = ground.redis;
  const about = { part: 'memory', setting: '1 KB payloads', unit: 'bytes' } as const;
  const series: Series[] = [];

  await ground.clear();
  const emptyBytes = await usedBytes(client);
  await fillQueues(ground.redis.url, [WEBHOOK], options.deliveries);
  const perDelivery = async (): Promise<number> =>
    ((await usedBytes(client)) - emptyBytes) / options.deliveries;
  series.push({ ...about, subject: 'a waiting delivery', samples: [await perDelivery()] });
  await failAll(ground, options.deliveries);
  series.push({ ...about, subject: 'a failed delivery', samples: [await perDelivery()] });

  await ground.clear();
  series.push(...(await remember(client, options.mentions)));
  return series;
}

/** Lets all that waits fail, by the relay's own queues. */
async function failAll(ground: Ground, deliveries: number): Promise<void> {
  const { client } = ground.redis;
  const onError = (error: Error): void => {
    throw error;
  };
  const queues = createQueues({ redis: client, prefix: KEYS.queues, onError });
  const jobs = await queues.takeDeliveries(WEBHOOK);
  const outcome = { kind: 'failed', reason: 'status 422' } as const;
  for (let failed = 0; failed < deliveries;) {
    const items = await jobs.more(AT_ONCE);
    await jobs.finish(
      items.map((item) => ({ item, outcome })),
      { takeNext: false },
    );
    failed += items.length;
  }
  await jobs.close();
  await queues.close(0);
}

/** Remembers so many mentions as seen, and as taken by one webhook, and looks now and then. */
async function remember(redis: Redis, mentions: number): Promise<Series[]> {
  const seen = createSeenMentions({
    redis,
    keys: KEYS,
    generationSize: GENERATION_SIZE,
    dedupeBy: 'mention',
  });
  const gate = createWebhookGate({
    redis,
    keys: KEYS,
    generationSize: GENERATION_SIZE,
    breaker: BREAKER,
    paceMs: () => 0,
  });
  const emptyBytes = await usedBytes(redis);
  const series: Series[] = [];
  let full: Series | undefined;
  for (let from = 0; from < mentions; from += WINDOW) {
    const window = Array.from({ length: WINDOW }, (_, index) => bareMention(from + index));
    const { unseenIndexes } = await seen.unseen(window);
    if (unseenIndexes.length !== WINDOW) throw new Error('a mention was there before');
    await gate.accepted(
      WEBHOOK,
      window.map((mention) => mentionKey(mention, 'mention')),
    );
    await seen.mark(window, {
      firstWindow: from === 0,
      polledAtMs: from,
      newestSpottedAtMs: null,
      gap: null,
    });
    const done = from + WINDOW;
    if (done % (mentions / 20) === 0) {
      const usedMb = ((await usedBytes(redis)) - emptyBytes) / 1e6;
      series.push({
        part: 'memory',
        setting: `after ${done.toLocaleString('en-GB')} mentions`,
        subject: SEEN,
        unit: 'MB',
        samples: [usedMb],
        x: done,
      });
    }
    // The fullest moment: two generations, just before the older one goes.
    if (done === 2 * GENERATION_SIZE - WINDOW) full = await perMention(redis, done);
  }
  return full === undefined ? series : [full, ...series];
}

async function perMention(redis: Redis, mentions: number): Promise<Series> {
  const { current, previous } = KEYS.seen;
  const sizes = await Promise.all(
    [current, previous].map((key) => redis.memory('USAGE', key, 'SAMPLES', 0)),
  );
  const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const about = { part: 'memory', setting: '1 KB payloads', unit: 'bytes' } as const;
  return { ...about, subject: 'a remembered mention', samples: [bytes / mentions] };
}

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}
