import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import {
  expectUsableVersion,
  migrateState,
  STATE_VERSION,
  StateVersionError,
} from '../../src/state/state-version.io.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';

let redis: PrivateRedis;
const { state } = redisKeys('test');

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

/** Each migration appends its number to the field `trail`. */
const MIGRATIONS = [1, 2, 3].map((from) => ({
  from,
  lua: `local function migrate(state)
    redis.call('HSET', state, 'trail', (redis.call('HGET', state, 'trail') or '') .. '${from}')
  end`,
}));
const FOURTH = { version: 4, migrations: MIGRATIONS };

const stateOf = (version: number | string) => redis.client.hset(state, 'version', version);

describe('state', () => {
  test('that does not exist, or is of this release, stays as it is', async () => {
    expect(await migrateState(redis.client, state)).toBeNull();
    expect(await redis.client.exists(state)).toBe(0);
    await stateOf(STATE_VERSION);
    expect(await migrateState(redis.client, state)).toBeNull();
    expect(await redis.client.hgetall(state)).toEqual({ version: String(STATE_VERSION) });
  });

  test('of version 1 counts as remembered from now on', async () => {
    await redis.client.hset(state, { version: 1, lastPollAtMs: 1_000, newestSpottedAtMs: 900 });
    const [seconds = 0] = await redis.client.time();
    expect(await migrateState(redis.client, state)).toBe(1);
    const { rememberedFromMs, generationAtMs, sweptAtMs, keysSinceMs, ...others } =
      await redis.client.hgetall(state);
    expect(others).toEqual({
      version: String(STATE_VERSION),
      lastPollAtMs: '1000',
      newestSpottedAtMs: '900',
    });
    expect(Number(rememberedFromMs)).toBeGreaterThanOrEqual(seconds * 1_000);
    expect([generationAtMs, sweptAtMs]).toEqual([rememberedFromMs, rememberedFromMs]);
    expect(Number(keysSinceMs)).toBeGreaterThanOrEqual(Number(rememberedFromMs));
  });

  test('of version 2 gets new names for the keys of polls, and loses workers and rate limits', async () => {
    const key = (name: string) => state.replace(/state$/, name);
    await redis.client.hset(state, { version: 2, lastPollAtMs: 1_000 });
    await redis.client.set(key('heartbeat'), 5_000);
    await redis.client.hset(key('pace'), { beganAtMs: 4_000, token: 'a-token', paceMs: 1_223 });
    await redis.client.zadd(key('workers'), 5_000, 'a-worker');
    await redis.client.sadd(key('webhooks'), 'A');
    await redis.client.hset(key('deliver-A:meta'), { max: 1, duration: 1, version: 'bullmq' });
    await redis.client.set(key('deliver-A:limiter'), 1);
    expect(await migrateState(redis.client, state)).toBe(2);
    expect((await redis.client.keys('*')).toSorted()).toEqual(
      [state, key('poll-claim'), key('tick'), key('webhooks'), key('deliver-A:meta')].toSorted(),
    );
    expect(await redis.client.hgetall(key('deliver-A:meta'))).toEqual({ version: 'bullmq' });
    const { tick, pollClaim } = redisKeys('test');
    expect(await redis.client.get(tick)).toBe('5000');
    expect(await redis.client.hgetall(pollClaim)).toEqual({
      beganAtMs: '4000',
      token: 'a-token',
      delayMs: '1223',
    });
  });

  test('of version 3 gets the moment since when mentions have their present keys', async () => {
    const [seconds = 0] = await redis.client.time();
    await stateOf(3);
    expect(await migrateState(redis.client, state)).toBe(3);
    const keysSinceMs = async () => Number(await redis.client.hget(state, 'keysSinceMs'));
    expect(await keysSinceMs()).toBeGreaterThanOrEqual(seconds * 1_000);
    expect(await keysSinceMs()).toBeLessThan((seconds + 90) * 1_000);
    // A clock of the API that is ahead: what it has spotted was seen with old keys.
    const aheadMs = (seconds + 200) * 1_000;
    await redis.client.hset(state, { version: 3, newestSpottedAtMs: aheadMs });
    await migrateState(redis.client, state);
    expect(await keysSinceMs()).toBe(aheadMs + 1);
  });

  test('of version 2 without these keys is migrated too', async () => {
    await stateOf(2);
    expect(await migrateState(redis.client, state)).toBe(2);
    expect(await redis.client.keys('*')).toEqual([state]);
  });

  test('of an older release goes through each version, in order', async () => {
    await stateOf(2);
    expect(await migrateState(redis.client, state, FOURTH)).toBe(2);
    expect(await redis.client.hgetall(state)).toEqual({ version: '4', trail: '23' });
  });

  test('is migrated once by many replicas that start together', async () => {
    await stateOf(1);
    await Promise.all(Array.from({ length: 10 }, () => migrateState(redis.client, state, FOURTH)));
    expect(await redis.client.hgetall(state)).toEqual({ version: '4', trail: '123' });
  });

  test.each([
    [
      'a newer release',
      5,
      'of version 5, and this release knows 4: a newer mention-relay wrote it',
    ],
    ['a release too old to be migrated', 0, 'of version 0, too old for this release (4)'],
    ['something else', 'stranger\u001b[2J', 'no mention-relay wrote it'],
  ])('of %s is refused, and nothing changes', async (_, version, words) => {
    await stateOf(version);
    const refused = migrateState(redis.client, state, FOURTH);
    await expect(refused).rejects.toThrow(StateVersionError);
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.toThrow('another REDIS_PREFIX');
    expect(await redis.client.hgetall(state)).toEqual({ version: String(version) });
  });
});

describe('a command', () => {
  test.each([
    [null, 'current'],
    [String(STATE_VERSION), 'current'],
    ['1', 'older'],
  ])('works with the state of version %s', (found, status) => {
    expect(expectUsableVersion(found)).toBe(status);
  });

  test.each(['0', String(STATE_VERSION + 1), 'abc', '1.5', ''])('refuses that of %j', (found) => {
    expect(() => expectUsableVersion(found)).toThrow(StateVersionError);
  });
});
