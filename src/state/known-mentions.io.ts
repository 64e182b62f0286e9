import { mentionKey, type Mention } from '../domain/mention.ts';
import { recoveredKey } from '../domain/permalink.ts';
import { luaScript, type RedisClient, LUA_GENERATIONAL_SET } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';

/** Read-only: nothing is remembered anew. */
const KNOWN = `
${LUA_GENERATIONAL_SET}
local known = {}
for i = 1, #ARGV, 2 do
  for j = i, i + 1 do
    if ARGV[j] ~= '' and contains(KEYS[1], KEYS[2], ARGV[j]) then
      known[#known + 1] = (i - 1) / 2
      break
    end
  end
end
return known
`;

/**
 * Which of a window's mentions were handled before: seen, or recovered. As indexes. Nothing is
 * remembered by asking.
 */
export async function readSeen(
  memory: { readonly redis: RedisClient; readonly keys: RedisKeys },
  window: readonly Mention[],
): Promise<{ readonly firstWindow: boolean; readonly seenIndexes: readonly number[] }> {
  const { redis, keys } = memory;
  const alternatives = window.map((mention) => [
    mentionKey(mention, 'mention'),
    recoveredKey(mention),
  ]);
  const [seenIndexes, began] = await Promise.all([
    readKnown(redis, keys, alternatives),
    redis.hexists(keys.state, 'version'),
  ]);
  return { firstWindow: began === 0, seenIndexes };
}

/** Of which items the seen set holds one of the two keys, as indexes. */
export async function readKnown(
  redis: RedisClient,
  { seen: { current, previous } }: RedisKeys,
  alternatives: readonly (readonly (string | null)[])[],
): Promise<readonly number[]> {
  const pairs = alternatives.flatMap(([one, other]) => [one ?? '', other ?? '']);
  return (await luaScript(redis, KNOWN)([current, previous], pairs)) as number[];
}
