import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  createPollClaims,
  createPollTicks,
  type PollClaims,
} from '../../src/polling/poll-claims.io.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { createClaimsInMemory } from '../helpers/claims-in-memory.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let redis: PrivateRedis;
const { pollClaim, tick } = redisKeys('test');
const HOUR_MS = 3_600_000;

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

/** Returns a time by Redis's clock. */
async function redisTimeMs(fromNowMs = 0): Promise<number> {
  const [seconds = 0, microseconds = 0] = await redis.client.time();
  return seconds * 1_000 + Math.floor(microseconds / 1_000) + fromNowMs;
}
const beganBefore = async (agoMs: number) =>
  redis.client.hset(pollClaim, 'beganAtMs', await redisTimeMs(-agoMs));

// The simulation claims polls in memory: by the same rules.
describe.each<[string, () => readonly [PollClaims, PollClaims]]>([
  [
    'in Redis',
    () => [createPollClaims(redis.client, pollClaim), createPollClaims(redis.client, pollClaim)],
  ],
  [
    'in memory',
    () => {
      const claims = createClaimsInMemory(() => performance.now());
      return [claims, claims];
    },
  ],
])('claims %s', (_, create) => {
  test('let one of many polls begin that come at once, on any replica', async () => {
    const [one, two] = create();
    const claims = await Promise.all([one, two, one, two].map((each) => each.claim(null, HOUR_MS)));
    expect(claims.filter(({ granted }) => granted)).toHaveLength(1);
    expect(await two.claim(null, 0)).toEqual({ granted: true, lastDelayMs: null });
  });

  test('let only the extra poll begin that was asked for last', async () => {
    const [one, two] = create();
    const first = await one.newToken(2_000);
    const second = await two.newToken(2_000);
    expect(await one.claim(first, 0)).toEqual({ granted: false, tooEarlyByMs: null });
    expect(await one.claim(second, 0)).toMatchObject({ granted: true });
  });

  test('return by how much an extra poll is too early, unless another has replaced it', async () => {
    const [one] = create();
    const replaced = await one.newToken(2_000);
    const token = await one.newToken(2_000);
    await one.claim(null, 0);
    expect(await one.claim(replaced, HOUR_MS)).toEqual({ granted: false, tooEarlyByMs: null });
    const early = await one.claim(token, HOUR_MS);
    if (early.granted) expect.unreachable();
    expect(early.tooEarlyByMs).toBeLessThanOrEqual(HOUR_MS);
    expect(early.tooEarlyByMs).toBeGreaterThan(HOUR_MS - 10_000);
  });

  test('return the delay of the last extra poll until the account is calm, on any replica', async () => {
    const [one, two] = create();
    const token = await one.newToken(2_446);
    expect(await two.claim(token, 0)).toEqual({ granted: true, lastDelayMs: 2_446 });
    expect(await two.claim(null, 0)).toEqual({ granted: true, lastDelayMs: 2_446 });
    await two.dropToken();
    expect(await one.claim(token, 0)).toEqual({ granted: false, tooEarlyByMs: null });
    expect(await one.claim(null, 0)).toEqual({ granted: true, lastDelayMs: null });
  });
});

test.each([
  ['once the time has passed', HOUR_MS],
  ['though the clock of Redis went back', -HOUR_MS],
])('a poll may begin %s', async (_, agoMs) => {
  await beganBefore(agoMs);
  expect(await createPollClaims(redis.client, pollClaim).claim(null, HOUR_MS)).toMatchObject({
    granted: true,
  });
});

describe('the tick', () => {
  const ticks = () =>
    createPollTicks(redis.client, tick, (error) => expect.unreachable(String(error)));

  test('is unknown at first, and set when a poll begins', async () => {
    const polls = ticks();
    expect(await polls.sinceLastMs()).toBeNull();
    await polls.during(async () => {
      await waitUntil('a tick', async () => (await polls.sinceLastMs()) !== null);
    });
  });

  test('is negative, and not unknown, after the clock went back', async () => {
    await redis.client.set(tick, await redisTimeMs(HOUR_MS));
    expect(await ticks().sinceLastMs()).toBeLessThan(-HOUR_MS / 2);
    const nowMs = await redisTimeMs();
    for (let aheadMs = 0; aheadMs < 20; aheadMs += 1) {
      await redis.client.set(tick, nowMs + aheadMs);
      expect(await ticks().sinceLastMs()).not.toBeNull();
    }
  });
});
