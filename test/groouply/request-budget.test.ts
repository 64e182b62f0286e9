import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import {
  backgroundBelow,
  backgroundWhileBusy,
  createRequestBudget,
  readBudgetUsed,
  type RequestBudget,
} from '../../src/groouply/request-budget.io.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let redis: PrivateRedis;
const connections: Redis[] = [];
const never = new AbortController().signal;
const keys = redisKeys('test').budget('key');

class Lost extends Error {}

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());
afterEach(() => {
  for (const connection of connections.splice(0)) connection.disconnect();
});

function replica(
  options: {
    requestsPerWindow?: number;
    backgroundBelow?: number;
    backgroundWhileBusy?: number;
    windowMs?: number;
    maxRequestMs?: number;
    waited?: number[];
  } = {},
): RequestBudget {
  const connection = new Redis(redis.url);
  connections.push(connection);
  return createRequestBudget({
    redis: connection,
    keys,
    requestsPerWindow: options.requestsPerWindow ?? 5,
    backgroundBelow: options.backgroundBelow ?? 3,
    backgroundWhileBusy: options.backgroundWhileBusy ?? 1,
    windowMs: options.windowMs ?? 1_000,
    maxRequestMs: options.maxRequestMs ?? 500,
    mayStillArrive: (error) => error instanceof Lost,
    onWaited: (waitedMs) => options.waited?.push(waitedMs),
    onReturnFailed: () => undefined,
    monotonicMs: () => performance.now(),
  });
}

const used = () => readBudgetUsed(redis.client, keys);

/** The most moments in any half-open window of `windowMs`. */
function busiest(momentsMs: readonly number[], windowMs: number): number {
  const counts = momentsMs.map(
    (start) => momentsMs.filter((moment) => moment >= start && moment < start + windowMs).length,
  );
  return Math.max(0, ...counts);
}

test('many replicas never exceed the budget in any rolling window', async () => {
  const arrivals: number[] = [];
  const send = async () => {
    arrivals.push(performance.now());
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
  };
  const replicas = Array.from({ length: 4 }, () => replica());
  await Promise.all(
    replicas.flatMap((budget) => Array.from({ length: 6 }, () => budget.run(send, never))),
  );
  expect(arrivals).toHaveLength(24);
  expect(busiest(arrivals, 1_000)).toBe(5);
});

test('one replica never exceeds the budget, though all slots expire as after a jump of the clock', async () => {
  const budget = replica();
  const arrivals: number[] = [];
  const send = async () => void arrivals.push(performance.now());
  for (let round = 0; round < 3; round++) {
    await Promise.all(Array.from({ length: 4 }, () => budget.run(send, never)));
    await redis.client.del(keys.slots);
  }
  expect(arrivals).toHaveLength(12);
  expect(busiest(arrivals, 1_000)).toBe(5);
});

test('a failed request counts like any other', async () => {
  const budget = replica({ requestsPerWindow: 1, windowMs: 400 });
  const arrivals: number[] = [];
  const fail = () => {
    arrivals.push(performance.now());
    return Promise.reject(new Error('500'));
  };
  for (let request = 0; request < 3; request++) {
    await expect(budget.run(fail, never)).rejects.toThrow('500');
  }
  expect(busiest(arrivals, 400)).toBe(1);
});

test('a request that may still arrive keeps its slot for that time', async () => {
  const budget = replica({ requestsPerWindow: 1, windowMs: 300, maxRequestMs: 600 });
  const lostAt = performance.now();
  await expect(budget.run(() => Promise.reject(new Lost()), never)).rejects.toThrow();
  await budget.run(() => Promise.resolve(), never);
  expect(performance.now() - lostAt).toBeGreaterThanOrEqual(300 + 600);
});

test('the slot of a replica that died comes back by itself', async () => {
  const dying = replica({ requestsPerWindow: 1, windowMs: 300, maxRequestMs: 300 });
  void dying.run(() => new Promise(() => undefined), never);
  await waitUntil('the slot to be taken', async () => (await used()) === 1);
  const living = replica({ requestsPerWindow: 1, windowMs: 300, maxRequestMs: 300 });
  await expect(living.run(() => Promise.resolve('sent'), never)).resolves.toBe('sent');
});

test('a grant that took too long to arrive is not used', async () => {
  let nowMs = 0;
  let sentAtCall = 0;
  const connection = new Redis(redis.url);
  connections.push(connection);
  let calls = 0;
  const budget = createRequestBudget({
    redis: connection,
    keys,
    requestsPerWindow: 1,
    backgroundBelow: 1,
    backgroundWhileBusy: 1,
    windowMs: 60_000,
    maxRequestMs: 500,
    mayStillArrive: () => false,
    onWaited: () => undefined,
    onReturnFailed: () => undefined,
    // The process was frozen for 10 s while the first answer was under way.
    monotonicMs: () => {
      calls += 1;
      if (calls === 3) nowMs += 10_000;
      return nowMs;
    },
  });
  await budget.run(() => {
    sentAtCall = calls;
    return Promise.resolve();
  }, never);
  expect(sentAtCall).toBeGreaterThan(3);
  expect(await used()).toBe(1);
});

test('while blocked, no replica passes, and each wait is reported', async () => {
  const waited: number[] = [];
  const [one, two] = [replica({ waited }), replica({ waited })];
  await one.block(300);
  const startedMs = performance.now();
  await Promise.all([
    one.run(() => Promise.resolve(), never),
    two.run(() => Promise.resolve(), never),
  ]);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(295);
  expect(waited).toHaveLength(2);
});

test('a shorter block does not end a longer one', async () => {
  const budget = replica();
  await budget.block(60_000);
  await budget.block(10);
  expect(await redis.client.pttl(keys.blocked)).toBeGreaterThan(50_000);
});

test('a waiting request can be interrupted, and takes no slot', async () => {
  const budget = replica({ requestsPerWindow: 1, windowMs: 60_000 });
  await budget.run(() => Promise.resolve(), never);
  const controller = new AbortController();
  const waiting = budget.run(() => Promise.reject(new Error('sent')), controller.signal);
  controller.abort(new Error('stopping'));
  await expect(waiting).rejects.not.toThrow('sent');
  expect(await used()).toBe(1);
});

test('grants survive a killed Redis', async () => {
  const budget = replica({ requestsPerWindow: 3, windowMs: 60_000 });
  for (let request = 0; request < 3; request++) await budget.run(() => Promise.resolve(), never);
  await redis.kill();
  await redis.start();
  expect(await used()).toBe(3);
});

test('a background request passes only while few slots are taken; others continue', async () => {
  const budget = replica({ requestsPerWindow: 5, backgroundBelow: 3, windowMs: 60_000 });
  const sent: string[] = [];
  const send = (name: string) => () => {
    sent.push(name);
    return Promise.resolve();
  };
  for (const name of ['a', 'b']) await budget.run(send(name), never);
  await budget.background.run(send('in the background'), never);

  const stopping = new AbortController();
  const waiting = budget.background.run(send('too many'), stopping.signal);
  for (const name of ['c', 'd']) await budget.run(send(name), never);
  stopping.abort(new Error('stopping'));
  await expect(waiting).rejects.toThrow();
  expect(sent).toEqual(['a', 'b', 'in the background', 'c', 'd']);
  expect([await used(), await budget.backgroundUsed()]).toEqual([5, 1]);
});

test('a background request passes once few enough slots are taken', async () => {
  const budget = replica({ requestsPerWindow: 5, backgroundBelow: 2, windowMs: 500 });
  await Promise.all(Array.from({ length: 5 }, () => budget.run(() => Promise.resolve(), never)));
  await budget.background.run(() => Promise.resolve(), never);
  expect(await used()).toBeLessThanOrEqual(2);
});

test.each([
  ['passes while it holds few slots, whatever the total', 2, ['poll', 'poll', 'poll', 'a', 'b']],
  ['does not pass if its share is zero', 0, ['poll', 'poll', 'poll']],
])('while the account is busy, the background %s', async (_, slots, passed) => {
  const share = {
    requestsPerWindow: 8,
    backgroundBelow: 3,
    backgroundWhileBusy: slots,
    windowMs: 60_000,
  };
  const [budget, other] = [replica(share), replica(share)];
  const sent: string[] = [];
  const send = (name: string) => async () => {
    sent.push(name);
  };
  for (let poll = 0; poll < 3; poll += 1) await budget.run(send('poll'), never);
  await budget.setBusy();
  const stopping = new AbortController();
  const passing = passed.slice(3);
  for (const name of passing) await other.background.run(send(name), never);
  const waiting = other.background.run(send('too many'), stopping.signal);
  // Polls have all that is left.
  for (let poll = passed.length; poll < 8; poll += 1) await budget.run(send('more'), never);
  stopping.abort(new Error('stopping'));
  await expect(waiting).rejects.toThrow();
  expect(sent.filter((name) => name !== 'more')).toEqual(passed);
  expect(await used()).toBe(8);
});

test('slots that the background took in calm count when the account becomes busy', async () => {
  const budget = replica({ requestsPerWindow: 9, backgroundBelow: 6, windowMs: 60_000 });
  const pass = () => budget.background.run(() => Promise.resolve(), AbortSignal.timeout(200));
  for (let request = 0; request < 3; request += 1) await pass();
  await budget.setBusy();
  await expect(pass()).rejects.toThrow();
  expect(await budget.backgroundUsed()).toBe(3);
  await redis.client.del(keys.busy);
  await pass();
  expect(await budget.backgroundUsed()).toBe(4);
});

test('the account is busy for half a minute from the last call', async () => {
  const budget = replica();
  await budget.setBusy();
  await redis.client.pexpire(keys.busy, 1_000);
  await budget.setBusy();
  const leftMs = await redis.client.pttl(keys.busy);
  expect(leftMs).toBeGreaterThan(20_000);
  expect(leftMs).toBeLessThanOrEqual(30_000);
});

test('without a share, the background waits forever', async () => {
  const budget = replica({ backgroundBelow: 0 });
  const stopping = new AbortController();
  const waiting = budget.background.run(() => Promise.resolve(), stopping.signal);
  await budget.run(() => Promise.resolve(), never);
  stopping.abort(new Error('stopping'));
  await expect(waiting).rejects.toThrow();
  expect(await used()).toBe(1);
});

describe('after the clock of Redis went back by an hour', () => {
  const HOUR_MS = 3_600_000;
  const wouldPass = async (budget: RequestBudget): Promise<boolean> => {
    const stopping = AbortSignal.timeout(100);
    return budget.run(() => Promise.resolve(true), stopping).catch(() => false);
  };

  test('slots neither come back at once nor stay away for an hour', async () => {
    const budget = replica({ requestsPerWindow: 3, windowMs: 1_000, maxRequestMs: 500 });
    for (let request = 0; request < 3; request += 1)
      await budget.run(() => Promise.resolve(), never);
    for (const token of await redis.client.zrange(keys.slots, 0, '-1')) {
      await redis.client.zincrby(keys.slots, HOUR_MS, token);
    }
    await redis.client.pexpire(keys.slots, HOUR_MS);
    const startedMs = performance.now();
    expect(await wouldPass(budget)).toBe(false);
    await budget.run(() => Promise.resolve(), never);
    // The window, the margins of the budget, and the last moment of a request.
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(1_000);
  });

  test('a block lasts as long as it was set for', async () => {
    const budget = replica();
    await budget.block(300);
    await redis.client.pexpire(keys.blocked, HOUR_MS);
    expect(await wouldPass(budget)).toBe(false);
    await budget.run(() => Promise.resolve(), never);
  });

  test('the account is busy for half a minute at most', async () => {
    const budget = replica({ windowMs: 60_000, backgroundWhileBusy: 0 });
    await budget.setBusy();
    await redis.client.pexpire(keys.busy, HOUR_MS);
    expect(await wouldPass({ ...budget, run: budget.background.run })).toBe(false);
    expect(await redis.client.pttl(keys.busy)).toBeLessThanOrEqual(30_000);
  });
});

test.each([
  ['the default: six polls a minute, three quarters of the rest', 50, 10_000, 39],
  ['a calm interval of a minute', 50, 60_000, 37],
  ['polls that take nearly all of it', 50, 1_360, 48],
  ['the largest budget', 60, 10_000, 46],
  ['a small budget', 8, 10_000, 7],
  ['a budget that polls use up: no more than they take', 6, 10_000, 6],
  ['an interval shorter than the budget allows', 50, 200, 50],
  ['a budget of one', 1, 67_945, 0],
])('background requests pass below a limit: %s', (_, requestsPerWindow, baseIntervalMs, below) => {
  expect(backgroundBelow({ requestsPerWindow, windowMs: 60_000, baseIntervalMs })).toBe(below);
});

test.each([
  [60, 6],
  [50, 5],
  [19, 1],
  [10, 1],
  [9, 0],
  [1, 0],
])('of a budget of %i, a busy account leaves %i to the background', (requestsPerWindow, slots) => {
  expect(backgroundWhileBusy(requestsPerWindow)).toBe(slots);
});
