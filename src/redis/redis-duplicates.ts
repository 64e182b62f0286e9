import { Cluster } from 'ioredis';
import { guardDatabase } from './redis-checks.ts';
import type { RedisClient } from './redis-client.ts';

const BLOCKING_REDIRECTIONS = 16;

/**
 * Prepares the connections that BullMQ duplicates from this one, for commands that block. They connect
 * at once: BullMQ gives up on a connection that it has to open itself and that fails just then. In a
 * Cluster, a blocking command is not redirected without end: after a few seconds without an answer
 * BullMQ opens the connection again, and the two commands would meet. All end with this one.
 */
export function prepareDuplicates(redis: RedisClient): void {
  const open = new Set<RedisClient>();
  redis.on('end', () => open.forEach(endConnection));
  const kept = <Client extends RedisClient>(duplicate: Client): Client => {
    open.add(duplicate);
    duplicate.on('end', () => open.delete(duplicate));
    return duplicate;
  };
  if (redis instanceof Cluster) {
    const duplicate = redis.duplicate.bind(redis);
    redis.duplicate = (nodes, overrides) =>
      kept(
        duplicate(nodes, {
          ...overrides,
          lazyConnect: false,
          maxRedirections: BLOCKING_REDIRECTIONS,
        }),
      );
  } else {
    const duplicate = redis.duplicate.bind(redis);
    redis.duplicate = (overrides) => {
      const made = duplicate({ ...overrides, lazyConnect: false });
      guardDatabase(made);
      return kept(made);
    };
  }
}

/**
 * Ends a connection and its duplicates: commands that wait for the return of Redis fail. ioredis alone
 * leaves them waiting between two attempts to connect, so that another attempt is begun and ended.
 */
export function endConnection(redis: RedisClient): void {
  const paused = redis.status === 'reconnecting';
  redis.disconnect();
  if (!paused) return;
  redis.connect().then(
    () => redis.disconnect(),
    () => undefined,
  );
  if (!redis.isCluster) redis.disconnect();
}
