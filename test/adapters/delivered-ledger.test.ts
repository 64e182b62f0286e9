import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDeliveredLedger } from '../../src/adapters/delivered-ledger.ts';
import { redisKeys } from '../../src/adapters/redis-keys.ts';
import { mentionKey } from '../../src/domain/mention.ts';
import { mention } from '../helpers/mentions.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');
const keyOf = (number: number) => mentionKey(mention(number), 'mention');

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());

test('what one webhook accepted says nothing about another', async () => {
  const ledger = createDeliveredLedger({ redis: redis.client, keys, generationSize: 200 });
  await ledger.record('A', keyOf(1));
  expect(await ledger.has('A', keyOf(1))).toBe(true);
  expect(await ledger.has('B', keyOf(1))).toBe(false);
  expect(await ledger.has('A', keyOf(2))).toBe(false);
});

test('it remembers at least a generation, and never more than two', async () => {
  const ledger = createDeliveredLedger({ redis: redis.client, keys, generationSize: 200 });
  const { current, previous } = keys.delivered('MANY');
  for (let number = 0; number < 1_000; number++) {
    await ledger.record('MANY', keyOf(number));
    if (number >= 199) expect(await ledger.has('MANY', keyOf(number - 199))).toBe(true);
  }
  const size = (await redis.client.scard(current)) + (await redis.client.scard(previous));
  expect(size).toBeLessThanOrEqual(400);
});

test('it works on after Redis forgot the scripts', async () => {
  const ledger = createDeliveredLedger({ redis: redis.client, keys, generationSize: 200 });
  await ledger.record('A', keyOf(7));
  await redis.client.script('FLUSH');
  expect(await ledger.has('A', keyOf(7))).toBe(true);
});
