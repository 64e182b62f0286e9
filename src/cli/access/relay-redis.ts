import { join } from 'node:path';
import type { Config } from '../../config/env.ts';
import { borrowEmbeddedRedis } from '../../redis/borrowed-redis.ts';
import { errorCode, adviceOn, redisFailure } from '../../redis/redis-errors.ts';
import { redisKeys } from '../../redis/redis-keys.ts';
import type { RedisClient } from '../../redis/redis-client.ts';
import { connectRedisOnce } from '../../redis/connect-redis.ts';
import { inSentences, ExplainedError, type Explanation } from '../../domain/explanation.ts';
import { onStopSignals } from '../terminal/stop-signals.ts';
import { expectUsableVersion } from '../../state/state-version.io.ts';

/** A connection that lasts as long as a command. */
export interface CommandRedis {
  readonly redis: RedisClient;
  close(): Promise<void>;
}

/**
 * Asks the Redis of the relay with this configuration. If Redis refuses or does not answer, prints
 * on stderr what to do, sets the exit status to 1 and returns undefined. Throws all other errors.
 */
export async function askRelayRedis<T>(
  config: Config,
  ask: (redis: RedisClient) => Promise<T>,
  open: (config: Config) => Promise<CommandRedis> = openRunningRedis,
): Promise<T | undefined> {
  let opened: CommandRedis | undefined;
  try {
    opened = await open(config);
    const { state } = redisKeys(config.redisPrefix);
    expectUsableVersion(await opened.redis.hget(state, 'version'));
    return await ask(opened.redis);
  } catch (error) {
    const explained = explainRedisError(config, error);
    if (explained === null) throw error;
    process.exitCode = 1;
    process.stderr.write(`${inSentences(explained)}\n`);
    return undefined;
  } finally {
    await opened?.close();
  }
}

/** Connects to the Redis of a running relay. Throws what connecting throws. */
export async function openRunningRedis({ redis }: Config): Promise<CommandRedis> {
  return connected(
    redis.kind === 'external' ? redis : { socketPath: join(redis.dataDir, 'redis.sock') },
  );
}

/**
 * Does the same, but starts an embedded Redis temporarily if none runs. A signal that ends the
 * command ends that Redis first. Throws what connecting throws, or EmbeddedRedisError.
 */
export async function openRedis(config: Config): Promise<CommandRedis> {
  if (config.redis.kind === 'external') return openRunningRedis(config);
  const opening = openBorrowed(config.redis.dataDir);
  const ignoreSignals = onStopSignals(
    (signal) => {
      // Only then does the signal have its usual effect.
      const end = (): void => {
        ignoreSignals();
        process.kill(process.pid, signal);
      };
      void opening.then(async (opened) => opened.close()).then(end, end);
    },
    () => process.exit(1),
  );
  try {
    const opened = await opening;
    return {
      redis: opened.redis,
      async close() {
        await opened.close();
        ignoreSignals();
      },
    };
  } catch (error) {
    ignoreSignals();
    throw error;
  }
}

async function openBorrowed(dataDir: string): Promise<CommandRedis> {
  const borrowed = await borrowEmbeddedRedis(dataDir);
  try {
    const connection = await connected(borrowed);
    return {
      redis: connection.redis,
      async close() {
        await connection.close();
        await borrowed.giveBack();
      },
    };
  } catch (error) {
    await borrowed.giveBack();
    throw error;
  }
}

/** Explains an error of Redis; null if the error is of another kind. */
export function explainRedisError({ redis }: Config, error: unknown): Explanation | null {
  if (error instanceof ExplainedError) return error.explanation;
  switch (redisFailure(error)) {
    case 'refuses':
      return (
        adviceOn(error) ?? {
          what: `Redis refuses the command (${errorCode(error as Error)})`,
          todo: 'see its own log for more',
        }
      );
    case 'unreachable':
      if ((error as Error).message.startsWith('Command timed out')) {
        return {
          what: 'Redis accepts connections but does not answer: it hangs or is overloaded',
          todo:
            redis.kind === 'embedded'
              ? `check the redis-server of DATA_DIR ${redis.dataDir}: see redis.log there, and ps`
              : 'check its machine and its own log',
        };
      }
      return {
        what: `Redis does not answer (${errorCode(error as Error)})`,
        todo:
          redis.kind === 'embedded'
            ? `check that a relay is running with DATA_DIR ${redis.dataDir}`
            : 'check REDIS_URL, and that Redis runs',
      };
    case null:
      return null;
  }
}

async function connected(target: Parameters<typeof connectRedisOnce>[0]): Promise<CommandRedis> {
  const redis = await connectRedisOnce(target);
  return {
    redis,
    // Closes the connection properly, so that a later count of connections does not include it.
    close: async () => void (await redis.quit().catch(() => redis.disconnect())),
  };
}
