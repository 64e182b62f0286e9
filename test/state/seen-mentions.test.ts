import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { readOpenGaps, readRelayState } from '../../src/state/relay-state.io.ts';
import {
  createSeenMentions,
  readKnown,
  readSeen,
  StateVanishedError,
  type Polled,
} from '../../src/state/seen-mentions.io.ts';
import {
  migrateState,
  STATE_VERSION,
  StateVersionError,
} from '../../src/state/state-version.io.ts';
import type { DedupeBy, Mention } from '../../src/domain/mention.ts';
import { oldMentionKey, oldPermalinkKey, oldRecoveredKey } from '../../src/domain/old-keys.ts';
import { permalinkKey, recoveredKey } from '../../src/domain/permalink.ts';
import { mention, windowOf } from '../helpers/mentions.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

function memory(options: { generationSize?: number; dedupeBy?: DedupeBy } = {}) {
  const seen = createSeenMentions({
    redis: redis.client,
    keys,
    generationSize: 200,
    dedupeBy: 'mention',
    ...options,
  });
  const unseen = (window: readonly Mention[]) => seen.unseen(window);
  return {
    unseen,
    mark: (marked: readonly Mention[], polledAtMs: number, polled: Partial<Polled> = {}) =>
      seen.mark(marked, {
        polledAtMs,
        newestSpottedAtMs: null,
        gap: null,
        firstWindow: true,
        ...polled,
      }),
    /** Polls: returns the new mentions of the window, and marks them as seen. */
    async poll(window: readonly Mention[]): Promise<Mention[]> {
      const { unseenIndexes } = await unseen(window);
      const found = unseenIndexes.flatMap((index) => window[index] ?? []);
      await this.mark(found, 1_700_000_000_000);
      return found;
    },
  };
}

async function remembered(): Promise<number> {
  const { current, previous } = keys.seen;
  return (await redis.client.scard(current)) + (await redis.client.scard(previous));
}

test('the first window ever is known as such until something was marked, even if it was empty', async () => {
  const seen = memory();
  expect(await seen.unseen([])).toMatchObject({ firstWindow: true, unseenIndexes: [] });
  expect(await seen.unseen([mention(1)])).toMatchObject({ firstWindow: true, unseenIndexes: [0] });
  await seen.mark([], 1);
  expect(await seen.unseen([mention(1)])).toMatchObject({ firstWindow: false, unseenIndexes: [0] });
});

test('asking remembers nothing: a poll that dies before it marks is repeated completely', async () => {
  const seen = memory();
  await seen.poll([]);
  const window = windowOf(0, 5);
  expect((await seen.unseen(window)).unseenIndexes).toEqual([0, 1, 2, 3, 4]);
  expect((await seen.unseen(window)).unseenIndexes).toEqual([0, 1, 2, 3, 4]);
});

test('five mentions of one post are five, and repeats of each are none', async () => {
  const seen = memory();
  const spellings = [
    mention(1),
    mention(1, { keyword: 'software' }),
    mention(1, { position: 'comment' }),
    mention(1, { link: `${mention(1).link}/?comment_id=2` }),
    mention(1, { owner: { id: '77', name: 'Ana P.', link: '' } }),
  ];
  expect(await seen.poll(spellings)).toHaveLength(5);
  expect(await seen.poll(spellings)).toEqual([]);
  expect(await seen.poll([mention(1, { content: 'edited', spotted: '1800000000' })])).toEqual([]);
});

test('a window that stays the same for a thousand polls is never new again', async () => {
  const seen = memory({ generationSize: 200 });
  const window = windowOf(0, 100);
  expect(await seen.poll(window)).toHaveLength(100);
  for (let poll = 0; poll < 1_000; poll++) {
    const { unseenIndexes } = await seen.unseen(window);
    expect(unseenIndexes).toEqual([]);
  }
  // Each under its own key and its permalink's.
  expect(await remembered()).toBe(200);
});

test('a quiet window outlives any number of generations of others', async () => {
  const seen = memory({ generationSize: 200 });
  // 60 mentions never leave the window; 40 places of it are new at every poll.
  const quiet = windowOf(0, 60);
  await seen.poll(quiet);
  for (let poll = 0; poll < 200; poll++) {
    const busy = windowOf(1_000 + 40 * poll, 1_040 + 40 * poll);
    expect(await seen.poll([...busy, ...quiet])).toEqual(busy);
  }
});

test('old mentions that slide back after newer ones are deleted are not new', async () => {
  const seen = memory({ generationSize: 1_000 });
  for (let from = 0; from <= 900; from += 50) await seen.poll(windowOf(from, from + 100));
  // The newest 900 posts go: what was in the window first is in it again.
  expect(await seen.poll(windowOf(0, 100))).toEqual([]);
});

test('at least a generation beyond the window is remembered, and at most two', async () => {
  const seen = memory({ generationSize: 500 });
  for (let from = 0; from < 5_000; from += 20) {
    await seen.poll(windowOf(from, from + 100));
    expect(await remembered()).toBeLessThan(2 * (2 * 500 + 200));
  }
  // The window shows 4980 to 5080; the 500 before it are still known.
  expect(await seen.poll(windowOf(4_480, 4_580))).toEqual([]);
});

test('a window far larger than documented is handled completely', async () => {
  const seen = memory({ generationSize: 20_000 });
  const window = windowOf(0, 12_000);
  expect(await seen.poll(window)).toHaveLength(12_000);
  expect(await seen.poll(window)).toEqual([]);
});

test('two replicas that ask at the same moment both get the new mentions', async () => {
  const [one, two] = [memory(), memory()];
  await one.poll([]);
  const answers = await Promise.all([one.unseen(windowOf(0, 3)), two.unseen(windowOf(0, 3))]);
  expect(answers.map(({ unseenIndexes }) => unseenIndexes.length)).toEqual([3, 3]);
});

test('the newest time of a mention is remembered, and never goes back', async () => {
  const seen = memory();
  expect((await seen.unseen([])).newestSpottedAtMs).toBeNull();
  await seen.mark([], 1, { newestSpottedAtMs: 5_000 });
  await seen.mark([], 2, { newestSpottedAtMs: 4_000 });
  await seen.mark([], 3, { newestSpottedAtMs: null });
  expect((await seen.unseen([])).newestSpottedAtMs).toBe(5_000);
});

test('gaps are counted, and the times of the last one are kept', async () => {
  const seen = memory();
  await seen.mark([], 1);
  expect(await readRelayState(redis.client, keys)).toMatchObject({
    lastPollAtMs: 1,
    gaps: 0,
    lastGap: null,
  });
  await seen.mark([], 2, { gap: { fromMs: 10, toMs: 20 } });
  await seen.mark([], 3, { gap: { fromMs: 30, toMs: null } });
  await seen.mark([], 4);
  expect(await readRelayState(redis.client, keys)).toMatchObject({
    lastPollAtMs: 4,
    gaps: 2,
    lastGap: { foundAtMs: 3, fromMs: 30, toMs: null },
  });
});

test('open gaps are read in order, and too many become fewer that are longer', async () => {
  const seen = memory();
  await seen.mark([], 3_000, { gap: { fromMs: 1_000, toMs: 2_000 } });
  await seen.mark([], 4_000, { gap: { fromMs: null, toMs: null } });
  expect(await readOpenGaps(redis.client, keys.gaps)).toMatchObject([
    { fromMs: 1_000, toMs: 2_000, foundAtMs: 3_000 },
    { fromMs: null, toMs: null, foundAtMs: 4_000 },
  ]);
  await redis.client.del(keys.gaps);

  const startMs = Date.UTC(2026, 0, 1);
  for (let index = 0; index < 200; index++) {
    const fromMs = startMs + index * 60_000;
    await seen.mark([], fromMs + 40_000, { gap: { fromMs, toMs: fromMs + 30_000 } });
  }
  const open = await readOpenGaps(redis.client, keys.gaps);
  expect(open).toHaveLength(50);
  expect(open[0]).toMatchObject({ fromMs: startMs, toMs: startMs + 150 * 60_000 + 30_000 });
  expect(open.at(-1)).toMatchObject({ fromMs: startMs + 199 * 60_000 });
});

test('reading what is seen remembers nothing', async () => {
  const seen = memory();
  const window = windowOf(0, 3);
  expect(await readSeen({ redis: redis.client, keys }, window)).toEqual({
    firstWindow: true,
    seenIndexes: [],
  });
  await seen.mark(window.slice(1, 2), 1);
  const before = await redis.client.dbsize();
  expect(await readSeen({ redis: redis.client, keys }, window)).toEqual({
    firstWindow: false,
    seenIndexes: [1],
    dedupeBy: 'mention',
  });
  expect(await redis.client.dbsize()).toBe(before);
});

test('state that vanished during the poll is not created again by its mark', async () => {
  const seen = memory();
  await seen.mark([], 1);
  await redis.client.flushall();
  const marking = seen.mark([mention(1)], 2, { firstWindow: false });
  await expect(marking).rejects.toThrow(StateVanishedError);
  expect(await redis.client.dbsize()).toBe(0);
  expect(await seen.unseen([mention(1)])).toMatchObject({ firstWindow: true, unseenIndexes: [0] });
});

test('state that a newer release has migrated is refused', async () => {
  const seen = memory();
  await seen.mark([mention(1)], 1);
  await redis.client.hset(keys.state, 'version', STATE_VERSION + 1);
  await expect(seen.unseen([mention(1)])).rejects.toThrow(StateVersionError);
});

test('links that change at each poll make no mention new, and no gap', async () => {
  const seen = memory();
  const hosts = ['https://facebook.com', 'https://www.facebook.com', 'http://m.facebook.com', ''];
  const windows = hosts.map((host, poll) =>
    windowOf(0, 100).map(({ raw, link }) => {
      const changed = `${link.replace('https://facebook.com', host)}/?__cft__[0]=AZ${poll}`;
      return mention(Number(String(raw['id']).slice(5)), { link: changed });
    }),
  );
  expect(await Promise.all(windows.slice(0, 1).map((window) => seen.poll(window)))).toEqual([
    windows[0],
  ]);
  for (const window of windows.slice(1)) expect(await seen.poll(window)).toEqual([]);
});

describe('the state of an older release', () => {
  const MOMENT = 1_699_459_500_000;
  const photo = (number: number, overrides: Record<string, unknown> = {}) =>
    mention(number, { link: `https://facebook.com/photo.php?fbid=${number}`, ...overrides });
  const CHANGED = { link: 'http://www.facebook.com/photo.php?fbid=1&__cft__[0]=AZ1' };

  /** Leaves what an older release leaves of mentions that it has seen or recovered, and migrates it. */
  async function migrated(seen: readonly Mention[], recovered: readonly Mention[] = []) {
    const old = [
      ...seen.flatMap((each) => [oldMentionKey(each, 'mention'), oldPermalinkKey(each, 'mention')]),
      ...recovered.map(oldRecoveredKey),
    ].map(String);
    if (old.length > 0) await redis.client.sadd(keys.seen.current, old);
    const state = { version: 3, generationAtMs: 1, newestSpottedAtMs: MOMENT - 1, markedAtMs: 5 };
    await redis.client.hset(keys.state, state);
    await migrateState(redis.client, keys.state);
  }

  test('has seen what it has seen, and knows it by its present key from then on', async () => {
    await migrated([photo(1), mention(3)]);
    const seen = memory();
    expect(await seen.unseen([mention(3), photo(2), photo(1)])).toMatchObject({
      unseenIndexes: [1],
      recoveredIndexes: [],
    });
    await seen.mark([], MOMENT, { firstWindow: false });
    expect(await seen.unseen([photo(1, CHANGED)])).toMatchObject({ unseenIndexes: [] });
    const permalinks = [photo(1), photo(2)].map((each) => [permalinkKey(each, 'mention')]);
    expect(await readKnown(redis.client, keys, permalinks)).toEqual([0]);
  });

  test('has seen mentions without a readable time, or with one in the future', async () => {
    const odd = [mention(1, { spotted: '' }), mention(2, { spotted: '4000000000' })];
    await migrated(odd);
    expect(await memory().unseen(odd)).toMatchObject({ unseenIndexes: [] });
  });

  test('has seen a mention that it knew by one of two links', async () => {
    await migrated([photo(1)]);
    expect(await memory().unseen([photo(1, CHANGED), photo(1)])).toMatchObject({
      unseenIndexes: [],
    });
  });

  test('has recovered what it has recovered', async () => {
    await migrated([], [photo(1)]);
    const seen = memory();
    expect(await seen.unseen([photo(2), photo(1)])).toMatchObject({
      unseenIndexes: [0],
      recoveredIndexes: [1],
    });
    await seen.mark([photo(1)], MOMENT, { firstWindow: false });
    expect(await seen.unseen([photo(1, CHANGED)])).toMatchObject({
      unseenIndexes: [],
      recoveredIndexes: [],
    });
  });

  test('gives all deliveries their old keys until a poll was marked, then those of its time', async () => {
    await migrated([]);
    const seen = memory();
    expect(await seen.unseen([])).toMatchObject({ oldKeysBeforeMs: Infinity });
    await seen.mark([], MOMENT, { firstWindow: false });
    const { oldKeysBeforeMs } = await seen.unseen([]);
    expect(oldKeysBeforeMs).toBe(Number(await redis.client.hget(keys.state, 'keysSinceMs')));
  });

  test('is forgotten when both generations are younger', async () => {
    await migrated([photo(1)]);
    const seen = memory({ generationSize: 200 });
    const moments = [];
    for (let from = 0; from < 1_200; from += 100) {
      await seen.poll(windowOf(from, from + 100));
      const kept = await redis.client.hexists(keys.state, 'keysSinceMs');
      moments.push(kept === 1);
      const [current, previous] = [keys.seen.current, keys.seen.previous];
      const old = oldMentionKey(photo(1), 'mention') ?? '';
      const holds = await Promise.all(
        [current, previous].map((key) => redis.client.sismember(key, old)),
      );
      if (!moments.at(-1)) expect(holds).toEqual([0, 0]);
    }
    expect(moments[0]).toBe(true);
    expect(moments.at(-1)).toBe(false);
    expect((await seen.unseen([])).oldKeysBeforeMs).toBeUndefined();
  });

  test('is read by commands before the migration and after it', async () => {
    await migrated([photo(1)]);
    const known = { redis: redis.client, keys };
    const window = [photo(2), photo(1)];
    expect(await readSeen(known, window)).toMatchObject({
      seenIndexes: [1],
      oldKeysBeforeMs: Number(await redis.client.hget(keys.state, 'keysSinceMs')),
    });
    await redis.client.hset(keys.state, 'version', 3);
    await redis.client.hdel(keys.state, 'keysSinceMs');
    expect(await readSeen(known, window)).toMatchObject({
      seenIndexes: [1],
      oldKeysBeforeMs: Infinity,
    });
  });

  test('that never was costs nothing: no key is asked for', async () => {
    const seen = memory();
    await seen.poll([mention(1)]);
    await redis.client.sadd(keys.seen.current, oldMentionKey(mention(2), 'mention') ?? '');
    const found = await seen.unseen([mention(2)]);
    expect(found.unseenIndexes).toEqual([0]);
    expect(found).not.toHaveProperty('oldKeysBeforeMs');
  });
});

describe('a recovered mention', () => {
  const recovered = (given: Mention) =>
    redis.client.sadd(keys.seen.current, recoveredKey(given) ?? '');

  test('is not new, and known as recovered until it is marked', async () => {
    const seen = memory();
    await seen.poll([]);
    await recovered(mention(1));
    expect(await seen.unseen([mention(2), mention(1)])).toMatchObject({
      unseenIndexes: [0],
      recoveredIndexes: [1],
    });
    await seen.mark([mention(1)], 2);
    expect(await seen.unseen([mention(2), mention(1)])).toMatchObject({
      unseenIndexes: [0],
      recoveredIndexes: [],
    });
  });

  test.each<[string, Partial<Record<string, string>>]>([
    ['a later comment on the same post', { position: 'comment', spotted: '1800000000' }],
    ['another keyword in the same post', { keyword: 'erp' }],
  ])('is not %s, even if every post counts once: another webhook may want it', async (_, other) => {
    await memory().poll([]);
    await recovered(mention(1));
    for (const dedupeBy of ['mention', 'post'] as const) {
      const seen = memory({ dedupeBy });
      expect(await seen.unseen([mention(1, other)])).toMatchObject({ unseenIndexes: [0] });
      expect(await seen.unseen([mention(1)])).toMatchObject({ recoveredIndexes: [0] });
    }
  });

  test('is read as seen', async () => {
    await memory().poll([mention(1)]);
    await recovered(mention(2));
    const known = { redis: redis.client, keys };
    expect(await readSeen(known, windowOf(0, 4))).toMatchObject({ seenIndexes: [1, 2] });
  });
});

test('a mention is known by its permalink for as long as by its own key', async () => {
  const seen = memory({ generationSize: 200 });
  const quiet = mention(1);
  await seen.poll([quiet]);
  for (let from = 1_000; from < 9_000; from += 99) {
    await seen.poll([...windowOf(from, from + 99), quiet]);
  }
  const permalinks = [quiet, mention(2)].map((each) => [permalinkKey(each, 'mention')]);
  expect(await readKnown(redis.client, keys, permalinks)).toEqual([0]);
});

test('the time since the last poll is measured by the clock of Redis', async () => {
  const seen = memory();
  expect((await seen.unseen([])).sinceLastMs).toBeNull();
  // The clock of the replica does not matter.
  await seen.mark([], 1);
  const [seconds = 0] = await redis.client.time();
  await redis.client.hset(keys.state, 'markedAtMs', (seconds - 60) * 1_000);
  const { sinceLastMs } = await seen.unseen([]);
  expect(sinceLastMs).toBeGreaterThanOrEqual(60_000);
  expect(sinceLastMs).toBeLessThan(90_000);
});

describe('the time since which everything is remembered', () => {
  const rememberedFromMs = async () =>
    Number(await redis.client.hget(keys.state, 'rememberedFromMs'));

  test('is that of the newest mention of the first window, or of an empty first window', async () => {
    await memory().mark([], 5_000, { newestSpottedAtMs: 4_000 });
    await memory().mark([], 9_000, { newestSpottedAtMs: 8_000 });
    expect(await rememberedFromMs()).toBe(4_000);
    await redis.client.flushall();
    await memory().mark([], 5_000);
    expect(await rememberedFromMs()).toBe(5_000);
  });

  test('is the beginning of the older generation after a change', async () => {
    const seen = memory({ generationSize: 200 });
    await seen.poll([]);
    const generationAtMs = async () =>
      Number(await redis.client.hget(keys.state, 'generationAtMs'));
    for (let from = 0; from < 1_000; from += 100) {
      const began = await generationAtMs();
      const before = await rememberedFromMs();
      await seen.poll(windowOf(from, from + 100));
      const changed = (await redis.client.exists(keys.seen.current)) === 0;
      expect(await rememberedFromMs()).toBe(changed ? began : before);
    }
    expect(await redis.client.exists(keys.seen.previous)).toBe(1);
  });

  test('does not lie in the future, where a wrong clock wrote it', async () => {
    const seen = memory({ generationSize: 200 });
    await seen.poll([]);
    await redis.client.hset(keys.state, 'generationAtMs', Date.now() + 86_400_000);
    for (let from = 0; from < 500; from += 100) {
      await seen.poll(windowOf(from, from + 100));
      expect(await rememberedFromMs()).toBeLessThanOrEqual(Date.now());
    }
    expect(await redis.client.exists(keys.seen.previous)).toBe(1);
  });

  test('starts again with another DEDUPE_BY', async () => {
    await memory().mark([], 5_000, { newestSpottedAtMs: 4_000 });
    await memory({ dedupeBy: 'post' }).mark([], 9_000, { newestSpottedAtMs: 8_000 });
    expect(await rememberedFromMs()).toBe(8_000);
  });
});
