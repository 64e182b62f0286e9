import { z } from 'zod';
import { keepsOldKey, oldPermalinkKey, oldRecoveredKey, type KeyRule } from '../domain/old-keys.ts';
import { permalinkKey, recoveredKey } from '../domain/permalink.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import { claimPeriod, luaScript, readLua, type RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import { readOpenGaps, type KeptGap } from '../state/relay-state.io.ts';
import { readKnown } from '../state/seen-mentions.io.ts';
import type { CoverageMemory } from './coverage.ts';
import type { RecoveryMemory } from './sweep.ts';

const CONCLUDE = readLua(new URL('./conclude-sweep.lua', import.meta.url));

/** Creates the memory of recovery in Redis: in the seen set, and beside it. */
export function createRecoveryMemory(
  options: { readonly redis: RedisClient; readonly keys: RedisKeys } & KeyRule,
): RecoveryMemory<KeptGap> {
  const { redis, keys, dedupeBy } = options;
  const conclude = luaScript(redis, CONCLUDE);
  return {
    openGaps: () => readOpenGaps(redis, keys.gaps),
    async rememberedFromMs() {
      const remembered = await redis.hget(keys.state, 'rememberedFromMs');
      return remembered === null ? Infinity : Number(remembered);
    },
    async judge(posts) {
      type KeyOf = (post: RecoveredMention) => string | null;
      const ask = (keyOf: KeyOf, oldKeyOf: KeyOf): Promise<readonly number[]> =>
        readKnown(
          redis,
          keys,
          posts.map((post) => [keyOf(post), keepsOldKey(post, options) ? oldKeyOf(post) : null]),
        );
      const [seen, recovered] = await Promise.all([
        ask(
          (post) => permalinkKey(post, dedupeBy),
          (post) => oldPermalinkKey(post, dedupeBy),
        ),
        ask(recoveredKey, oldRecoveredKey),
      ]);
      const [isSeen, isRecovered] = [new Set(seen), new Set(recovered)];
      return posts.map((_, index) => {
        if (isRecovered.has(index)) return 'recovered';
        return isSeen.has(index) ? 'seen' : 'missed';
      });
    },
    async markRecovered(posts) {
      const found = posts.flatMap((post) => recoveredKey(post) ?? []);
      // Leaves changes of the generations to the next poll: a sweep must not push out keys that it
      // still has to ask for.
      if (found.length > 0) await redis.sadd(keys.seen.current, found);
    },
    async conclude(closed, { sweptAtMs, recovered, unknown, undecidable, day }) {
      const fields = {
        ...(day && { sweptAtMs, sweptPosts: day.posts, sweptInTime: day.inTime }),
        ...((unknown.length > 0 || undecidable > 0) && {
          unknownAtMs: sweptAtMs,
          unknownPosts: undecidable,
          unknownGroups: new Set(unknown.map(({ groupId }) => groupId)).size,
          unknownFromMs:
            earliest((unknown.length > 0 ? unknown : closed).map(({ fromMs }) => fromMs)) ?? '',
          unknownToMs:
            latest((unknown.length > 0 ? unknown : closed).map(({ toMs }) => toMs)) ?? '',
        }),
      };
      const pairs = Object.entries(fields).flat();
      const gaps = closed.map(({ json }) => json);
      await conclude([keys.gaps, keys.state], [recovered, pairs.length, ...pairs, ...gaps]);
    },
  };
}

/** Returns the earliest time, or null if any time is unknown. */
function earliest(times: readonly (number | null)[]): number | null {
  return times.includes(null) ? null : Math.min(...times.map(Number));
}

function latest(times: readonly (number | null)[]): number | null {
  return times.includes(null) ? null : Math.max(...times.map(Number));
}

const keptSchema = z.object({
  groups: z.array(z.tuple([z.string(), z.object({ tracked: z.boolean(), status: z.string() })])),
  emptyOnce: z.boolean(),
});

/** Creates the memory of the account's groups in Redis. */
export function createCoverageMemory(redis: RedisClient, keys: RedisKeys): CoverageMemory {
  return {
    async last() {
      const kept = await redis.get(keys.groups);
      if (kept === null) return null;
      const { groups, emptyOnce } = keptSchema.parse(JSON.parse(kept));
      return { groups: new Map(groups), emptyOnce };
    },
    async remember({ groups, emptyOnce }) {
      await redis.set(keys.groups, JSON.stringify({ groups: [...groups], emptyOnce }));
    },
  };
}

/** Claims the next check of the coverage: true once per `intervalMs`, over all replicas. */
export async function claimCoverageCheck(
  redis: RedisClient,
  keys: RedisKeys,
  intervalMs: number,
): Promise<boolean> {
  return claimPeriod(redis, keys.coverage, intervalMs);
}
