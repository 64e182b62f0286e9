import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deliveryJobId } from '../../src/domain/delivery.ts';
import type { DueDelivery, UnreadableDelivery } from '../../src/queues/taken-deliveries.ts';
import { mentionDelivery } from '../helpers/mention-delivery.ts';
import { finishAll, inShort, openReplicas, takeInTurn } from '../helpers/open-replicas.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let redis: PrivateRedis;
const { replica, taker, operator, closeAll } = openReplicas(() => redis);

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());
afterEach(closeAll);

const REPEATED = { kind: 'repeated' } as const;
const ID = deliveryJobId(mentionDelivery(1).key);
const KEY = `{test}:deliver-A:${ID}`;

type Damage = readonly [name: string, damage: () => Promise<unknown>];
const field = (name: string, value: string): Damage => [
  `${name} is ${JSON.stringify(value)}`,
  () => redis.client.hset(KEY, name, value),
];
const replaced = async (put: () => Promise<unknown>) => {
  await redis.client.del(KEY);
  await put();
};

/** The content is lost: the delivery fails. */
const LOST: readonly Damage[] = [
  ...['{"kind":', 'null', '7', '', '"words"', '[]', '{}', '{"kind":"hologram"}'].map((data) =>
    field('data', data),
  ),
  ['the hash is gone', () => redis.client.del(KEY)],
  ['the key is a text', () => replaced(() => redis.client.set(KEY, 'words'))],
  ['the key is a list', () => replaced(() => redis.client.rpush(KEY, 'words'))],
];

/** The content is whole: it is delivered. */
const WHOLE: readonly Damage[] = [
  ...['{"attempts":', 'null', '7', '', '{}', '[]'].map((opts) => field('opts', opts)),
  field('progress', '{'),
  field('parent', '{'),
  field('parent', '7'),
  field('atm', 'words'),
  field('ats', 'words'),
  field('timestamp', 'words'),
  field('priority', 'words'),
  field('delay', 'words'),
  field('stacktrace', '{'),
  field('returnvalue', '{'),
  ['the name is gone', () => redis.client.hdel(KEY, 'name')],
];

/** Three deliveries, of which the second is damaged. */
async function queued(damage: () => Promise<unknown>) {
  const queues = replica();
  await queues.enqueue(
    'A',
    [0, 1, 2].map((number) => mentionDelivery(number)),
  );
  await damage();
  const reported: UnreadableDelivery[] = [];
  const jobs = await taker(queues, (delivery) => reported.push(delivery));
  return { queues, jobs, reported };
}

describe.each(LOST)('a delivery that was damaged while it waited: %s', (_, damage) => {
  test('fails, is reported, and delays no other', async () => {
    const { queues, jobs, reported } = await queued(damage);
    expect(inShort(await takeInTurn(jobs, 2))).toEqual(['294390#1', '294392#1']);
    await waitUntil('the report', () => reported.length > 0);
    expect(reported).toEqual([
      {
        webhook: 'A',
        jobId: ID,
        attempt: 1,
        reason: expect.stringMatching(/^the queued (delivery|mention) is /),
      },
    ]);
    expect(await queues.counts('A')).toEqual({ waiting: 0, active: 2, retrying: 0, failed: 1 });
    expect(await redis.client.exists(`${KEY}:lock`)).toBe(0);
  });

  test('fails also as the next one of a delivery that is done', async () => {
    const { queues, jobs, reported } = await queued(damage);
    const items = await takeInTurn(jobs, 1);
    const ended = items.map((item) => ({ item, outcome: REPEATED }));
    expect(await jobs.finish(ended, { takeNext: true })).toEqual({ taken: [], unfinished: [] });
    await waitUntil('the report', () => reported.length > 0);
    expect(inShort(await takeInTurn(jobs, 1))).toEqual(['294392#1']);
    expect(await queues.counts('A')).toEqual({ waiting: 0, active: 1, retrying: 0, failed: 1 });
  });

  test('can be listed, retried, discarded, and is purged in the end', async () => {
    const { queues, jobs, reported } = await queued(damage);
    await takeInTurn(jobs, 2);
    await waitUntil('the report', () => reported.length === 1);
    const failed = operator();
    expect(await failed.find('A', {})).toMatchObject([{ jobId: ID, attempts: 1 }]);
    expect(await failed.retry('A', [ID])).toBe(1);
    expect(await jobs.next()).toBeUndefined();
    await waitUntil('it to fail again', () => reported.length === 2);
    expect(await failed.discard('A', [ID])).toBe(1);
    expect(await failed.find('A', {})).toEqual([]);
    expect(await redis.client.keys(`${KEY}*`)).toEqual([]);
    expect(await queues.counts('A')).toMatchObject({ waiting: 0, failed: 0 });
  });
});

describe.each(WHOLE)('a delivery whose content is whole: %s', (_, damage) => {
  test('is delivered, in its order, and leaves nothing behind', async () => {
    const { queues, jobs, reported } = await queued(damage);
    const items = await takeInTurn(jobs, 3);
    expect(inShort(items)).toEqual(['294390#1', '294391#1', '294392#1']);
    await finishAll(jobs, items, REPEATED);
    expect(await queues.counts('A')).toEqual({ waiting: 0, active: 0, retrying: 0, failed: 0 });
    expect(await redis.client.keys('{test}:deliver-A:m-*')).toEqual([]);
    expect(reported).toEqual([]);
  });

  test('is delivered also as the next one, and is retried on its schedule', async () => {
    const { queues, jobs } = await queued(damage);
    const items = await takeInTurn(jobs, 1);
    const ended = items.map((item) => ({ item, outcome: REPEATED }));
    const { taken } = await jobs.finish(ended, { takeNext: true });
    expect(inShort(taken)).toEqual(['294391#1']);
    await finishAll(jobs, taken, { kind: 'retry', delayMs: 1, reason: 'HTTP 500' });
    const again: DueDelivery[] = await takeInTurn(jobs, 2);
    expect(inShort(again).toSorted()).toEqual(['294391#2', '294392#1']);
    expect(await queues.counts('A')).toMatchObject({ active: 2, retrying: 0, failed: 0 });
  });
});

describe.each([...LOST, ...WHOLE])('a failed delivery that was damaged: %s', (_, damage) => {
  async function failedThenDamaged() {
    const queues = replica();
    await queues.enqueue('A', [mentionDelivery(1)]);
    const jobs = await taker(queues);
    const items = await takeInTurn(jobs, 1);
    await finishAll(jobs, items, { kind: 'failed', reason: 'HTTP 400' });
    await damage();
    return { queues, failed: operator() };
  }

  test('is listed with the time at which it failed, and can be discarded', async () => {
    const { queues, failed } = await failedThenDamaged();
    const [found, ...others] = await failed.find('A', { sinceMs: Date.now() - 60_000 });
    expect(found).toMatchObject({ webhook: 'A', jobId: ID, attempts: expect.any(Number) });
    expect(found?.attempts).not.toBeNaN();
    expect(found?.failedAtMs).toBeGreaterThan(Date.now() - 60_000);
    expect(others).toEqual([]);
    expect(await failed.discard('A', [ID])).toBe(1);
    expect(await queues.counts('A')).toMatchObject({ failed: 0 });
  });

  test('is purged when its time has come', async () => {
    const { queues } = await failedThenDamaged();
    expect(await queues.purgeFailed('A', 0)).toBe(1);
    expect(await queues.counts('A')).toMatchObject({ failed: 0 });
  });
});

test.each([...LOST, ...WHOLE])(
  'the age of a queue whose oldest delivery was damaged is a time: %s',
  async (_, damage) => {
    const queues = replica();
    await queues.enqueue(
      'A',
      [1, 2].map((number) => mentionDelivery(number)),
    );
    await damage();
    expect(await queues.oldestWaitingAtMs('A')).toBeGreaterThan(Date.now() - 60_000);
  },
);

type JobDamage = readonly [name: string, damage: (key: string) => Promise<unknown>];
const fieldOf = (name: string, value: string): JobDamage => [
  `its ${name} is ${JSON.stringify(value)}`,
  (key) => redis.client.hset(key, name, value),
];
const JOBS: readonly JobDamage[] = [
  ...['{"token":', 'null', '7', '', '[]'].map((data) => fieldOf('data', data)),
  ...['{"repeat":', 'null', '7', '', '{}'].map((opts) => fieldOf('opts', opts)),
  fieldOf('progress', '{'),
  fieldOf('parent', '{'),
  fieldOf('atm', 'words'),
  fieldOf('ats', 'words'),
  ['its hash is gone', (key) => redis.client.del(key)],
];

const nextOf = (name: string) =>
  waitUntil('the next job', async () => {
    const [id] = await redis.client.zrange(`{test}:${name}:delayed`, '0', '0');
    return id === undefined ? undefined : `{test}:${name}:${id}`;
  });

const INTERVAL_MS = 150;

test.each(JOBS)('polls and sweeps go on when their next job was damaged: %s', async (_, damage) => {
  let polls = 0;
  let sweeps = 0;
  const queues = replica();
  await queues.startPolling(INTERVAL_MS, async () => void (polls += 1));
  await queues.startSweeping(INTERVAL_MS, async () => void (sweeps += 1));
  await waitUntil('the first ones', () => polls >= 1 && sweeps >= 1);
  const [poll, sweep] = await Promise.all([nextOf('poll'), nextOf('sweep')]);
  await Promise.all([damage(poll), damage(sweep)]);
  const before = { polls, sweeps };
  await waitUntil('more', () => polls >= before.polls + 3 && sweeps >= before.sweeps + 3);
  await waitUntil(
    'the end of the damaged poll',
    async () => (await redis.client.exists(poll)) === 0,
  );
});

test.each(JOBS)('polls go on after an extra poll that was damaged: %s', async (_, damage) => {
  let polls = 0;
  const queues = replica();
  await queues.startPolling(3_600_000, async () => void (polls += 1));
  await waitUntil('the first poll', () => polls === 1);
  await queues.askForExtraPoll(INTERVAL_MS, 'token');
  await damage(await nextOf('poll'));
  await waitUntil('another poll', () => polls >= 2);
  await waitUntil(
    'an empty queue',
    async () => (await redis.client.llen('{test}:poll:active')) === 0,
  );
});
