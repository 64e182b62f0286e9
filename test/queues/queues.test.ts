import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createQueues, type Queues } from '../../src/queues/queues.ts';
import { deliveryJobId, type Delivery, type MentionDelivery } from '../../src/domain/delivery.ts';
import { mentionKey } from '../../src/domain/mention.ts';
import type { DeliveryOutcome } from '../../src/queues/delivery-outcome.ts';
import type { DueDelivery } from '../../src/queues/delivery-outcome.ts';
import { idOf } from '../helpers/mentions.ts';
import { mention } from '../helpers/mentions.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { alertOf, LEFT, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

let redis: PrivateRedis;
const open: Queues[] = [];

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());
afterEach(async () => {
  await Promise.all(open.splice(0).map((queues) => queues.close(0)));
});

function replica(): Queues {
  const queues = createQueues({
    redis: redis.client,
    prefix: '{test}',
    onError: () => undefined,
  });
  open.push(queues);
  return queues;
}

function delivery(number: number, webhook = 'A'): MentionDelivery {
  const each = mention(number);
  return {
    kind: 'mention',
    webhook,
    key: mentionKey(each, 'mention'),
    mention: each,
    polledAtMs: 1_700_000_000_000,
  };
}

const deliveries = (count: number) =>
  Array.from({ length: count }, (_, number) => delivery(number));
const done: DeliveryOutcome = { kind: 'done' };

/** Delivers for webhook A, and keeps the ids of what it was given, in order. */
async function taking(
  queues: Queues,
  decide: (
    given: Delivery,
    attempt: number,
    overdue: AbortSignal,
    begun: AbortSignal,
  ) => DeliveryOutcome | Promise<DeliveryOutcome>,
  concurrency = 1,
): Promise<string[]> {
  const given: string[] = [];
  await queues.startDelivering({ name: 'A', concurrency, batchSize: 1 }, async (due, stopping) =>
    Promise.all(
      due.map(async ({ delivery: each, attempt }) => {
        given.push(`${idOf(each)}#${attempt}`);
        return decide(each, attempt, stopping.overdue, stopping.begun);
      }),
    ),
  );
  return given;
}

const empty = (queues: Queues) =>
  waitUntil('the queue to be empty', async () => {
    const { waiting, active, retrying } = await queues.counts('A');
    return waiting + active + retrying === 0;
  });

describe('deliveries', () => {
  test('come in the order in which they were queued, whole, and leave nothing behind', async () => {
    const queues = replica();
    const queued = deliveries(20);
    await queues.enqueue('A', queued);
    const seen: Delivery[] = [];
    await taking(queues, async (each) => {
      seen.push(each);
      return done;
    });
    await empty(queues);
    expect(seen).toEqual(queued);
    expect(await redis.client.keys('{test}:deliver-A:m-*')).toEqual([]);
  });

  test('queued again while they wait, are tried again or have failed, are left alone', async () => {
    const queues = replica();
    await queues.enqueue('A', deliveries(3));
    await queues.enqueue('A', deliveries(3));
    expect(await queues.counts('A')).toMatchObject({ waiting: 3 });
    await taking(queues, async (each) =>
      idOf(each).endsWith('0')
        ? { kind: 'failed', reason: 'HTTP 410' }
        : { kind: 'retry', delayMs: 3_600_000, reason: 'HTTP 500' },
    );
    await waitUntil('all to be tried', async () => (await queues.counts('A')).retrying === 2);
    await queues.enqueue('A', deliveries(3));
    expect(await queues.counts('A')).toEqual({ waiting: 0, active: 0, retrying: 2, failed: 1 });
  });

  test('are tried again after the given delay, with the attempt counted', async () => {
    const queues = replica();
    await queues.enqueue('A', deliveries(1));
    const given = await taking(queues, async (_each, attempt) =>
      attempt < 4 ? { kind: 'retry', delayMs: 20, reason: 'HTTP 500' } : done,
    );
    await waitUntil('four attempts', () => given.length === 4);
    await empty(queues);
    expect(given).toEqual([1, 2, 3, 4].map((attempt) => `294390#${attempt}`));
  });

  test('are kept in order and lose no attempt while their webhook is on hold', async () => {
    const queues = replica();
    await queues.enqueue('A', deliveries(3));
    let held = false;
    const heldAtMs: number[] = [];
    const given = await taking(queues, async () => {
      heldAtMs.push(performance.now());
      if (held) return done;
      held = true;
      return { kind: 'hold', waitMs: 400 };
    });
    await empty(queues);
    expect(given).toEqual(['294390#1', '294390#1', '294391#1', '294392#1']);
    expect((heldAtMs[1] ?? 0) - (heldAtMs[0] ?? 0)).toBeGreaterThanOrEqual(395);
  });

  test('of a webhook on hold wait on every replica, and a shorter hold does not end a longer one', async () => {
    const [one, two] = [replica(), replica()];
    await one.enqueue('A', deliveries(6));
    const startedMs = performance.now();
    const afterHold: number[] = [];
    let holds = 0;
    const decide = async (): Promise<DeliveryOutcome> => {
      holds += 1;
      if (holds === 1) return { kind: 'hold', waitMs: 800 };
      if (holds === 2) return { kind: 'hold', waitMs: 50 };
      afterHold.push(performance.now() - startedMs);
      return done;
    };
    // Two at once, so that the second is under way when the first is told to wait.
    await taking(one, decide, 2);
    await waitUntil('both holds', () => holds === 2);
    await taking(two, decide, 2);
    await empty(one);
    expect(afterHold).toHaveLength(6);
    expect(Math.min(...afterHold)).toBeGreaterThanOrEqual(795);
  });

  test('of one webhook are not delayed by another that hangs', async () => {
    const queues = replica();
    await queues.startDelivering(
      { name: 'HANGS', concurrency: 1, batchSize: 1 },
      async (_due, { overdue }) => [await aborted(overdue)],
    );
    await queues.enqueue('HANGS', [delivery(1, 'HANGS'), delivery(2, 'HANGS')]);
    await queues.enqueue('A', deliveries(5));
    const given = await taking(queues, async () => done);
    await waitUntil('all of A', () => given.length === 5);
    expect(await queues.counts('HANGS')).toMatchObject({ waiting: 1, active: 1 });
  });

  test('interrupted by closing go back to the head of the queue, with no attempt used up', async () => {
    const first = replica();
    await first.enqueue('A', deliveries(3));
    const begun = await taking(first, (_each, _attempt, signal) => aborted(signal));
    await waitUntil('the first to be under way', () => begun.length === 1);
    await first.close(20);
    const second = replica();
    const given = await taking(second, async () => done);
    await empty(second);
    expect(given).toEqual(['294390#1', '294391#1', '294392#1']);
  });

  test('that have not begun go back at once when the queues close, however long others may take', async () => {
    const first = replica();
    await first.enqueue('A', deliveries(2));
    const begun = await taking(first, (_each, _attempt, _overdue, stops) => aborted(stops));
    await waitUntil('the first to wait', () => begun.length === 1);
    await first.close(3_600_000);
    const second = replica();
    const given = await taking(second, async () => done);
    await empty(second);
    expect(given).toEqual(['294390#1', '294391#1']);
  });

  test('that failed are purged by age, never by number', async () => {
    const queues = replica();
    await queues.enqueue('A', deliveries(30));
    await taking(queues, async () => ({ kind: 'failed', reason: 'HTTP 410' }), 10);
    await waitUntil('all to fail', async () => (await queues.counts('A')).failed === 30);
    expect(await queues.purgeFailed('A', 3_600_000)).toBe(0);
    expect(await queues.purgeFailed('A', 0)).toBe(30);
    expect((await queues.counts('A')).failed).toBe(0);
  });

  test('that are alerts overtake a backlog, in their own order, and those of later come first', async () => {
    const queues = replica();
    const alert = (groupId: string) => ({ ...alertOf({ ...LEFT, groupId }), webhook: 'A' });
    await queues.enqueue('A', [delivery(0), alert('1'), delivery(1), alert('2')]);
    await queues.enqueue('A', [alert('3'), recoveredOf()]);
    const seen: Delivery[] = [];
    await taking(queues, async (each) => {
      seen.push(each);
      return done;
    });
    await empty(queues);
    expect(seen).toEqual([
      alert('3'),
      alert('1'),
      alert('2'),
      delivery(0),
      delivery(1),
      { ...recoveredOf(), webhook: 'A' },
    ]);
  });

  test('of a kind of another release fail by themselves, and the others go on', async () => {
    const queues = replica();
    await queues.enqueue('A', deliveries(3));
    const second = `{test}:deliver-A:${deliveryJobId(delivery(1).key)}`;
    await redis.client.hset(second, 'data', '{"kind":"new"}');
    const given = await taking(queues, async () => done);
    await empty(queues);
    expect(given).toEqual(['294390#1', '294392#1']);
    expect(await redis.client.hget(second, 'failedReason')).toBe(
      'the queued delivery is of a kind that this release does not know',
    );
  });

  test('hold no secret in Redis: neither a URL nor anything but the mention', async () => {
    const queues = replica();
    await queues.enqueue('A', deliveries(1));
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

describe('a batch', () => {
  const ids = (due: readonly DueDelivery[]) => due.map((item) => idOf(item.delivery));

  async function batching(
    queues: Queues,
    decide: (due: readonly DueDelivery[]) => readonly DeliveryOutcome[],
    batchSize = 10,
  ): Promise<string[][]> {
    const batches: string[][] = [];
    await queues.startDelivering({ name: 'A', concurrency: 1, batchSize }, async (due) => {
      batches.push(ids(due));
      return decide(due);
    });
    return batches;
  }

  test('is made of what waits, in order, and each is done by itself', async () => {
    const queues = replica();
    await queues.enqueue('A', deliveries(25));
    const batches = await batching(queues, (due) => due.map(() => done));
    await empty(queues);
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(batches.flat()).toEqual(deliveries(25).map(({ mention: { id } }) => id));
    expect(await redis.client.keys('{test}:deliver-A:m-*')).toEqual([]);
  });

  test('is not waited for: one that is alone goes alone', async () => {
    const queues = replica();
    const batches = await batching(queues, (due) => due.map(() => done));
    for (const each of deliveries(3)) {
      await queues.enqueue('A', [each]);
      await empty(queues);
    }
    expect(batches.map((batch) => batch.length)).toEqual([1, 1, 1]);
  });

  test('may end in a different way for each of its deliveries', async () => {
    const queues = replica();
    await queues.enqueue('A', deliveries(4));
    let first = true;
    const batches = await batching(queues, (due) => {
      if (!first) return due.map(() => done);
      first = false;
      return [
        { kind: 'retry', delayMs: 30, reason: 'HTTP 500' },
        done,
        { kind: 'failed', reason: 'HTTP 400' },
        { kind: 'retry', delayMs: 3_600_000, reason: 'HTTP 500' },
      ];
    });
    await waitUntil('the first to come back', () => batches.length === 2);
    await waitUntil('it to be done', async () => (await queues.counts('A')).active === 0);
    expect(batches[1]).toEqual(['294390']);
    expect(await queues.counts('A')).toEqual({ waiting: 0, active: 0, retrying: 1, failed: 1 });
  });

  test('that is held goes back to the head of the queue in its order', async () => {
    const queues = replica();
    await queues.enqueue('A', deliveries(5));
    let held = false;
    const batches = await batching(
      queues,
      (due) => {
        if (held) return due.map(() => done);
        held = true;
        return due.map(() => ({ kind: 'hold', waitMs: 50 }));
      },
      3,
    );
    await empty(queues);
    expect(batches).toEqual([
      ['294390', '294391', '294392'],
      ['294390', '294391', '294392'],
      ['294393', '294394'],
    ]);
  });
});

describe('polling', () => {
  test('begins at once, and comes once an interval over three replicas', async () => {
    const turns: number[] = [];
    for (const queues of [replica(), replica(), replica()]) {
      await queues.startPolling(300, async () => {
        turns.push(performance.now());
      });
    }
    await waitUntil('eight turns', () => turns.length >= 8);
    // The schedulers of three starting replicas may each bring the first turn forward.
    const settled = turns.slice(-4);
    const gaps = settled.slice(1).map((at, index) => at - (settled[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(150);
  });

  test('is interrupted when the queues close', async () => {
    const queues = replica();
    let interrupted = false;
    let begun = false;
    await queues.startPolling(60_000, async (signal) => {
      begun = true;
      await aborted(signal);
      interrupted = true;
    });
    await waitUntil('the first turn', () => begun);
    await queues.close(60_000);
    expect(interrupted).toBe(true);
  });
});

function aborted(signal: AbortSignal): Promise<DeliveryOutcome> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'interrupted' }));
  });
}
