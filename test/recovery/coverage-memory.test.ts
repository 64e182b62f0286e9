import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createCoverageMemory } from '../../src/recovery/coverage-memory.io.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');
const groups = new Map([
  ['1', { tracked: true, status: 'tracking' }],
  ['2', { tracked: false, status: 'pending access' }],
]);

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

test('the groups are as they were remembered, on any replica, and null before', async () => {
  const [one, two] = [redis, redis].map(({ client }) => createCoverageMemory(client, keys));
  expect(await one?.last()).toBeNull();
  for (const emptyOnce of [true, false]) {
    await one?.remember({ groups, emptyOnce });
    expect(await two?.last()).toEqual({ groups, emptyOnce });
  }
});

test('an account without any group is remembered as that', async () => {
  const memory = createCoverageMemory(redis.client, keys);
  await memory.remember({ groups: new Map(), emptyOnce: false });
  expect(await memory.last()).toEqual({ groups: new Map(), emptyOnce: false });
});
