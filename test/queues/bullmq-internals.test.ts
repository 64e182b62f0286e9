/** Holds each point that src/queues/bullmq-internals.ts relies on in BullMQ. Fails when one changes. */
import { Queue, Worker, type Job } from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  backoffMs,
  boundWaits,
  completeAndTakeNext,
  failedForGood,
  isRefusedByScript,
  jobHandle,
  retryIn,
  retryTogether,
  UNLIMITED,
} from '../../src/queues/bullmq-internals.ts';
import { DAMAGED, type SalvagingWorker } from '../../src/queues/damaged-jobs.ts';
import { readJob } from '../../src/queues/kept-jobs.ts';
import { MANUAL_WORKER, takeDeliveryJobs } from '../../src/queues/taken-deliveries.ts';
import { createOpenQueues, type OpenQueues } from '../../src/queues/open-queues.ts';
import { errorCode } from '../../src/redis/redis-errors.ts';
import { openReplicas } from '../helpers/open-replicas.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';

const NAME = 'deliver-A';
let redis: PrivateRedis;
let open: OpenQueues;
let queue: Queue;
let workers: SalvagingWorker[];
const { replica, taker, closeAll } = openReplicas(() => redis);

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  open = createOpenQueues({ redis: redis.client, prefix: '{test}', onError: () => undefined });
  queue = open.queue(NAME);
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close(true)));
  await closeAll();
  await open.close(0);
});

async function createWorker(): Promise<SalvagingWorker> {
  const worker = open.createWorker(NAME, null, MANUAL_WORKER);
  workers.push(worker);
  await worker.waitUntilReady();
  return worker;
}

const idOf = (number: number) => `m-${number}`;
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

async function fill(count: number): Promise<void> {
  const opts = { attempts: UNLIMITED, backoff: { type: 'custom' }, removeOnComplete: true };
  await queue.addBulk(
    upTo(count).map((number) => ({
      name: 'deliver',
      data: {},
      opts: { ...opts, jobId: idOf(number) },
    })),
  );
}

async function takeOne(worker: Worker, token = 'mine'): Promise<Job> {
  return worker.getNextJob(token, { block: false });
}

const waiting = async () => (await queue.getWaiting()).map(({ id }) => id);
const lock = (number: number) => `{test}:${NAME}:${idOf(number)}:lock`;

test('a forced close ends a blocked getNextJob at once', async () => {
  const worker = await createWorker();
  await worker.getNextJob('first');
  const blocked = worker.getNextJob('second');
  await sleep(200);
  const startedMs = performance.now();
  await worker.close(true);
  expect(await blocked).toBeUndefined();
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});

test('after a forced close jobs can be finished and locks renewed, and none is taken', async () => {
  const worker = await createWorker();
  await fill(5);
  const jobs = [
    await takeOne(worker),
    await takeOne(worker),
    await takeOne(worker),
    await takeOne(worker),
  ] as const;
  await worker.close(true);
  expect(await worker.extendJobLocks([idOf(0)], ['mine'], 90_000)).toEqual([]);
  expect(await redis.client.pttl(lock(0))).toBeGreaterThan(80_000);
  expect(await completeAndTakeNext(jobs[0], 'mine', worker)).toBeUndefined();
  await jobs[1].moveToFailed(retryIn('later', 60_000), 'mine', false);
  await jobs[2].moveToFailed(failedForGood('never'), 'mine', false);
  await jobs[3].moveToWait('mine');
  const counts = await queue.getJobCounts('active', 'wait', 'delayed', 'failed');
  expect(counts).toEqual({ active: 0, wait: 2, delayed: 1, failed: 1 });
});

test.each([
  ['known', async () => undefined],
  ['flushed', () => redis.client.script('FLUSH')],
])(
  'getNextJob calls made together take jobs in their order, with scripts that are %s to Redis',
  async (_, prepare) => {
    const worker = await createWorker();
    await fill(20);
    await prepare();
    const jobs = await Promise.all(upTo(20).map((each) => takeOne(worker, `t${each}`)));
    expect(jobs.map(({ id }) => id)).toEqual(upTo(20).map(idOf));
  },
);

test('a job that is done brings the next one, locked with the same token', async () => {
  const worker = await createWorker();
  await fill(2);
  const next = await completeAndTakeNext(await takeOne(worker), 'mine', worker);
  expect([next?.id, next?.data, next?.attemptsMade]).toEqual([idOf(1), {}, 0]);
  expect(await redis.client.get(lock(1))).toBe('mine');
  expect(await redis.client.pttl(lock(1))).toBeGreaterThan(50_000);
  expect(next && (await completeAndTakeNext(next, 'mine', worker))).toBeUndefined();
  await fill(2);
  expect(await completeAndTakeNext(await takeOne(worker), 'mine', undefined)).toBeUndefined();
  expect(await waiting()).toEqual([idOf(1)]);
});

test('moveToWait returns a job to the head, uses no attempt, and wakes another worker', async () => {
  const [worker, other] = [await createWorker(), await createWorker()];
  await fill(2);
  const [job] = [await takeOne(worker), await takeOne(worker)];
  await other.getNextJob('other');
  const blocked = other.getNextJob('other');
  await sleep(100);
  const startedMs = performance.now();
  await job.moveToWait('mine');
  const again = (await blocked) ?? (await other.getNextJob('other'));
  expect([again.id, again.attemptsMade]).toEqual([idOf(0), 0]);
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});

test('a job that fails with a delay comes back after it, and its attempt counts', async () => {
  const worker = await createWorker();
  await fill(1);
  await (await takeOne(worker)).moveToFailed(retryIn('HTTP 500', 3_600_000), 'mine', false);
  const [delayed] = await queue.getDelayed();
  expect([delayed?.delay, delayed?.attemptsMade, delayed?.failedReason]).toEqual([
    3_600_000,
    1,
    'HTTP 500',
  ]);
});

test.each([
  [retryIn('', 20), 20],
  [retryIn('', 0), 1],
  [retryIn('', -5), 1],
  [new Error('unexpected'), 5_000],
  [undefined, 5_000],
])('the backoff of %s is %d ms', (error, expected) => {
  expect(backoffMs(error)).toBe(expected);
});

test('refusals of a script have a numeric code, those of Redis have none', async () => {
  const worker = await createWorker();
  await fill(1);
  const job = await takeOne(worker);
  const refusals = async (token: string) =>
    Promise.all(
      [
        job.moveToCompleted(undefined, token, false),
        job.moveToFailed(retryIn('', 1), token, false),
        job.moveToFailed(failedForGood(''), token, false),
        job.moveToWait(token),
      ].map((call) => call.then(() => 'none', isRefusedByScript)),
    );
  expect(await refusals('other')).toEqual([true, true, true, true]);
  await redis.client.replicaof('127.0.0.1', '1');
  expect(await refusals('mine')).toEqual([false, false, false, false]);
  await redis.client.replicaof('NO', 'ONE');
  await redis.client.del(lock(0), `{test}:${NAME}:${idOf(0)}`);
  expect(await refusals('mine')).toEqual([true, true, true, true]);
});

test('the log knows the words of an error about a lost lock', async () => {
  const worker = await createWorker();
  await fill(1);
  const job = await takeOne(worker);
  const wordOf = (token: string) =>
    job.moveToCompleted(undefined, token, false).then(() => 'none', errorCode);
  expect(await wordOf('other')).toBe('lock lost');
  await redis.client.del(lock(0));
  expect(await wordOf('mine')).toBe('lock lost');
});

test('a handle made of an id retries a failed job, at the head; any other is refused by the script', async () => {
  const worker = await createWorker();
  await fill(3);
  await (await takeOne(worker)).moveToFailed(failedForGood('x'), 'mine', false);
  await jobHandle(queue, idOf(0)).retry('failed', { resetAttemptsMade: true });
  const job = await takeOne(worker);
  expect([job.id, job.attemptsMade]).toEqual([idOf(0), 0]);
  for (const id of [idOf(1), 'gone']) {
    const refused = jobHandle(queue, id)
      .retry('failed')
      .then(() => false, isRefusedByScript);
    expect(await refused).toBe(true);
  }
});

test('failed jobs are retried in one transaction, in order, also on a Redis without their script', async () => {
  const worker = await createWorker();
  await fill(4);
  for (let each = 0; each < 3; each += 1) {
    await (await takeOne(worker)).moveToFailed(failedForGood('x'), 'mine', false);
  }
  await redis.client.script('FLUSH');
  const client = redis.client.duplicate();
  const operator = new Queue(NAME, { connection: client, prefix: '{test}' });
  const ids = [idOf(2), idOf(1), idOf(3), 'gone', idOf(0)];
  expect(await retryTogether(operator, ids)).toBe(3);
  expect(await retryTogether(operator, ids)).toBe(0);
  await operator.close();
  client.disconnect();
  const jobs = await Promise.all(upTo(4).map(() => takeOne(worker)));
  expect(jobs.map(({ id, attemptsMade }) => [id, attemptsMade])).toEqual(
    upTo(4).map((each) => [idOf(each), 0]),
  );
});

test.each([
  ['data', '{', SyntaxError],
  ['opts', '{', SyntaxError],
  ['opts', 'null', TypeError],
  ['ats', 'words', /^ERR hash value is not an integer/],
])('a job whose %s is %j is active and locked when BullMQ can not read it', async (...damage) => {
  const [field, value, error] = damage;
  await fill(1);
  await redis.client.hset(`{test}:${NAME}:${idOf(0)}`, field, value);
  const connection = redis.client;
  const plain = new Worker(NAME, null, { ...MANUAL_WORKER, connection, prefix: '{test}' });
  await expect(plain.getNextJob('mine', { block: false })).rejects.toThrow(error);
  await plain.close(true);
  expect(await redis.client.lrange(`{test}:${NAME}:active`, 0, -1)).toEqual([idOf(0)]);
  expect(await redis.client.get(lock(0))).toBe('mine');
  await redis.client.del(lock(0));
});

test('a worker of the relay takes a job by moveToActive, and reads it by createJob', async () => {
  const worker = await createWorker();
  await fill(2);
  await redis.client.hset(`{test}:${NAME}:${idOf(0)}`, 'opts', '{');
  await redis.client.hset(`{test}:${NAME}:${idOf(1)}`, 'data', '7');
  const jobs = [await takeOne(worker), await takeOne(worker)];
  expect(jobs.map(({ id, name, data, token }) => [id, name, data as unknown, token])).toEqual([
    [idOf(0), DAMAGED, {}, 'mine'],
    [idOf(1), DAMAGED, 7, 'mine'],
  ]);
});

test('the hash of a job has its data, attempts, last reason and time', async () => {
  const worker = await createWorker();
  await fill(1);
  await (await takeOne(worker)).moveToFailed(failedForGood('words'), 'mine', false);
  expect(await readJob(redis.client, `{test}:${NAME}:${idOf(0)}`)).toEqual({
    data: {},
    attempts: 1,
    failedReason: 'words',
    queuedAtMs: (await queue.getJob(idOf(0)))?.timestamp,
  });
});

test('a rate limit that release 0.1.0 left behind is removed; one that appears later does not spin', async () => {
  await queue.setGlobalRateLimit(1, 3_600_000);
  const jobs = await taker(replica());
  expect(await queue.getGlobalRateLimit()).toBeNull();
  expect(await jobs.more(1)).toEqual([]);

  await queue.setGlobalRateLimit(1, 3_600_000);
  await fill(3);
  const limited = await takeDeliveryJobs({
    webhook: 'A',
    redis: redis.client,
    queue,
    worker: await createWorker(),
    onUnreadable: () => undefined,
    onError: () => undefined,
  });
  let calls = 0;
  const startedMs = performance.now();
  while (performance.now() - startedMs < 1_000) {
    await limited.next();
    calls += 1;
  }
  expect(calls).toBeLessThan(60);
  await limited.close();
});

const HOUR_MS = 3_600_000;
const TIMES = { lockDuration: 60_000, stalledInterval: 15_000 };
const machineWentBack = false;

test('the last job of the list of those that wait is taken first', async () => {
  const worker = await createWorker();
  await fill(3);
  expect(await redis.client.lrange(queue.toKey('wait'), -1, -1)).toEqual([idOf(0)]);
  expect((await takeOne(worker)).id).toBe(idOf(0));
});

test('moveToDelayed uses no attempt, and a job that is due goes to the end of the queue', async () => {
  const worker = await createWorker();
  await fill(3);
  const job = await takeOne(worker);
  await job.moveToDelayed(Date.now(), 'mine');
  const next = [await takeOne(worker, 'a'), await takeOne(worker, 'b'), await takeOne(worker, 'c')];
  expect(next.map(({ id, attemptsMade }) => [id, attemptsMade])).toEqual([
    [idOf(1), 0],
    [idOf(2), 0],
    [idOf(0), 0],
  ]);
});

describe('a wait that is longer than it was set for, after a clock went back', () => {
  const dueInMs = async (number: number, nowMs = Date.now()) => {
    const score = await redis.client.zscore(`{test}:${NAME}:delayed`, idOf(number));
    return Number(score) / 4096 - nowMs;
  };
  async function delay(delaysMs: readonly number[]): Promise<void> {
    const worker = await createWorker();
    await fill(delaysMs.length);
    for (const delayMs of delaysMs) {
      await (await takeOne(worker)).moveToFailed(retryIn('later', delayMs), 'mine', false);
    }
  }

  test('begins again: of a retry', async () => {
    await delay([5_000, 2 * HOUR_MS]);
    // The clocks of this replica and of Redis went back by an hour.
    await redis.client.zincrby(`{test}:${NAME}:delayed`, HOUR_MS * 4096, idOf(0));
    expect(
      await boundWaits(redis.client, queue, TIMES, { nowMs: Date.now(), machineWentBack }),
    ).toBe(1);
    expect(await dueInMs(0)).toBeLessThanOrEqual(5_000);
    expect(await dueInMs(0)).toBeGreaterThan(3_000);
    expect(await dueInMs(1)).toBeGreaterThan(HOUR_MS);
    expect(
      await boundWaits(redis.client, queue, TIMES, { nowMs: Date.now(), machineWentBack }),
    ).toBe(0);
  });

  test('begins again by the clock of this machine alone only when that went back', async () => {
    await delay([5_000]);
    const nowMs = Date.now() - HOUR_MS;
    expect(await boundWaits(redis.client, queue, TIMES, { nowMs, machineWentBack })).toBe(0);
    expect(await boundWaits(redis.client, queue, TIMES, { nowMs, machineWentBack: true })).toBe(1);
    expect(await dueInMs(0, nowMs)).toBeLessThanOrEqual(5_000);
  });

  test('begins again: of the lock of a dead replica, and of the check for such', async () => {
    const worker = await createWorker();
    await fill(1);
    await takeOne(worker);
    const check = `{test}:${NAME}:stalled-check`;
    await redis.client.set(check, '1', 'PX', HOUR_MS);
    await redis.client.pexpire(lock(0), HOUR_MS);
    expect(
      await boundWaits(redis.client, queue, TIMES, { nowMs: Date.now(), machineWentBack }),
    ).toBe(2);
    expect(await redis.client.pttl(lock(0))).toBeLessThanOrEqual(60_000);
    expect(await redis.client.pttl(check)).toBeLessThanOrEqual(15_000);
  });
});
