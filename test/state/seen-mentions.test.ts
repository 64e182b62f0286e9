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
import { STATE_VERSION, StateVersionError } from '../../src/state/state-version.io.ts';
import type { DedupeBy, Mention } from '../../src/domain/mention.ts';
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

test('five spellings of one post are five mentions, and repeats of each are none', async () => {
  const seen = memory();
  const spellings = [
    mention(1),
    mention(1, { keyword: 'software' }),
    mention(1, { position: 'comment' }),
    mention(1, { link: 'https://facebook.com/groups/1/permalink/2' }),
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
