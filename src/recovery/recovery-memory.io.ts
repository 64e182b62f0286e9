import type { DedupeBy } from '../domain/mention.ts';
import { permalinkKey, recoveredKey, type Sighting } from '../domain/permalink.ts';
import type { RecoveryMemory } from './sweep.ts';
import { luaScript, type RedisClient } from '../redis/redis-client.ts';
import { readOpenGaps, type KeptGap } from '../state/open-gaps.io.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import { readKnown } from '../state/known-mentions.io.ts';

// No change of generations, which the next poll makes: a sweep must not push out what it has still
// to ask for.
const MARK = `
for i = 1, #ARGV do redis.call('SADD', KEYS[1], ARGV[i]) end
return 1
`;

const CONCLUDE = `
local gaps, state = unpack(KEYS)
local recovered, fields = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('HINCRBY', state, 'recovered', recovered)
for i = 3, 2 + fields, 2 do redis.call('HSET', state, ARGV[i], ARGV[i + 1]) end
for i = 3 + fields, #ARGV do redis.call('LREM', gaps, 1, ARGV[i]) end
return 1
`;

/** What recovery remembers in Redis: in the seen set, and beside it. */
export function createRecoveryMemory(options: {
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly dedupeBy: DedupeBy;
}): RecoveryMemory<KeptGap> {
  const { redis, keys, dedupeBy } = options;
  const mark = luaScript(redis, MARK);
  const conclude = luaScript(redis, CONCLUDE);
  return {
    openGaps: () => readOpenGaps(redis, keys.gaps),
    async rememberedFromMs() {
      const remembered = await redis.hget(keys.state, 'rememberedFromMs');
      return remembered === null ? Infinity : Number(remembered);
    },
    async judge(posts) {
      const ask = (keyOf: (post: Sighting) => string | null): Promise<readonly number[]> =>
        readKnown(
          redis,
          keys,
          posts.map((post) => [keyOf(post)]),
        );
      const [seen, recovered] = await Promise.all([
        ask((post) => permalinkKey(post, dedupeBy)),
        ask(recoveredKey),
      ]);
      const [isSeen, isRecovered] = [new Set(seen), new Set(recovered)];
      return posts.map((_, index) => {
        if (isRecovered.has(index)) return 'recovered';
        return isSeen.has(index) ? 'seen' : 'missed';
      });
    },
    async markRecovered(posts) {
      const found = posts.flatMap((post) => recoveredKey(post) ?? []);
      if (found.length > 0) await mark([keys.seen.current], found);
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

/** Null if one of them is: then the beginning of all is not known. */
function earliest(times: readonly (number | null)[]): number | null {
  return times.includes(null) ? null : Math.min(...times.map(Number));
}

function latest(times: readonly (number | null)[]): number | null {
  return times.includes(null) ? null : Math.max(...times.map(Number));
}
