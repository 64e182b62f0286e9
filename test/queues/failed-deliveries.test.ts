import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createKnownWebhooks } from '../../src/delivering/outbox.io.ts';
import {
  createFailedDeliveries,
  type FailedDeliveries,
} from '../../src/queues/failed-deliveries.ts';
import { createQueues, type Queues } from '../../src/queues/queues.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { deliveryJobId, type Delivery, type MentionDelivery } from '../../src/domain/delivery.ts';
import { mentionKey } from '../../src/domain/mention.ts';
import type { DeliveryOutcome } from '../../src/queues/delivery-outcome.ts';
import { idOf } from '../helpers/mentions.ts';
import { mention } from '../helpers/mentions.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import {
  alertOf,
  DOCUMENTED_POST,
  GROUP,
  LEFT,
  recoveredOf,
} from '../webhooks/recovered-and-alert-samples.ts';

const PREFIX = '{test}';
const LIMITER = `${PREFIX}:deliver-A:limiter`;

let redis: PrivateRedis;
const open: (Queues | FailedDeliveries)[] = [];

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close(0)));
});

function replica(): Queues {
  const queues = createQueues({ redis: redis.client, prefix: PREFIX, onError: () => undefined });
  open.push(queues);
  return queues;
}

function operator(): FailedDeliveries {
  const failed = createFailedDeliveries({
    redis: redis.client,
    prefix: PREFIX,
    onError: () => undefined,
  });
  open.push(failed);
  return failed;
}

function delivery(number: number, spotted = 1_699_459_000 + number): MentionDelivery {
  const each = mention(number, { spotted: String(spotted) });
  return {
    kind: 'mention',
    webhook: 'A',
    key: mentionKey(each, 'mention'),
    mention: each,
    polledAtMs: 1_700_000_000_000,
  };
}

const jobId = (each: Delivery) => deliveryJobId(each.key);
const failing: DeliveryOutcome = { kind: 'failed', reason: 'HTTP 410' };

/** Lets these fail in the order given, one after the other. */
async function fail(...deliveries: readonly Delivery[]): Promise<void> {
  const queues = replica();
  const before = (await queues.counts('A')).failed;
  await queues.enqueue('A', deliveries);
  await queues.startDelivering({ name: 'A', concurrency: 1, batchSize: 1 }, async () => [failing]);
  await waitUntil(
    'all to fail',
    async () => (await queues.counts('A')).failed === before + deliveries.length,
  );
  await queues.close(0);
}

/** Delivers what waits; the ids of mentions and the number of the attempt, in order. */
async function delivered(count: number): Promise<string[]> {
  const given: string[] = [];
  await replica().startDelivering({ name: 'A', concurrency: 1, batchSize: 1 }, async (due) =>
    due.map(({ delivery: each, attempt }) => {
      given.push(`${idOf(each)}#${attempt}`);
      return { kind: 'done' };
    }),
  );
  await waitUntil(`${count} deliveries`, () => given.length >= count);
  return given;
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
    await fail(...Array.from({ length: 250 }, (_, number) => delivery(number)));
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
  test('they come in order, before those that wait, their attempts counted anew', async () => {
    const times = [400, 100, 300, 200].map((after, index) =>
      delivery(index, 1_699_459_000 + after),
    );
    await fail(...times);
    await replica().enqueue('A', [delivery(8), delivery(9)]);
    const failed = operator();
    const found = await failed.find('A', {});
    expect(
      await failed.retry(
        'A',
        found.map((each) => each.jobId),
      ),
    ).toBe(4);
    expect(await failed.find('A', {})).toEqual([]);
    expect(await delivered(6)).toEqual([1, 3, 2, 0, 8, 9].map((number) => `29439${number}#1`));
  });

  test('they come in order while a relay delivers', async () => {
    const all = Array.from({ length: 150 }, (_, number) => delivery(number));
    await fail(...all);
    const given: string[] = [];
    await replica().startDelivering({ name: 'A', concurrency: 1, batchSize: 1 }, async (due) =>
      due.map((each) => {
        given.push(idOf(each.delivery));
        return { kind: 'done' };
      }),
    );
    const failed = operator();
    const found = await failed.find('A', {});
    await failed.retry(
      'A',
      found.map((each) => each.jobId),
    );
    await waitUntil('all', () => given.length === all.length);
    expect(given).toEqual(all.map((each) => each.mention.id));
  });

  test('the hold of their queue is over, also with none to put back', async () => {
    const failed = operator();
    await fail(delivery(1));
    for (const ids of [[jobId(delivery(1))], []]) {
      await redis.client.set(LIMITER, '9007199254740991', 'PX', 3_600_000);
      expect(await failed.retry('A', ids)).toBe(ids.length);
      expect(await redis.client.exists(LIMITER)).toBe(0);
    }
    expect(await delivered(1)).toEqual(['294391#1']);
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

  test('cut off half-way, each is either failed or waiting, and the hold ends by itself', async () => {
    const all = Array.from({ length: 20 }, (_, number) => delivery(number));
    await fail(...all);
    const cut = redis.client.duplicate();
    const failed = createFailedDeliveries({ redis: cut, prefix: PREFIX, onError: () => undefined });
    const found = await failed.find('A', {});
    const watching = redis.client.duplicate();
    const monitor = await watching.monitor();
    let putBack = 0;
    monitor.on('monitor', (_time, words: string[]) => {
      if (words[0]?.toUpperCase() === 'ZREM' && ++putBack === 5) cut.disconnect();
    });
    await expect(
      failed.retry(
        'A',
        found.map((each) => each.jobId),
      ),
    ).rejects.toThrow();
    monitor.disconnect();
    watching.disconnect();

    const { waiting, failed: left } = await replica().counts('A');
    expect(waiting + left).toBe(20);
    expect(waiting).toBeGreaterThanOrEqual(5);
    expect(left).toBeGreaterThan(0);
    expect(await redis.client.pttl(LIMITER)).toBeGreaterThan(0);
    expect(await redis.client.pttl(LIMITER)).toBeLessThanOrEqual(30_000);

    const again = operator();
    const rest = await again.find('A', {});
    expect(
      await again.retry(
        'A',
        rest.map((each) => each.jobId),
      ),
    ).toBe(left);
    const given = await delivered(20);
    expect(new Set(given).size).toBe(20);
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
