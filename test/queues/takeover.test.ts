import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createQueues, type Queues } from '../../src/queues/queues.ts';
import type { TakenOver } from '../../src/queues/takeover.ts';
import { type MentionDelivery, deliveryJobId } from '../../src/domain/delivery.ts';
import { mentionKey } from '../../src/domain/mention.ts';
import { idOf } from '../helpers/id-of.ts';
import { mention } from '../helpers/mentions.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const PREFIX = '{test}';
const WORKERS = '{test}:workers';

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

function delivery(number: number, webhook: string): MentionDelivery {
  const each = mention(number);
  const key = mentionKey(each, 'mention');
  return { kind: 'mention', webhook, key, mention: each, polledAtMs: 1_700_000_000_000 };
}

interface Replica {
  readonly queues: Queues;
  readonly taken: readonly string[];
}

/** A replica that takes webhook A's deliveries, two at once, and is done with them then or never. */
async function replica(
  ending: 'at once' | 'never' | Promise<void>,
  batchSize = 1,
): Promise<Replica> {
  const queues = createQueues({ redis: redis.client, prefix: PREFIX, onError: () => undefined });
  open.push(queues);
  const taken: string[] = [];
  await queues.startDelivering({ name: 'A', concurrency: 2, batchSize }, async (due, stopping) => {
    taken.push(...due.map(({ delivery: each }) => idOf(each) ?? ''));
    if (ending !== 'never') {
      if (ending !== 'at once') await ending;
      return due.map(() => ({ kind: 'done' as const }));
    }
    if (!stopping.begun.aborted) await once(stopping.begun, 'abort');
    return due.map(() => ({ kind: 'interrupted' as const }));
  });
  return { queues, taken };
}

/** Which worker has that delivery, by the job's lock. */
async function workerOf(number: number): Promise<string> {
  const job = deliveryJobId(delivery(number, 'A').key);
  const token = await redis.client.get(`${PREFIX}:deliver-A:${job}:lock`);
  return token?.split(':')[0] ?? '';
}

async function signOf(worker: string, secondsAgo: number): Promise<void> {
  const [now = 0] = await redis.client.time();
  const at = (ago: number): number => (now - ago) * 1_000;
  await redis.client.hset(WORKERS, `A:${worker}`, at(secondsAgo), '@since', at(60), '@last', at(1));
}

const silent: readonly [string, number, number, number][] = [
  ['one by one', 1, 4, 2],
  ['in a batch, most of it taken by hand', 10, 5, 5],
];
test.each(silent)(
  'what a silent replica took %s is taken up long before its locks run out, and told once',
  async (_name, batchSize, queued, underWay) => {
    const numbers = Array.from({ length: queued }, (_, index) => index + 1);
    const dead = await replica('never', batchSize);
    await dead.queues.enqueue(
      'A',
      numbers.map((number) => delivery(number, 'A')),
    );
    await waitUntil('it to be under way', () => dead.taken.length === underWay);
    await signOf(await workerOf(1), 30);

    const told: TakenOver[] = [];
    const living = await replica('at once');
    living.queues.startTakingOver(WORKERS, (taken) => void told.push(taken));
    await waitUntil('all', () => living.taken.length === queued, 20_000);
    expect(living.taken.toSorted()).toEqual(numbers.map((number) => mention(number).id).toSorted());
    expect(told).toEqual([{ webhook: 'A', deliveries: underWay }]);
  },
);

test('what was taken over is delivered before what still waits', async () => {
  const dead = await replica('never');
  await dead.queues.enqueue(
    'A',
    [1, 2, 3, 4, 5, 6].map((number) => delivery(number, 'A')),
  );
  await waitUntil('two to be under way', () => dead.taken.length === 2);
  await signOf(await workerOf(1), 30);

  const answer = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const living = await replica(answer.promise);
  await waitUntil('the next two to be under way', () => living.taken.length === 2);
  living.queues.startTakingOver(WORKERS, () => told.resolve());
  await told.promise;
  await waitUntil(
    'the two to be back in the queue',
    async () => (await living.queues.counts('A')).waiting === 4,
  );
  answer.resolve();
  await waitUntil('all', () => living.taken.length === 6);

  const inOrder = (numbers: readonly number[]) => numbers.map((number) => mention(number).id);
  expect(living.taken.slice(2, 4).toSorted()).toEqual(inOrder([1, 2]));
  expect(living.taken.slice(4).toSorted()).toEqual(inOrder([5, 6]));
});

const untouched: readonly [string, number | null][] = [
  ['gives signs', 1],
  // Of a release that gives none, nobody can say that it is dead.
  ['never gave a sign', null],
];
test.each(untouched)('what a replica that %s has under way is its own', async (_name, ago) => {
  const other = await replica('never');
  await other.queues.enqueue('A', [delivery(1, 'A')]);
  await waitUntil('it to be under way', () => other.taken.length === 1);
  const worker = await workerOf(1);
  if (ago !== null) await signOf(worker, ago);
  // Somebody who is silent, so that there is something to look for.
  await signOf('somebody-else', 30);

  const living = await replica('at once');
  living.queues.startTakingOver(WORKERS, () => expect.unreachable('nothing is to be taken over'));
  await waitUntil(
    'a look',
    async () => (await redis.client.hexists(WORKERS, 'A:somebody-else')) === 0,
  );
  expect(await workerOf(1)).toBe(worker);
  expect(living.taken).toEqual([]);
});

test('a replica that stops gives signs for as long as a delivery of its is under way', async () => {
  const queues = createQueues({ redis: redis.client, prefix: PREFIX, onError: () => undefined });
  const taken = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  await queues.startDelivering({ name: 'A', concurrency: 1, batchSize: 1 }, async () => {
    taken.resolve();
    await answer.promise;
    return [{ kind: 'done' }];
  });
  queues.startTakingOver(WORKERS, () => undefined);
  await queues.enqueue('A', [delivery(1, 'A')]);
  await taken.promise;
  const worker = await workerOf(1);
  const closed = queues.close(60_000);
  await redis.client.hset(WORKERS, `A:${worker}`, 0);
  await waitUntil(
    'a sign after the stop began',
    async () => Number(await redis.client.hget(WORKERS, `A:${worker}`)) > 0,
  );
  answer.resolve();
  expect(await closed).toBe('in time');
});
