import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readOpenGaps } from '../../src/state/open-gaps.io.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { createSeenMentions } from '../../src/state/seen-mentions.io.ts';
import type { Gap } from '../../src/state/gap.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

/** A poll that found a gap. */
async function found(gap: Gap, polledAtMs: number): Promise<void> {
  const seen = createSeenMentions({
    redis: redis.client,
    keys,
    generationSize: 200,
    dedupeBy: 'mention',
  });
  await seen.mark([], { polledAtMs, newestSpottedAtMs: null, gap, firstWindow: true });
}

test('gaps are read in the order in which they were found', async () => {
  await found({ fromMs: 1_000, toMs: 2_000 }, 3_000);
  await found({ fromMs: null, toMs: null }, 4_000);
  expect(await readOpenGaps(redis.client, keys.gaps)).toMatchObject([
    { fromMs: 1_000, toMs: 2_000, foundAtMs: 3_000 },
    { fromMs: null, toMs: null, foundAtMs: 4_000 },
  ]);
});

test('gaps without end are kept as fewer that are longer: none is forgotten', async () => {
  const startMs = Date.UTC(2026, 0, 1);
  for (let index = 0; index < 200; index++) {
    const fromMs = startMs + index * 60_000;
    await found({ fromMs, toMs: fromMs + 30_000 }, fromMs + 40_000);
  }
  const open = await readOpenGaps(redis.client, keys.gaps);
  expect(open).toHaveLength(50);
  expect(open[0]).toMatchObject({ fromMs: startMs, toMs: startMs + 150 * 60_000 + 30_000 });
  expect(open.at(-1)).toMatchObject({ fromMs: startMs + 199 * 60_000 });
});
