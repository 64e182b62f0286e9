import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRecentAlerts } from '../../src/delivering/outbox.io.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { alertCause } from '../../src/domain/alert.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { GAP, LEFT } from '../webhooks/recovered-and-alert-samples.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

test('an alert is recent for an hour, on every replica, and so is one with the same cause', async () => {
  const [one, two] = [
    createRecentAlerts(redis.client, keys),
    createRecentAlerts(redis.client, keys),
  ];
  expect(await one.has(GAP)).toBe(false);
  await one.add(GAP);
  expect(await two.has({ ...GAP, fromMs: 1 })).toBe(true);
  expect(await two.has(LEFT)).toBe(false);
  const leftMs = await redis.client.pttl(keys.alerted(alertCause(GAP)));
  expect(leftMs).toBeGreaterThan(3_590_000);
  expect(leftMs).toBeLessThanOrEqual(3_600_000);
  // The clock of Redis went back by a day.
  await redis.client.pexpire(keys.alerted(alertCause(GAP)), 86_400_000);
  expect(await one.has(GAP)).toBe(false);
});
