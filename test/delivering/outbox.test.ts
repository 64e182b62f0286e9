import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createKnownWebhooks, createOutbox } from '../../src/delivering/outbox.io.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { alertCause } from '../../src/domain/alert.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';
import { GAP, LEFT } from '../webhooks/recovered-and-alert-samples.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

test('an alert is queued once an hour for each cause, over all replicas', async () => {
  const queued: string[] = [];
  let refuses = true;
  const [one, two] = [1, 2].map(() =>
    createOutbox({
      webhooks: [webhookOf({ name: 'OPS', events: 'alerts' })],
      async enqueue(webhook, deliveries) {
        if (refuses) throw new Error('Redis is away');
        queued.push(...deliveries.map((each) => `${webhook} ${each.kind}`));
      },
      knownWebhooks: createKnownWebhooks(redis.client, keys),
      redis: redis.client,
      keys,
    }),
  );
  await expect(one?.alert(GAP)).rejects.toThrow('away');
  refuses = false;
  await one?.alert(GAP);
  expect(queued).toEqual(['OPS alert']);
  await two?.alert({ ...GAP, fromMs: 1 });
  expect(queued).toHaveLength(1);
  await two?.alert(LEFT);
  expect(queued).toHaveLength(2);
  const recent = keys.alerted(alertCause(GAP));
  const leftMs = await redis.client.pttl(recent);
  expect(leftMs).toBeGreaterThan(3_590_000);
  expect(leftMs).toBeLessThanOrEqual(3_600_000);
  // The clock of Redis went back by a day.
  await redis.client.pexpire(recent, 86_400_000);
  await one?.alert(GAP);
  expect(queued).toHaveLength(3);
});
