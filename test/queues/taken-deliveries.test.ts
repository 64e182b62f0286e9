import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deliveryJobId, type Delivery } from '../../src/domain/delivery.ts';
import {
  MANUAL_WORKER,
  takeDeliveryJobs,
  type DeliveryOutcome,
  type DeliveryJobs,
  type DueDeliveries,
  type DueDelivery,
} from '../../src/queues/taken-deliveries.ts';
import { createOpenQueues } from '../../src/queues/open-queues.ts';
import { mentionDelivery } from '../helpers/mention-delivery.ts';
import { finishAll, inShort, openReplicas, takeInTurn } from '../helpers/open-replicas.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { alertOf, LEFT, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

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
const ids = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `29439${from + index}#1`);
const REPEATED = { kind: 'repeated' } as const;
const BACK = { kind: 'back' } as const;
const ALERTS = { waiting: null, most: 1, thorough: true };

/** A replica that takes what these deliveries left in its queue. */
async function queued(deliveries: readonly Delivery[]) {
  const queues = replica();
  await queues.enqueue('A', deliveries);
  return { queues, jobs: await taker(queues) };
}

describe('deliveries', () => {
  test('come whole, in the order in which they were queued, and leave nothing behind', async () => {
    const { jobs } = await queued(mentions(20));
    const items = [await jobs.next(), ...(await jobs.more(5)), ...(await jobs.more(100))];
    expect(items.map((item) => item?.delivery)).toEqual(mentions(20));
    expect(await jobs.more(1)).toEqual([]);
    await finishAll(jobs, items as DueDelivery[], REPEATED);
    expect(await redis.client.keys('{test}:deliver-A:m-*')).toEqual([]);
  });

  test('that are unreadable fail and are reported, and delay no other', async () => {
    const queues = replica();
    await queues.enqueue('A', mentions(2));
    const id = deliveryJobId(mentionDelivery(0).key);
    await redis.client.hset(`{test}:deliver-A:${id}`, 'data', '{"kind":"hologram"}');
    const reported: unknown[] = [];
    const jobs = await taker(queues, (delivery) => reported.push(delivery));
    expect(inShort(await takeInTurn(jobs, 1))).toEqual(ids(1, 1));
    await waitUntil('the report', () => reported.length > 0);
    expect(reported).toEqual([
      {
        webhook: 'A',
        jobId: id,
        attempt: 1,
        reason: 'the queued delivery is of a kind that this release does not know',
      },
    ]);
    expect(await queues.counts('A')).toMatchObject({ failed: 1 });
  });

  test('make room for the next ones, in order, when they are done', async () => {
    const { jobs } = await queued(mentions(8));
    const items = await jobs.more(3);
    const ended = items.map((item) => ({ item, outcome: REPEATED }));
    const { taken, unfinished } = await jobs.finish(ended, { takeNext: true });
    expect([inShort(taken), unfinished]).toEqual([ids(3, 3), []]);
    await finishAll(jobs, taken, BACK);
    expect(inShort(await jobs.more(9))).toEqual(ids(5, 3));
  });

  test('bring no next one while only a retry waits for its time', async () => {
    const { jobs } = await queued(mentions(2));
    const [first, second] = await jobs.more(2);
    const end = async (item: typeof first, outcome: DeliveryOutcome) =>
      jobs.finish(item === undefined ? [] : [{ item, outcome }], { takeNext: true });
    await end(first, { kind: 'retry', delayMs: 60_000, reason: 'HTTP 500' });
    expect(await end(second, REPEATED)).toEqual({ taken: [], unfinished: [] });
  });

  test('come again after the delay of their retry, with the attempt counted, also to who waits', async () => {
    const { jobs } = await queued(mentions(1));
    for (const attempt of [1, 2, 3]) {
      const [item] = await takeInTurn(jobs, 1);
      expect(item?.attempt).toBe(attempt);
      const startedMs = performance.now();
      await finishAll(jobs, item ? [item] : [], {
        kind: 'retry',
        delayMs: 300,
        reason: 'HTTP 500',
      });
      expect(await jobs.more(1)).toEqual([]);
      if (attempt < 3) continue;
      await takeInTurn(jobs, 1);
      expect(performance.now() - startedMs).toBeLessThan(5_000);
      expect(performance.now() - startedMs).toBeGreaterThan(290);
    }
  });

  test('each end in their own way in one call', async () => {
    const { jobs, queues } = await queued(mentions(5));
    const items = await jobs.more(4);
    const outcomes = [
      { kind: 'retry', delayMs: 3_600_000, reason: 'HTTP 500' },
      REPEATED,
      { kind: 'failed', reason: 'HTTP 400' },
      BACK,
    ] as const;
    const ended = items.map((item, index) => ({ item, outcome: outcomes[index] ?? BACK }));
    expect(await jobs.finish(ended, { takeNext: false })).toEqual({ taken: [], unfinished: [] });
    expect(await queues.counts('A')).toEqual({ waiting: 2, active: 0, retrying: 1, failed: 1 });
    expect(inShort(await jobs.more(9))).toEqual(ids(2, 3));
  });

  test.each([
    ['in their order', (each: DueDelivery[]) => each],
    ['in any order', (each: DueDelivery[]) => each.toReversed()],
  ])(
    'that go back %s are at the head again, in order, with no attempt used',
    async (_, arrange) => {
      const { jobs } = await queued(mentions(9));
      const [first] = await takeInTurn(jobs, 1);
      const items = [first as DueDelivery, ...(await jobs.more(5))];
      await finishAll(jobs, arrange(items), BACK);
      expect(inShort(await jobs.more(9))).toEqual(ids(9));
    },
  );

  test('that failed as a probe come again behind all others, with no attempt used', async () => {
    const { jobs } = await queued(mentions(4));
    await finishAll(jobs, await jobs.more(2), { kind: 'behind' });
    expect(inShort(await takeInTurn(jobs, 4))).toEqual([...ids(2, 2), ...ids(2)]);
  });

  test('that are alerts overtake a backlog, in their own order', async () => {
    const alert = (groupId: string) => ({ ...alertOf({ ...LEFT, groupId }), webhook: 'A' });
    const recovered = { ...recoveredOf(), webhook: 'A' };
    const { jobs, queues } = await queued([
      mentionDelivery(0),
      alert('1'),
      mentionDelivery(1),
      alert('2'),
    ]);
    await queues.enqueue('A', [alert('3'), recovered]);
    expect((await jobs.more(9)).map(({ delivery }) => delivery)).toEqual([
      alert('3'),
      alert('1'),
      alert('2'),
      mentionDelivery(0),
      mentionDelivery(1),
      recovered,
    ]);
  });

  test('that are alerts can be taken past all others, wherever they are in the queue', async () => {
    const alert = { ...alertOf(), webhook: 'A' };
    const { jobs, queues } = await queued(mentions(4));
    expect(await jobs.due(ALERTS)).toEqual([]);
    // Behind those that were put back.
    const items = await jobs.more(2);
    await queues.enqueue('A', [alert]);
    await finishAll(jobs, items, BACK);
    await redis.client.set('{test}:deliver-A:m-foreign', 'no job');
    await redis.client.rpush('{test}:deliver-A:wait', 'm-foreign');
    const [first] = await jobs.due(ALERTS);
    expect(first).toMatchObject({ attempt: 1, delivery: { kind: 'alert' } });
    await redis.client.lrem('{test}:deliver-A:wait', 1, 'm-foreign');

    // Due for a retry, and not before.
    const retry = (delayMs: number) => ({ kind: 'retry', delayMs, reason: 'HTTP 500' }) as const;
    await finishAll(jobs, [first as DueDelivery], retry(300));
    expect(await jobs.due(ALERTS)).toEqual([]);
    const second = await waitUntil('the retry', async () => (await jobs.due(ALERTS))[0]);
    expect(second).toMatchObject({ attempt: 2, delivery: { kind: 'alert' } });

    // Behind all, where BullMQ puts a retry that was due before.
    await finishAll(jobs, [second], retry(1));
    await sleep(50);
    await finishAll(jobs, await jobs.more(1), BACK);
    await queues.enqueue('A', [mentionDelivery(4)]);
    expect(await jobs.due(ALERTS)).toMatchObject([{ attempt: 3, delivery: { kind: 'alert' } }]);
    expect(inShort(await jobs.more(9))).toEqual(ids(5));
  });

  describe('of a digest', () => {
    const LATER = Date.parse('2100-01-01T00:00Z');
    const NEW = { sinceMs: Date.parse('2026-01-01T00:00Z'), untilMs: LATER };
    const due = (jobs: DeliveryJobs, more: Partial<DueDeliveries> = {}) =>
      jobs.due({ waiting: NEW, most: 9, thorough: true, ...more });
    const retry = { kind: 'retry', delayMs: 1, reason: 'HTTP 500' } as const;

    /** Lets the first so many mentions be from before the last digest. */
    async function age(count: number, from = 0): Promise<void> {
      for (const { key } of mentions(from + count).slice(from)) {
        await redis.client.hset(
          `{test}:deliver-A:${deliveryJobId(key)}`,
          'timestamp',
          1_700_000_000_000,
        );
      }
    }

    test('are taken in order, as many as asked for, and no others', async () => {
      const { jobs } = await queued(mentions(6));
      expect(await due(jobs)).toEqual([]);
      await age(4);
      expect(inShort(await due(jobs, { most: 3 }))).toEqual(ids(3));
      expect(inShort(await due(jobs, { most: 3 }))).toEqual(ids(1, 3));
      expect(await due(jobs)).toEqual([]);
      expect(inShort(await due(jobs, { waiting: { sinceMs: LATER, untilMs: LATER } }))).toEqual(
        ids(2, 4),
      );
    });

    test('come after an alert, which comes alone', async () => {
      const { jobs, queues } = await queued(mentions(2));
      await age(2);
      await queues.enqueue('A', [{ ...alertOf(), webhook: 'A' }]);
      expect((await due(jobs)).map(({ delivery }) => delivery.kind)).toEqual(['alert']);
      expect(inShort(await due(jobs))).toEqual(ids(2));
    });

    test('and are retried do not wait behind those of the next one', async () => {
      const { jobs, queues } = await queued(mentions(5));
      await age(2);
      const [first, second] = await due(jobs);
      await finishAll(jobs, [first as DueDelivery], retry);
      await waitUntil('the retry', async () => (await due(jobs, { thorough: false })).length === 1);
      // Where BullMQ puts one that is due when another is taken, with others behind it.
      await finishAll(jobs, [second as DueDelivery], retry);
      await waitUntil('the retry to be brought', async () => {
        await finishAll(jobs, await jobs.more(1), BACK);
        return (await queues.counts('A')).retrying === 0;
      });
      await queues.enqueue('A', [mentionDelivery(5)]);
      expect(await due(jobs, { thorough: false })).toEqual([]);
      expect(inShort(await due(jobs))).toEqual(['294391#2']);
      expect(inShort(await jobs.more(9))).toEqual(ids(4, 2));
    });

    test('that replicas take together come once, and what is not due goes back in order', async () => {
      const { jobs } = await queued(mentions(40));
      const other = await taker(replica());
      await age(30);
      const taken = await Promise.all([due(jobs, { most: 20 }), due(other, { most: 20 })]);
      const all = [...taken.flat(), ...(await due(jobs, { most: 40 }))];
      expect(inShort(all).toSorted()).toEqual(ids(30).toSorted());
      expect(inShort(await jobs.more(99))).toEqual(ids(10, 30));
    });
  });

  test('that can not be read fail by themselves, and the others go on', async () => {
    const { jobs, queues } = await queued(mentions(3));
    const second = `{test}:deliver-A:${deliveryJobId(mentionDelivery(1).key)}`;
    await redis.client.hset(second, 'data', '{"kind":"new"}');
    expect(inShort(await jobs.more(3))).toEqual(['294390#1', '294392#1']);
    await waitUntil('it to fail', async () => (await queues.counts('A')).failed === 1);
    expect(await redis.client.hget(second, 'failedReason')).toBe(
      'the queued delivery is of a kind that this release does not know',
    );
  });

  test('that are gone from Redis are no longer to be finished', async () => {
    const { jobs } = await queued(mentions(2));
    const items = await jobs.more(2);
    await redis.client.flushall();
    const ended = items.map((item) => ({ item, outcome: REPEATED }));
    expect(await jobs.finish(ended, { takeNext: true })).toEqual({ taken: [], unfinished: [] });
  });

  test('that Redis refuses to finish are unfinished, and can be finished later', async () => {
    const { jobs, queues } = await queued(mentions(3));
    const items = await jobs.more(3);
    await redis.client.replicaof('127.0.0.1', '1');
    const ended = items.map((item) => ({ item, outcome: REPEATED }));
    const { unfinished } = await jobs.finish(ended, { takeNext: false });
    await redis.client.replicaof('NO', 'ONE');
    expect(unfinished).toEqual(ended);
    expect((await jobs.finish(unfinished, { takeNext: false })).unfinished).toEqual([]);
    expect(await queues.counts('A')).toMatchObject({ waiting: 0, active: 0 });
  });
});

describe('a stop', () => {
  test('ends a wait at once; what was taken can still be finished, and nothing more is taken', async () => {
    const { jobs, queues } = await queued(mentions(3));
    const items = await jobs.more(3);
    const waiting = jobs.next();
    await sleep(100);
    const startedMs = performance.now();
    await jobs.takeNoMore();
    expect(await waiting).toBeUndefined();
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    await queues.enqueue('A', [mentionDelivery(4)]);
    const ended = items.map((item, index) => ({ item, outcome: index === 0 ? REPEATED : BACK }));
    expect(await jobs.finish(ended, { takeNext: true })).toEqual({ taken: [], unfinished: [] });
    expect([await jobs.next(), await jobs.more(1)]).toEqual([undefined, []]);
    expect(await queues.counts('A')).toMatchObject({ waiting: 3, active: 0 });
  });

  test('of one replica wakes another that waits', async () => {
    const { jobs } = await queued(mentions(2));
    const other = await taker(replica());
    const items = await jobs.more(2);
    expect(await other.more(1)).toEqual([]);
    const startedMs = performance.now();
    const waiting = takeInTurn(other, 2);
    await sleep(100);
    await finishAll(jobs, items, BACK);
    expect(inShort(await waiting)).toEqual(ids(2));
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});

describe('a lock', () => {
  /** Takes jobs with locks of this duration. */
  async function locking(lockDuration: number, stalledInterval: number) {
    const queues = createOpenQueues({
      redis: redis.client,
      prefix: '{test}',
      onError: () => undefined,
    });
    const worker = queues.createWorker('deliver-A', null, {
      ...MANUAL_WORKER,
      lockDuration,
      stalledInterval,
    });
    const jobs = await takeDeliveryJobs({
      webhook: 'A',
      redis: redis.client,
      queue: queues.queue('deliver-A'),
      worker,
      onUnreadable: () => undefined,
      onError: () => undefined,
    });
    return {
      jobs,
      worker,
      close: async () => {
        await jobs.close();
        await queues.close(0);
      },
    };
  }

  test('is renewed until its delivery is finished', async () => {
    await replica().enqueue('A', mentions(2));
    const { jobs, close } = await locking(600, 100);
    const items = await jobs.more(1);
    const lock = `{test}:deliver-A:${deliveryJobId(mentionDelivery(0).key)}:lock`;
    const startedMs = performance.now();
    while (performance.now() - startedMs < 1_500) {
      expect(await redis.client.pttl(lock)).toBeGreaterThan(0);
      await sleep(50);
    }
    await finishAll(jobs, items, REPEATED);
    expect(await redis.client.exists(lock)).toBe(0);
    await close();
  });

  test('of a replica that died runs out: its deliveries come back to the head, for another', async () => {
    await replica().enqueue('A', mentions(4));
    const dead = await locking(60_000, 50);
    expect(await dead.jobs.more(2)).toHaveLength(2);
    for (const key of await redis.client.keys('{test}:deliver-A:*:lock'))
      await redis.client.del(key);
    const other = await locking(60_000, 50);
    const waiting = await waitUntil('them to come back', async () => {
      const list = await redis.client.lrange('{test}:deliver-A:wait', 0, -1);
      return list.length === 4 ? list : null;
    });
    const head = waiting.slice(2).toSorted();
    expect(head).toEqual([0, 1].map((each) => deliveryJobId(mentionDelivery(each).key)).toSorted());
    expect((await other.jobs.more(4)).map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1]);
    await other.close();
    await dead.close();
  });
});
