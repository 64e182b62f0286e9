import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPollTicks, type PollTicks } from '../../src/polling/poll-claims.io.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let redis: PrivateRedis;
let heartbeat: PollTicks;
const { heartbeat: key } = redisKeys('test');
const HOUR_MS = 3_600_000;

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  heartbeat = createPollTicks(redis.client, key, (error) => expect.unreachable(String(error)));
});

/** Has the last beat be at that time from now, by Redis's clock. */
async function beatAt(fromNowMs: number): Promise<void> {
  const [seconds = 0] = await redis.client.time();
  await redis.client.set(key, seconds * 1_000 + fromNowMs);
}

test('a turn beats when it begins, and no beat is known before', async () => {
  expect(await heartbeat.sinceLastMs()).toBeNull();
  await heartbeat.during(async () => {
    await waitUntil('a beat', async () => (await heartbeat.sinceLastMs()) !== null);
  });
});

test('a beat that a clock which was set back has left in the future is told as that', async () => {
  await beatAt(HOUR_MS);
  expect(await heartbeat.sinceLastMs()).toBeLessThan(-HOUR_MS / 2);
  // Not to be taken for none.
  const [seconds = 0, micros = 0] = await redis.client.time();
  const nowMs = seconds * 1_000 + Math.floor(micros / 1_000);
  for (let aheadMs = 0; aheadMs < 20; aheadMs += 1) {
    await redis.client.set(key, nowMs + aheadMs);
    expect(await heartbeat.sinceLastMs()).not.toBeNull();
  }
});
