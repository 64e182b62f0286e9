import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPollPace } from '../../src/polling/poll-claims.io.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';

let redis: PrivateRedis;
const { pace: key } = redisKeys('test');
const LONG_MS = 3_600_000;

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

test('one of many that come at once may begin, on any replica', async () => {
  const replicas = Array.from({ length: 5 }, () => createPollPace(redis.client, key));
  const begun = await Promise.all(replicas.map((pace) => pace.begin(null, LONG_MS)));
  expect(begun.filter(({ began }) => began)).toHaveLength(1);
});

test('the next one may begin when the time is over, and at once where none is asked for', async () => {
  const pace = createPollPace(redis.client, key);
  expect(await pace.begin(null, LONG_MS)).toMatchObject({ began: true });
  expect(await pace.begin(null, 0)).toMatchObject({ began: true });
  const [seconds = 0] = await redis.client.time();
  await redis.client.hset(key, 'beganAtMs', seconds * 1_000 - LONG_MS);
  expect(await pace.begin(null, LONG_MS)).toMatchObject({ began: true });
});

test('a clock of Redis that was set back holds nothing up', async () => {
  const pace = createPollPace(redis.client, key);
  const [seconds = 0] = await redis.client.time();
  await redis.client.hset(key, 'beganAtMs', seconds * 1_000 + LONG_MS);
  expect(await pace.begin(null, LONG_MS)).toMatchObject({ began: true });
});

test('of polls between ticks only the one asked for last may begin', async () => {
  const [one, two] = [createPollPace(redis.client, key), createPollPace(redis.client, key)];
  const first = await one.newToken(2_000);
  const second = await two.newToken(2_000);
  expect(await one.begin(first, 0)).toEqual({ began: false, tooEarlyByMs: null });
  expect(await one.begin(second, 0)).toMatchObject({ began: true });
});

test('one that comes too early is told by how much, unless it is not to come at all', async () => {
  const pace = createPollPace(redis.client, key);
  const first = await pace.newToken(2_000);
  const token = await pace.newToken(2_000);
  await pace.begin(null, 0);
  expect(await pace.begin(first, LONG_MS)).toEqual({ began: false, tooEarlyByMs: null });
  const early = await pace.begin(token, LONG_MS);
  if (early.began) expect.unreachable();
  expect(early.tooEarlyByMs).toBeLessThanOrEqual(LONG_MS);
  expect(early.tooEarlyByMs).toBeGreaterThan(LONG_MS - 10_000);
  const [seconds = 0] = await redis.client.time();
  await redis.client.hset(key, 'beganAtMs', seconds * 1_000 - (early.tooEarlyByMs ?? 0));
  expect(await pace.begin(token, early.tooEarlyByMs ?? 0)).toMatchObject({ began: true });
});

test('what the last poll in between was asked for is told until none is, on any replica', async () => {
  const [one, two] = [createPollPace(redis.client, key), createPollPace(redis.client, key)];
  expect(await one.begin(null, 0)).toEqual({ began: true, paceMs: null });
  const token = await one.newToken(2_446);
  expect(await two.begin(token, 0)).toEqual({ began: true, paceMs: 2_446 });
  expect(await two.begin(null, 0)).toEqual({ began: true, paceMs: 2_446 });
  await two.noneBetween();
  expect(await one.begin(token, 0)).toEqual({ began: false, tooEarlyByMs: null });
  expect(await one.begin(null, 0)).toEqual({ began: true, paceMs: null });
});
