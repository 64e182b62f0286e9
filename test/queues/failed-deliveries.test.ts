import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createKnownWebhooks } from '../../src/delivering/outbox.io.ts';
import { deliveryJobId, type Delivery } from '../../src/domain/delivery.ts';
import type { FailedDeliveries } from '../../src/queues/failed-deliveries.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { mentionDelivery as delivery } from '../helpers/mention-delivery.ts';
import { finishAll, inShort, openReplicas, takeInTurn } from '../helpers/open-replicas.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import {
  alertOf,
  DOCUMENTED_POST,
  GROUP,
  LEFT,
  recoveredOf,
} from '../webhooks/recovered-and-alert-samples.ts';

const PREFIX = '{test}';

let redis: PrivateRedis;
const { replica, operator, taker, closeAll } = openReplicas(() => redis);

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());
afterEach(closeAll);

const jobId = (each: Delivery) => deliveryJobId(each.key);
const many = (count: number) => Array.from({ length: count }, (_, number) => delivery(number));

/** Lets these fail in the order given, one after the other. */
async function fail(...deliveries: readonly Delivery[]): Promise<void> {
  const queues = replica();
  await queues.enqueue('A', deliveries);
  const jobs = await taker(queues);
  for (const item of await jobs.more(deliveries.length)) {
    await finishAll(jobs, [item], { kind: 'failed', reason: 'HTTP 410' });
  }
  await jobs.close();
}

/** The next deliveries, in order. */
const delivered = async (count: number) => inShort(await takeInTurn(await taker(replica()), count));

/** Puts back all that failed. */
async function retryAll(failed: FailedDeliveries): Promise<number> {
  const found = await failed.find('A', {});
  return failed.retry(
    'A',
    found.map((each) => each.jobId),
  );
}

describe('failed deliveries', () => {
  test('are found with what is known of them, oldest spotted first', async () => {
    const [late, early] = [delivery(1, 1_699_459_900), delivery(2, 1_699_459_100)];
    const beforeMs = Date.now();
    await fail(late, early);
    const found = await operator().find('A', {});
    expect(found).toEqual([
      {
        webhook: 'A',
        jobId: jobId(early),
        kind: 'mention',
        content: early.mention.raw,
        mentionId: early.mention.id,
        attempts: 1,
        reason: 'HTTP 410',
        spottedAtMs: 1_699_459_100_000,
        polledAtMs: 1_700_000_000_000,
        failedAtMs: expect.any(Number),
      },
      expect.objectContaining({ jobId: jobId(late) }),
    ]);
    expect(found[0]?.failedAtMs).toBeGreaterThanOrEqual(beforeMs);
  });

  test('are found by id and by the time they failed, and those that wait are not', async () => {
    await fail(delivery(1), delivery(2));
    await replica().enqueue('A', [delivery(3)]);
    const failed = operator();
    const ids = new Set([delivery(2), delivery(3)].map(jobId));
    expect((await failed.find('A', { jobIds: ids })).map((each) => each.jobId)).toEqual([
      jobId(delivery(2)),
    ]);
    const [, second] = (await failed.find('A', {})).toSorted((a, b) => a.failedAtMs - b.failedAtMs);
    const sinceMs = second?.failedAtMs ?? 0;
    expect(await failed.find('A', { sinceMs })).toContainEqual(second);
    expect(await failed.find('A', { sinceMs: sinceMs + 1 })).toEqual([]);
    expect(await failed.find('B', {})).toEqual([]);
  });

  test('are found whatever they deliver: recovered mentions, alerts, and what another release wrote', async () => {
    const unknown = delivery(1);
    await fail(alertOf(LEFT), recoveredOf(), unknown);
    await redis.client.hset(`${PREFIX}:deliver-A:${jobId(unknown)}`, 'data', '{"kind":"new"}');
    const polledAtMs = Date.parse('2023-11-08T16:05:00.000Z');
    expect(await operator().find('A', {})).toMatchObject([
      {
        kind: 'recovered',
        content: { ...DOCUMENTED_POST, group: GROUP },
        mentionId: '6719635918091537',
        spottedAtMs: 1_699_453_217_000,
        polledAtMs,
      },
      {
        kind: 'alert',
        content: LEFT,
        mentionId: null,
        spottedAtMs: LEFT.changedAtMs,
        polledAtMs: null,
      },
      { kind: null, content: { kind: 'new' }, mentionId: null, spottedAtMs: null },
    ]);
  });

  test('are found with an unreadable mention too, and more than are read at once', async () => {
    await fail(...many(250));
    const key = `${PREFIX}:deliver-A:${jobId(delivery(0))}`;
    await redis.client.hset(key, 'data', '{"mention":"of another release"}');
    const found = await operator().find('A', {});
    expect(found).toHaveLength(250);
    expect(found.at(-1)).toMatchObject({
      kind: 'mention',
      content: 'of another release',
      mentionId: null,
      spottedAtMs: null,
      polledAtMs: null,
    });
  });
});

describe('put back', () => {
  test('they come in order, before those that wait, their attempts counted from the start', async () => {
    await fail(...[400, 100, 300, 200].map((after, each) => delivery(each, 1_699_459_000 + after)));
    await replica().enqueue('A', [delivery(8), delivery(9)]);
    const failed = operator();
    expect(await retryAll(failed)).toBe(4);
    expect(await failed.find('A', {})).toEqual([]);
    expect(await delivered(6)).toEqual([1, 3, 2, 0, 8, 9].map((number) => `29439${number}#1`));
  });

  test('they come in order to a replica that waits for deliveries', async () => {
    await fail(...many(1_200));
    const jobs = await taker(replica());
    expect(await jobs.more(1)).toEqual([]);
    const waiting = takeInTurn(jobs, 1_200);
    expect(await retryAll(operator())).toBe(1_200);
    expect(inShort(await waiting)).toEqual(many(1_200).map(({ mention: { id } }) => `${id}#1`));
  });

  test('those that are gone, or wait already, are left alone', async () => {
    await fail(delivery(1));
    await replica().enqueue('A', [delivery(2)]);
    const ids = [delivery(1), delivery(2), delivery(3)].map(jobId);
    const failed = operator();
    expect(await failed.retry('A', ids)).toBe(1);
    expect(await failed.retry('A', ids)).toBe(0);
    expect(await delivered(2)).toEqual(['294391#1', '294392#1']);
  });
});

describe('discarded', () => {
  test('they are gone for good; those that are not failed any more stay', async () => {
    await fail(delivery(1), delivery(2));
    const failed = operator();
    await failed.retry('A', [jobId(delivery(2))]);
    const ids = [delivery(1), delivery(2), delivery(3)].map(jobId);
    expect(await failed.discard('A', ids)).toBe(1);
    expect(await redis.client.keys(`${PREFIX}:deliver-A:m-*`)).toEqual([
      `${PREFIX}:deliver-A:${jobId(delivery(2))}`,
    ]);
    expect(await delivered(1)).toEqual(['294392#1']);
  });
});

test('the names of webhooks with deliveries are remembered, each once', async () => {
  const known = createKnownWebhooks(redis.client, redisKeys('test'));
  expect(await known.names()).toEqual([]);
  for (const name of ['SALES', 'A', 'SALES']) await known.add(name);
  expect(await createKnownWebhooks(redis.client, redisKeys('test')).names()).toEqual([
    'A',
    'SALES',
  ]);
});
