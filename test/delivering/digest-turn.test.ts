import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { askForDigest, createDigestTurns } from '../../src/delivering/gate/digest-turn.io.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');
const OURS = { askedAtMs: null };

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

const turns = (replica: string, turnMs = 60_000) =>
  createDigestTurns({ redis: redis.client, keys, replica, turnMs });

test('one replica has the turn at a webhook while it asks, and another one at the next webhook', async () => {
  const [first, second] = [turns('one'), turns('two')];
  expect(await first.ask('A')).toEqual(OURS);
  expect(await second.ask('A')).toBeNull();
  expect(await first.ask('A')).toEqual(OURS);
  expect(await second.ask('B')).toEqual(OURS);
});

test('a turn that is no longer asked for goes to another replica', async () => {
  expect(await turns('dead', 50).ask('A')).toEqual(OURS);
  const heir = turns('heir', 50);
  await waitUntil('the turn', () => heir.ask('A'));
  expect(await turns('dead', 50).ask('A')).toBeNull();
});

test('a turn that a replica gives up goes to another one at once, and no replica ends that of another', async () => {
  const [first, second] = [turns('one'), turns('two')];
  await first.ask('A');
  await second.end('A');
  expect(await second.ask('A')).toBeNull();
  await first.end('A');
  expect(await second.ask('A')).toEqual(OURS);
});

test('a turn and a request from before a clock went back end', async () => {
  const [client, gate, future] = [redis.client, keys.gate('A'), Date.now() + 3_600_000];
  await client.hset(gate, { turnOf: 'gone', turnUntil: future, digestAskedAt: future });
  const { askedAtMs } = (await turns('here').ask('A')) ?? {};
  expect(askedAtMs).toBeLessThan(future - 3_000_000);
  expect(await turns('here').ask('A')).toEqual({ askedAtMs });
});

test('who has the turn learns when a digest was last asked for', async () => {
  const first = turns('one');
  await first.ask('A');
  await askForDigest(redis.client, keys, 'A');
  const { askedAtMs } = (await first.ask('A')) ?? {};
  expect(Math.abs(Number(askedAtMs) - Date.now())).toBeLessThan(60_000);
  expect(await first.ask('B')).toEqual(OURS);
});
