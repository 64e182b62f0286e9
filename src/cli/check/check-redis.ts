import type { Config } from '../../config/env.ts';
import { checkRedis, RedisUnfitError } from '../../redis/redis-checks.ts';
import type { RedisClient } from '../../redis/redis-client.ts';
import { redisKeys } from '../../redis/redis-keys.ts';
import { expectUsableVersion, StateVersionError } from '../../state/state-version.io.ts';
import { findingsAbout, type Finding } from './finding.ts';

const { ok, warning, problem } = findingsAbout('Redis');

/** What is wrong with a Redis that answers. Throws what it answers with if it then does not. */
export async function checkRelayRedis(config: Config, redis: RedisClient): Promise<Finding[]> {
  const where = config.redis.kind === 'embedded' ? 'the embedded Redis' : 'the Redis of REDIS_URL';
  try {
    const unsafe = await checkRedis(redis);
    const { state } = redisKeys(config.redisPrefix);
    const status = expectUsableVersion(await redis.hget(state, 'version'));
    return [
      ok('answers', `${where} answers`),
      ...(status === 'older'
        ? [
            ok(
              'older_state',
              'its state is of an older release: a relay brings it up to date when it starts',
            ),
          ]
        : []),
      ...unsafe.map(({ reason, message, command }) =>
        warning(
          reason,
          message.replace(/: mend it.*/, ''),
          `run ${command}, and put it into redis.conf`,
        ),
      ),
    ];
  } catch (error) {
    if (error instanceof RedisUnfitError) {
      return [problem('too_old', error.explanation.what, error.explanation.todo)];
    }
    if (error instanceof StateVersionError) {
      return [problem('state_version', error.explanation.what, error.explanation.todo)];
    }
    throw error;
  }
}
