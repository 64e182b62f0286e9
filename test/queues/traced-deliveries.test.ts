import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTracedDeliveries } from '../../src/queues/traced-deliveries.ts';
import { mentionDelivery as delivery } from '../helpers/mention-delivery.ts';
import { idOf } from '../helpers/mentions.ts';
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

test('deliveries are found in every state, those that wait in their order, and nothing is written', async () => {
  const queues = replica();
  const all = Array.from({ length: 6 }, (_, number) => delivery(number));
  await queues.enqueue('A', all);
  const jobs = await taker(queues);
  const [one, two, three] = await jobs.more(3);
  if (!one || !two || !three) throw new Error('nothing was taken');
  await finishAll(jobs, [one], { kind: 'failed', reason: 'x' });
  await finishAll(jobs, [two], { kind: 'retry', delayMs: 60_000, reason: 'y' });

  const keys = (await redis.client.keys('*')).toSorted();
  const traced = createTracedDeliveries(redis.client, '{test}');
  const found = await traced.search('A', (each) => idOf(each) !== idOf(delivery(4)));
  expect(found.map(({ delivery: each, at, reason }) => [idOf(each), at, reason])).toEqual([
    [idOf(delivery(2)), { state: 'active' }, null],
    [idOf(delivery(3)), { state: 'waiting', before: 0 }, null],
    [idOf(delivery(5)), { state: 'waiting', before: 2 }, null],
    [idOf(delivery(1)), { state: 'retrying', dueAtMs: expect.any(Number) }, 'y'],
    [idOf(delivery(0)), { state: 'failed', atMs: expect.any(Number) }, 'x'],
  ]);
  const ids = found.map(({ jobId }) => jobId);
  expect([...(await traced.pending('A', ids))]).toEqual(ids.slice(0, 4));
  expect(await traced.find('NEVER', ids)).toEqual([]);
  expect(await traced.search('NEVER', () => true)).toEqual([]);
  expect((await redis.client.keys('*')).toSorted()).toEqual(keys);
});
