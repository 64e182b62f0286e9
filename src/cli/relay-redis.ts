import { join } from 'node:path';
import type { Config } from '../../config/env.ts';
import { errorCode } from '../adapters/redis-error-code.ts';
import type { RedisClient } from '../adapters/redis-client.ts';
import { redisKeys } from '../adapters/redis-keys.ts';
import { connectRedisOnce, type RedisTarget } from '../adapters/redis.ts';
import { expectOwnVersion, StateVersionError } from '../adapters/state-version.ts';

/**
 * Asks the Redis of a relay of this configuration. If it does not answer, says so and what to
 * check on stderr, sets the exit status to 1 and returns undefined.
 */
export async function askRelayRedis<T>(
  config: Config,
  ask: (redis: RedisClient) => Promise<T>,
): Promise<T | undefined> {
  let redis: RedisClient | undefined;
  try {
    redis = await connectRedisOnce(targetOf(config));
    const { state } = redisKeys(config.redisPrefix);
    expectOwnVersion(await redis.hget(state, 'version'));
    return await ask(redis);
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof StateVersionError) {
      process.stderr.write(`mention-relay won't touch it: ${error.message}.\n`);
      return undefined;
    }
    process.stderr.write(
      `Redis does not answer (${errorCode(error as Error)}). ${
        config.redis.kind === 'embedded'
          ? `Is a relay running with DATA_DIR ${config.redis.dataDir}?`
          : 'Check REDIS_URL, and that Redis runs.'
      }\n`,
    );
    return undefined;
  } finally {
    redis?.disconnect();
  }
}

function targetOf({ redis }: Config): RedisTarget {
  return redis.kind === 'external'
    ? { url: redis.url }
    : { socketPath: join(redis.dataDir, 'redis.sock') };
}
