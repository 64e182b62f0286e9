import { z } from 'zod';
import type { CoverageMemory } from './coverage.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';

const keptSchema = z.object({
  groups: z.array(z.tuple([z.string(), z.object({ tracked: z.boolean(), status: z.string() })])),
  emptyOnce: z.boolean(),
});

/** The groups as they were last looked at, in Redis. */
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

/** Whether a look is due: true once in `intervalMs`, over all replicas. */
export async function claimLook(
  redis: RedisClient,
  keys: RedisKeys,
  intervalMs: number,
): Promise<boolean> {
  return (await redis.set(keys.coverage, '1', 'PX', intervalMs, 'NX')) === 'OK';
}
