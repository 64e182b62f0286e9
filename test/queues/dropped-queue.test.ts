import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { droppedQueue } from '../../src/queues/dropped-queue.ts';
import { mentionDelivery as delivery } from '../helpers/mention-delivery.ts';
import { finishAll, openReplicas } from '../helpers/open-replicas.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';

let redis: PrivateRedis;
const { replica, taker, closeAll } = openReplicas(() => redis);

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());
afterEach(closeAll);

const RECORDS = '{test}:commands';
const RECORD = { list: RECORDS, fields: { command: 'drop', webhook: 'A' }, most: 3 };
const queue = () => droppedQueue(redis.client, '{test}', 'A');
const drop = () => queue().drop(RECORD);
const recorded = async () =>
  (await redis.client.lrange(RECORDS, 0, -1)).map((text) => JSON.parse(text) as unknown);
const keysLeft = async (webhook = 'A') => redis.client.keys(`{test}:deliver-${webhook}:*`);
const many = (count: number) => Array.from({ length: count }, (_, number) => delivery(number));

test('all that waits, is retried or has failed is removed in steps, and no key is left', async () => {
  const queues = replica();
  await queues.enqueue('A', many(2_500));
  await queues.enqueue('B', [delivery(1)]);
  const others = (await keysLeft('B')).toSorted();
  const jobs = await taker(queues);
  const [one, two, three, four] = await jobs.more(4);
  if (!one || !two || !three || !four) throw new Error('nothing was taken');
  await finishAll(jobs, [one, two], { kind: 'failed', reason: 'x' });
  await finishAll(jobs, [three], { kind: 'retry', delayMs: 60_000, reason: 'x' });
  const counts = { waiting: 2_496, active: 1, retrying: 1, failed: 2 };
  expect([await queue().counts(), await queues.counts('A')]).toEqual([counts, counts]);
  expect(await queue().isServed()).toBe(true);

  // What a replica has taken stays its own, and it can finish it.
  await redis.client.config('RESETSTAT');
  expect(await drop()).toEqual(counts);
  const stats = await redis.client.info('commandstats');
  expect(/^cmdstat_lpop:calls=(\d+)/m.exec(stats)?.[1]).toBe('3');
  expect(await recorded()).toEqual([
    { command: 'drop', webhook: 'A', waiting: 2_496, retrying: 1, failed: 2 },
  ]);
  await finishAll(jobs, [four], { kind: 'accepted', result: RESULT, batchSize: 1 });
  await jobs.close();

  // A replica that still has the webhook starts again from nothing.
  await queues.enqueue('A', [delivery(9_999)]);
  expect(await drop()).toMatchObject({ waiting: 1, active: 0 });
  expect(await keysLeft()).toEqual([]);
  expect((await keysLeft('B')).toSorted()).toEqual(others);
  await drop();
});

const RESULT = { kind: 'answered', status: 200, headers: {}, body: '', durationMs: 1 } as const;

test('what a dead replica had taken is removed once its lock has expired', async () => {
  const queues = replica();
  await queues.enqueue('A', many(2));
  const jobs = await taker(queues);
  await jobs.more(1);
  await jobs.close();
  expect(await drop()).toEqual({ waiting: 1, active: 1, retrying: 0, failed: 0 });
  for (const lock of await redis.client.keys('*:lock')) await redis.client.del(lock);
  expect(await drop()).toEqual({ waiting: 1, active: 0, retrying: 0, failed: 0 });
  expect(await keysLeft()).toEqual([]);
});

test('a queue is served while a replica checks it, and not for longer after a clock went back', async () => {
  const key = '{test}:deliver-A:stalled-check';
  expect(await queue().isServed()).toBe(false);
  await redis.client.set(key, '1', 'PX', 15_000);
  expect(await queue().isServed()).toBe(true);
  await redis.client.set(key, '1', 'PX', 60_000);
  expect(await queue().isServed()).toBe(false);
});
