import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mentionDelivery } from '../helpers/mention-delivery.ts';
import { finishAll, openReplicas } from '../helpers/open-replicas.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let redis: PrivateRedis;
const { replica, taker, closeAll } = openReplicas(() => redis);

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());
afterEach(closeAll);

const mentions = (count: number) =>
  Array.from({ length: count }, (_, number) => mentionDelivery(number));

describe('queued deliveries', () => {
  test('that wait, are to be tried again or have failed are not queued twice', async () => {
    const queues = replica();
    await queues.enqueue('A', mentions(3));
    await queues.enqueue('A', mentions(3));
    expect(await queues.counts('A')).toMatchObject({ waiting: 3 });
    const jobs = await taker(queues);
    await finishAll(jobs, await jobs.more(1), { kind: 'failed', reason: 'HTTP 410' });
    const retry = { kind: 'retry', delayMs: 3_600_000, reason: 'HTTP 500' } as const;
    await finishAll(jobs, await jobs.more(2), retry);
    await queues.enqueue('A', mentions(3));
    expect(await queues.counts('A')).toEqual({ waiting: 0, active: 0, retrying: 2, failed: 1 });
  });

  test('that failed are purged by age, never by number', async () => {
    const queues = replica();
    await queues.enqueue('A', mentions(30));
    const jobs = await taker(queues);
    await finishAll(jobs, await jobs.more(30), { kind: 'failed', reason: 'HTTP 410' });
    expect(await queues.purgeFailed('A', 3_600_000)).toBe(0);
    expect(await queues.purgeFailed('A', 0)).toBe(30);
    expect((await queues.counts('A')).failed).toBe(0);
  });

  test('have no secret in Redis: neither a URL nor anything but the mention', async () => {
    await replica().enqueue('A', mentions(1));
    const [key] = await redis.client.keys('{test}:deliver-A:m-*');
    const { data } = await redis.client.hgetall(key ?? '');
    expect(Object.keys(JSON.parse(data ?? '{}') as object)).toEqual([
      'kind',
      'key',
      'mention',
      'polledAtMs',
    ]);
  });
});

describe('polling', () => {
  test('begins at once, and comes once an interval over three replicas', async () => {
    const polls: number[] = [];
    for (const queues of [replica(), replica(), replica()]) {
      await queues.startPolling(300, async () => {
        polls.push(performance.now());
      });
    }
    await waitUntil('eight polls', () => polls.length >= 8);
    // The schedulers of three starting replicas may each bring the first poll forward.
    const settled = polls.slice(-4);
    const gaps = settled.slice(1).map((at, index) => at - (settled[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(150);
  });

  test('is interrupted when the queues close', async () => {
    const queues = replica();
    let interrupted = false;
    const begun = Promise.withResolvers<void>();
    await queues.startPolling(60_000, async (signal) => {
      begun.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      interrupted = true;
    });
    await begun.promise;
    await queues.close(60_000);
    expect(interrupted).toBe(true);
  });
});
