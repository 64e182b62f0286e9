import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  claimCoverageCheck,
  createCoverageMemory,
  createRecoveryMemory,
} from '../../src/recovery/recovery-memory.io.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import {
  bringSweepForward,
  markSweepTried,
  readRelayState,
} from '../../src/state/relay-state.io.ts';
import { createSeenMentions } from '../../src/state/seen-mentions.io.ts';
import type { DedupeBy, Mention } from '../../src/domain/mention.ts';
import { oldPermalinkKey, oldRecoveredKey } from '../../src/domain/old-keys.ts';
import {
  parseRecoveredMention,
  type RecoveredMention,
} from '../../src/domain/recovered-mention.ts';
import type { Swept } from '../../src/recovery/sweep.ts';
import { mention } from '../helpers/mentions.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');
const GAP = { fromMs: 1_000, toMs: 2_000 };
const NOTHING: Swept = {
  sweptAtMs: 9_000,
  recovered: 0,
  unreadable: 0,
  unknown: [],
  undecidable: 0,
  day: null,
};

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

/** Returns the mention as its group lists it. */
function postOf({ link, keyword, raw }: Mention): RecoveredMention {
  const parsed = parseRecoveredMention(
    { link, keyword, timestamps: { spotted: raw['spotted'] } },
    { id: '1617905175110739', name: '' },
  );
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function memories(dedupeBy: DedupeBy = 'mention') {
  const options = { redis: redis.client, keys, dedupeBy };
  return {
    seen: createSeenMentions({ ...options, generationSize: 200 }),
    recovery: createRecoveryMemory(options),
  };
}

const polled = (gap: typeof GAP | null = null) => ({
  polledAtMs: 5_000,
  newestSpottedAtMs: 4_000,
  gap,
  firstWindow: true,
});

describe('posts', () => {
  test('are known if their mention was seen, and unknown otherwise', async () => {
    const { seen, recovery } = memories();
    await seen.mark([mention(1), mention(3)], polled());
    const posts = [1, 2, 3].map((number) => postOf(mention(number)));
    expect(await recovery.judge(posts)).toEqual(['seen', 'missed', 'seen']);
    expect(await recovery.judge([])).toEqual([]);
  });

  test('are known once they were recovered, and their mention is then not new', async () => {
    const { seen, recovery } = memories();
    await seen.mark([], polled());
    const post = postOf(mention(1));
    await recovery.markRecovered([post]);
    expect(await recovery.judge([post])).toEqual(['recovered']);
    expect(await seen.unseen([mention(1)])).toMatchObject({
      unseenIndexes: [],
      recoveredIndexes: [0],
    });
  });

  test('are known by another keyword only if every post counts once', async () => {
    const other = postOf(mention(1, { keyword: 'erp' }));
    const [byMention, byPost] = [memories(), memories('post')];
    await byMention.seen.mark([mention(1)], polled());
    expect(await byMention.recovery.judge([other])).toEqual(['missed']);
    await byPost.seen.mark([mention(1)], polled());
    expect(await byPost.recovery.judge([other])).toEqual(['seen']);
  });
});

describe('posts that are named in the query of their links', () => {
  const photo = (number: number, spotted = 1_699_459_000) =>
    mention(number, {
      link: `https://facebook.com/photo.php?fbid=${number}`,
      spotted: String(spotted),
    });

  test('are known one by one', async () => {
    const { seen, recovery } = memories();
    await seen.mark([photo(1)], polled());
    const posts = [photo(1), photo(2)].map(postOf);
    expect(await recovery.judge(posts)).toEqual(['seen', 'missed']);
    await recovery.markRecovered(posts.slice(1));
    expect(await recovery.judge(posts)).toEqual(['seen', 'recovered']);
  });

  test('are known as an older release knew them, if they were spotted before the change', async () => {
    const since = 1_699_459_001;
    const options = { redis: redis.client, keys, dedupeBy: 'mention' } as const;
    const recovery = createRecoveryMemory({ ...options, oldKeysBeforeMs: since * 1_000 });
    const [seenBefore, foundBefore] = [
      photo(1),
      mention(9, { link: '/media/set/?set=a.1', spotted: String(since - 1) }),
    ];
    await redis.client.sadd(keys.seen.current, [
      String(oldPermalinkKey(seenBefore, 'mention')),
      String(oldRecoveredKey(foundBefore)),
    ]);
    const posts = [photo(1), photo(1, since), photo(2, since), foundBefore].map(postOf);
    expect(await recovery.judge(posts)).toEqual(['seen', 'missed', 'missed', 'recovered']);
  });
});

test('nothing counts as remembered before the first poll', async () => {
  const { seen, recovery } = memories();
  expect(await recovery.rememberedFromMs()).toBe(Infinity);
  await seen.mark([], polled());
  expect(await recovery.rememberedFromMs()).toBe(4_000);
});

describe('the result of a sweep', () => {
  test('closes the gaps that it searched, and no others', async () => {
    const { seen, recovery } = memories();
    for (const toMs of [2_000, 3_000]) await seen.mark([], polled({ ...GAP, toMs }));
    const [first, second] = await recovery.openGaps();
    if (first === undefined) throw new Error('no gap');
    await recovery.conclude([first], { ...NOTHING, recovered: 3 });
    await recovery.conclude([first], { ...NOTHING, recovered: 2 });
    expect(await recovery.openGaps()).toEqual([second]);
    expect(await readRelayState(redis.client, keys)).toMatchObject({
      gaps: 2,
      recovered: 5,
      lastUnknown: null,
      completeness: null,
    });
  });

  test('is kept: what stays unknown over all groups, and the completeness of the day', async () => {
    const { recovery } = memories();
    const unknown = [
      { groupId: 'a', fromMs: 1_000, toMs: 1_500 },
      { groupId: 'b', fromMs: 800, toMs: 1_200 },
      { groupId: 'a', fromMs: 3_000, toMs: 3_100 },
    ];
    await recovery.conclude([], { ...NOTHING, unknown, day: { posts: 7, inTime: 6 } });
    expect(await readRelayState(redis.client, keys)).toMatchObject({
      lastUnknown: { foundAtMs: 9_000, groups: 2, fromMs: 800, toMs: 3_100 },
      sweptAtMs: 9_000,
      completeness: { posts: 7, inTime: 6 },
    });
    await recovery.conclude([], { ...NOTHING, unknown: [{ groupId: 'a', fromMs: null, toMs: 5 }] });
    expect(await readRelayState(redis.client, keys)).toMatchObject({
      lastUnknown: { groups: 1, fromMs: null, toMs: 5 },
      completeness: { posts: 7, inTime: 6 },
    });
  });
});

test('undecidable posts are kept with the ends of their gap', async () => {
  const { seen, recovery } = memories();
  await seen.mark([], polled(GAP));
  await recovery.conclude(await recovery.openGaps(), { ...NOTHING, undecidable: 3 });
  expect(await readRelayState(redis.client, keys)).toMatchObject({
    lastUnknown: { groups: 0, posts: 3, ...GAP },
  });
});

test('a sweep can be brought forward, and not put back', async () => {
  const day = 86_400_000;
  const nowMs = 10 * day;
  const sweptAtMs = async () => (await readRelayState(redis.client, keys)).sweptAtMs;
  await redis.client.hset(keys.state, 'sweptAtMs', nowMs - 1_000);
  await bringSweepForward(redis.client, keys, { nowMs, inMs: 500 });
  expect(await sweptAtMs()).toBe(nowMs - day + 500);
  await bringSweepForward(redis.client, keys, { nowMs, inMs: 900 });
  expect(await sweptAtMs()).toBe(nowMs - day + 500);
  await markSweepTried(redis.client, keys, nowMs);
  expect((await readRelayState(redis.client, keys)).triedAtMs).toBe(nowMs);
});

test('the coverage is checked once per interval, by whichever replica claims it first', async () => {
  const claims = await Promise.all(
    Array.from({ length: 4 }, () => claimCoverageCheck(redis.client, keys, 60_000)),
  );
  expect(claims.filter(Boolean)).toHaveLength(1);
  await redis.client.pexpire(keys.coverage, 1);
  await expect.poll(() => claimCoverageCheck(redis.client, keys, 60_000)).toBe(true);
  // The clock went back: the key would live for an hour.
  await redis.client.pexpire(keys.coverage, 3_600_000);
  expect(await claimCoverageCheck(redis.client, keys, 60_000)).toBe(true);
  expect(await claimCoverageCheck(redis.client, keys, 60_000)).toBe(false);
});

test('the groups are remembered for every replica, and unknown before', async () => {
  const [one, two] = [redis, redis].map(({ client }) => createCoverageMemory(client, keys));
  expect(await one?.last()).toBeNull();
  const listed = new Map([
    ['1', { tracked: true, status: 'tracking' }],
    ['2', { tracked: false, status: 'pending access' }],
  ]);
  for (const groups of [listed, new Map<string, never>()]) {
    for (const emptyOnce of [true, false]) {
      await one?.remember({ groups, emptyOnce });
      expect(await two?.last()).toEqual({ groups, emptyOnce });
    }
  }
});
