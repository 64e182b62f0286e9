import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { redisKeys } from '../../src/adapters/redis-keys.ts';
import { readRelayState } from '../../src/adapters/relay-state.ts';
import { createSeenMentions, readSeen } from '../../src/adapters/seen-mentions.ts';
import { STATE_VERSION, StateVersionError } from '../../src/adapters/state-version.ts';
import { mentionKey, type Mention } from '../../src/domain/mention.ts';
import type { Polled } from '../../src/pipeline/poll.ts';
import { mention, windowOf } from '../helpers/mentions.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

const keysOf = (window: readonly Mention[]) => window.map((each) => mentionKey(each, 'mention'));

function memory(options: { generationSize?: number } = {}) {
  const seen = createSeenMentions({
    redis: redis.client,
    keys,
    generationSize: options.generationSize ?? 200,
  });
  const unseen = (window: readonly Mention[]) => seen.unseen(keysOf(window));
  return {
    unseen,
    mark: (marked: readonly Mention[], polledAtMs: number, polled: Partial<Polled> = {}) =>
      seen.mark(keysOf(marked), { polledAtMs, newestSpottedAtMs: null, gap: null, ...polled }),
    /** A whole poll: the mentions of the window that are new, marked as seen. */
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

test('asking remembers nothing: a poll that dies before it marks is repeated whole', async () => {
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

test('a window that stays the same for thousands of polls is never news again', async () => {
  const seen = memory({ generationSize: 200 });
  const window = windowOf(0, 100);
  expect(await seen.poll(window)).toHaveLength(100);
  for (let poll = 0; poll < 3_000; poll++) {
    const { unseenIndexes } = await seen.unseen(window);
    expect(unseenIndexes).toEqual([]);
  }
  expect(await remembered()).toBe(100);
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

test('old mentions that slide back when newer ones are deleted are not news', async () => {
  const seen = memory({ generationSize: 1_000 });
  for (let from = 0; from <= 900; from += 50) await seen.poll(windowOf(from, from + 100));
  // The newest 900 posts go: what was in the window first is in it again.
  expect(await seen.poll(windowOf(0, 100))).toEqual([]);
});

test('at least a generation beyond the window is remembered, and at most two', async () => {
  const seen = memory({ generationSize: 500 });
  for (let from = 0; from < 5_000; from += 20) {
    await seen.poll(windowOf(from, from + 100));
    expect(await remembered()).toBeLessThan(2 * 500 + 200);
  }
  // The window shows 4980 to 5080; the 500 before it are still known.
  expect(await seen.poll(windowOf(4_480, 4_580))).toEqual([]);
});

test('a window far larger than documented is handled whole', async () => {
  const seen = memory({ generationSize: 20_000 });
  const window = windowOf(0, 12_000);
  expect(await seen.poll(window)).toHaveLength(12_000);
  expect(await seen.poll(window)).toEqual([]);
});

test('two replicas that ask at the same moment both get the new ones; job ids keep them apart', async () => {
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

test('gaps are counted, and the last one is known by its times', async () => {
  const seen = memory();
  await seen.mark([], 1);
  expect(await readRelayState(redis.client, keys)).toEqual({
    lastPollAtMs: 1,
    gaps: 0,
    lastGap: null,
  });
  await seen.mark([], 2, { gap: { fromMs: 10, toMs: 20 } });
  await seen.mark([], 3, { gap: { fromMs: 30, toMs: null } });
  await seen.mark([], 4);
  expect(await readRelayState(redis.client, keys)).toEqual({
    lastPollAtMs: 4,
    gaps: 2,
    lastGap: { foundAtMs: 3, fromMs: 30, toMs: null },
  });
});

test('a look at what is seen names it, and remembers nothing', async () => {
  const seen = memory();
  const window = windowOf(0, 3);
  expect(await readSeen(redis.client, keys, keysOf(window))).toEqual({
    firstWindow: true,
    seenIndexes: [],
  });
  await seen.mark(window.slice(1, 2), 1);
  const before = await redis.client.dbsize();
  expect(await readSeen(redis.client, keys, keysOf(window))).toEqual({
    firstWindow: false,
    seenIndexes: [1],
  });
  expect(await redis.client.dbsize()).toBe(before);
});

test('state that a newer release has taken over meanwhile is not read any more', async () => {
  const seen = memory();
  await seen.mark([mention(1)], 1);
  await redis.client.hset(keys.state, 'version', STATE_VERSION + 1);
  await expect(seen.unseen([mention(1)])).rejects.toThrow(StateVersionError);
});
