import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { createWorkerSigns } from '../../src/queues/takeover.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';

let redis: PrivateRedis;
const { workers: key } = redisKeys('test');

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

/** Has signs be of these many seconds ago, by Redis's clock. */
async function signsOf(secondsAgo: Readonly<Record<string, number>>): Promise<void> {
  const [now = 0] = await redis.client.time();
  for (const [field, ago] of Object.entries(secondsAgo)) {
    await redis.client.hset(key, field, (now - ago) * 1_000);
  }
}

const give = () => createWorkerSigns(redis.client, key).give(['mine']);

const cases: readonly [string, Readonly<Record<string, number>>, readonly string[]][] = [
  ['nobody else was ever there', {}, []],
  ['a worker is silent while others give signs', { '@last': 1, '@since': 60, w: 12 }, ['w']],
  ['a worker gave a sign lately', { '@last': 1, '@since': 60, w: 8 }, []],
  ['one of two is silent', { '@last': 1, '@since': 60, w: 1, v: 15 }, ['v']],
  ['Redis was away: all were silent', { '@last': 30, '@since': 600, w: 30 }, []],
  ['Redis came back too short a time ago', { '@last': 1, '@since': 8, w: 40 }, []],
  ['Redis came back, and all but one', { '@last': 1, '@since': 12, w: 52, v: 1 }, ['w']],
  ['the clock of Redis was set back', { '@last': -600, '@since': -500, w: -590 }, []],
  ['its own last sign is old, as after a freeze', { '@last': 1, '@since': 60, mine: 30 }, []],
  ['a worker is silent for over an hour', { '@last': 1, '@since': 9_000, w: 3_700 }, []],
];
test.each(cases)('who is silent where %s', async (_name, signs, silent) => {
  await signsOf(signs);
  expect(await give()).toEqual(silent);
});

test('a sign that is given ends a silence, and a hole begins a new time of signs', async () => {
  await signsOf({ '@last': 30, '@since': 600, mine: 30 });
  await give();
  const [now = 0] = await redis.client.time();
  const { mine, '@since': since, '@last': last } = await redis.client.hgetall(key);
  expect(Number(mine)).toBeGreaterThan((now - 5) * 1_000);
  expect(since).toBe(last);
});

test('what is forgotten, or silent for over an hour, leaves nothing', async () => {
  await signsOf({ '@last': 1, '@since': 9_000, w: 12, old: 3_700 });
  await give();
  await createWorkerSigns(redis.client, key).forget(['w']);
  expect(Object.keys(await redis.client.hgetall(key)).toSorted()).toEqual([
    '@last',
    '@since',
    'mine',
  ]);
});
