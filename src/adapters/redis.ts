import { Redis } from 'ioredis';
import type { EventLog } from '../domain/events.ts';

/** Where Redis is: a URL, or the socket of the embedded server. */
export type RedisTarget = { readonly url: string } | { readonly socketPath: string };

// BullMQ's own default waits up to 20 s between tries; with this, polling goes on within about a
// second of Redis's return.
const LONGEST_RECONNECT_DELAY_MS = 1_000;
// ioredis waits for the other side to close, and a process that has stopped waits with it.
const DISCONNECT_TIMEOUT_MS = 100;

/**
 * A connection that is never given up: commands wait for Redis's return. Its loss and its return
 * are told once each. Not yet connected: the first command connects.
 */
export function connectRedis(target: RedisTarget, log: EventLog): Redis {
  const options = {
    lazyConnect: true,
    // BullMQ asks for this: a blocking command has no bound.
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(times * 50, LONGEST_RECONNECT_DELAY_MS),
    connectTimeout: 5_000,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  };
  const redis = open(target, options);

  let lost = false;
  redis.on('error', (error: Error) => {
    if (lost) return;
    lost = true;
    log.error('redis.lost', { reason: errorCode(error) }, 'Redis is away: waiting for its return');
  });
  redis.on('close', () => {
    if (lost || redis.status === 'end') return;
    lost = true;
    log.error(
      'redis.lost',
      { reason: 'connection closed' },
      'Redis is away: waiting for its return',
    );
  });
  redis.on('ready', () => {
    if (!lost) return;
    lost = false;
    log.info('redis.back', {}, 'Redis is back');
  });
  return redis;
}

/**
 * A connection for one short question: throws if Redis can't be reached at once, and is not
 * made again when it is lost.
 */
export async function connectRedisOnce(target: RedisTarget): Promise<Redis> {
  const redis = open(target, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => null,
    connectTimeout: 3_000,
    commandTimeout: 3_000,
  });
  let reason: Error | undefined;
  redis.on('error', (error: Error) => (reason ??= error));
  try {
    await redis.connect();
  } catch (error) {
    // The rejection says no more than that the connection is closed.
    throw reason ?? error;
  }
  return redis;
}

function open(target: RedisTarget, options: object): Redis {
  return 'url' in target
    ? new Redis(target.url, options)
    : new Redis({ ...options, path: target.socketPath });
}

/**
 * What may be told of a Redis error: its code, or the first word of Redis's own answer
 * (`NOAUTH`, `READONLY`, `OOM`...). Never its message: that can hold an address or arguments.
 */
export function errorCode(error: Error & { code?: unknown }): string {
  if (typeof error.code === 'string') return error.code;
  return /^[A-Z]{3,20}\b/.exec(error.message)?.[0] ?? error.name;
}
