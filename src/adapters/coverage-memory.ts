import { z } from 'zod';
import type { CoverageMemory } from '../pipeline/coverage-watch.ts';
import type { RedisClient } from './redis-client.ts';
import type { RedisKeys } from './redis-keys.ts';

const keptSchema = z.array(
  z.tuple([z.string(), z.object({ tracked: z.boolean(), status: z.string() })]),
);

/** The groups as they were last looked at, in Redis. */
export function createCoverageMemory(redis: RedisClient, keys: RedisKeys): CoverageMemory {
  return {
    async last() {
      const kept = await redis.get(keys.groups);
      return kept === null ? null : new Map(keptSchema.parse(JSON.parse(kept)));
    },
    async remember(groups) {
      await redis.set(keys.groups, JSON.stringify([...groups]));
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
