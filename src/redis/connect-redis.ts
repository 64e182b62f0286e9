import type { Writable } from 'node:stream';
import { Cluster, Redis } from 'ioredis';
import type { EventLog } from '../domain/event-log.ts';
import { parseRedisUrl, type RedisAddress } from '../config/addresses.ts';
import { findWrongPort } from './ask-port.ts';
import { guardDatabase } from './redis-checks.ts';
import type { RedisClient } from './redis-client.ts';
import { mistakeIn } from './redis-mistakes.ts';
import { prepareDuplicates } from './redis-duplicates.ts';
import { troubleOf } from './redis-errors.ts';
import { watchRedis } from './redis-watch.ts';

/** The place of a Redis: a URL (see parseRedisUrl), or the socket of the embedded server. */
export type RedisTarget = { readonly url: string } | { readonly socketPath: string };

// BullMQ's own default waits up to 20 s between tries; with this, polling goes on within about a
// second of Redis's return.
const MAX_RECONNECT_DELAY_MS = 1_000;
// ioredis waits for the other side to close, and a process that has stopped waits with it.
const DISCONNECT_TIMEOUT_MS = 100;
// A node may answer MOVED with its own address for a while: not at full speed.
const MOVED_DELAY_MS = 50;

interface Patience {
  readonly retryStrategy: (times: number) => number | null;
  readonly connectTimeout: number;
  readonly disconnectTimeout?: number;
  readonly commandTimeout?: number;
}

/**
 * Creates a connection that is never given up: commands wait for Redis's return. Its loss and its
 * return are logged once each: a connection that closed, and a Redis that accepts commands but does
 * not answer. Errors that Redis answers go to `reportError`. The first command connects.
 */
export function connectRedis(
  target: RedisTarget,
  options: {
    readonly log: EventLog;
    /** A key of the relay's: in a Cluster, the node that holds it counts. */
    readonly anyKey: string;
    readonly reportError: (error: unknown) => void;
    /** Returns true once the relay closes the connection. */
    readonly closing: () => boolean;
  },
): RedisClient {
  const redis = open(target, {
    retryStrategy: (times) => Math.min(times * 50, MAX_RECONNECT_DELAY_MS),
    connectTimeout: 5_000,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  });
  prepareDuplicates(redis);
  if (redis instanceof Redis) redis.on('connect', () => writeTogether(redis.stream));
  watchRedis(redis, { ...options, findMistake: () => mistakeAt(target) });
  return redis;
}

/**
 * Finds out what is wrong with the place of a Redis that can't be reached: RedisUnfitError if waiting
 * does not help, another error if it may, and null if nothing shows. Never throws.
 */
export async function mistakeAt(target: RedisTarget): Promise<Error | null> {
  return 'url' in target ? findWrongPort(addressOf(target.url)) : null;
}

/**
 * Opens a connection for one short question; a lost one is not opened again. Throws if Redis can't be
 * reached at once, and RedisUnfitError if REDIS_URL or the Redis itself is set up wrongly.
 */
export async function connectRedisOnce(target: RedisTarget): Promise<RedisClient> {
  const redis = open(target, {
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
    const cause = reason ?? (error as Error);
    throw mistakeIn(cause) ?? (await mistakeAt(target)) ?? cause;
  }
  return redis;
}

function open(target: RedisTarget, patience: Patience): RedisClient {
  const options = {
    ...patience,
    lazyConnect: true,
    // BullMQ asks for this: a blocking command has no bound.
    maxRetriesPerRequest: null,
  };
  if ('socketPath' in target) return new Redis({ ...options, path: target.socketPath });
  return openAddress(addressOf(target.url), options);
}

function addressOf(url: string): RedisAddress {
  const reading = parseRedisUrl(url);
  if (!reading.ok) throw new Error(`the URL of Redis ${reading.error}`);
  return reading.value;
}

function openAddress(
  address: RedisAddress,
  options: Patience & { readonly lazyConnect: boolean; readonly maxRetriesPerRequest: null },
): RedisClient {
  const { username, password } = address;
  const access = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(address.tls && { tls: {} }),
  };
  switch (address.kind) {
    case 'server':
      return guarded(
        new Redis({
          ...options,
          ...access,
          ...address.server,
          db: address.db,
          reconnectOnError: afterFailover(),
        }),
      );
    case 'sentinel':
      return guarded(
        new Redis({
          ...options,
          ...access,
          sentinels: [...address.sentinels],
          name: address.master,
          db: address.db,
          sentinelRetryStrategy: options.retryStrategy,
          ...(address.sentinelPassword !== undefined && {
            sentinelPassword: address.sentinelPassword,
          }),
          ...(address.tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
          // A master that became a replica while we were connected: the Sentinels know the new one.
          reconnectOnError: (error) => error.message.startsWith('READONLY'),
        }),
      );
    case 'cluster': {
      const { retryStrategy, lazyConnect, ...ofNodes } = options;
      return new Cluster([...address.nodes], {
        lazyConnect,
        clusterRetryStrategy: retryStrategy,
        // Where there is no hurry, commands wait for a node's return, as with a single Redis.
        ...(options.commandTimeout === undefined && { maxRedirections: Infinity }),
        retryDelayOnMoved: MOVED_DELAY_MS,
        // A node that is not ready says so by CLUSTERDOWN, and commands wait for it.
        enableReadyCheck: false,
        redisOptions: { ...ofNodes, ...access },
        // Certificates are made out for names: https://github.com/redis/ioredis#special-note-aws-elasticache-clusters-with-tls
        ...(address.tls && { dnsLookup: (host, found) => found(null, host) }),
      });
    }
  }
}

const FAILOVER_PAUSE_MS = 30_000;
const FAILOVER_TOGETHER_MS = 3_000;

/**
 * Creates the rule that decides whether an error reopens a connection. READONLY does: a server that has
 * become a replica may have lost its name to the new master (Amazon ElastiCache, a Service of
 * Kubernetes), and only a new connection finds it. Connections that meet it within 3 seconds of the
 * first are reopened; then none is until 30 seconds have passed.
 */
function afterFailover(): (error: Error) => boolean {
  let beganMs = -Infinity;
  return (error) => {
    if (troubleOf(error) !== 'READONLY') return false;
    const nowMs = performance.now();
    if (nowMs - beganMs > FAILOVER_PAUSE_MS) beganMs = nowMs;
    return nowMs - beganMs < FAILOVER_TOGETHER_MS;
  };
}

function guarded(redis: Redis): Redis {
  guardDatabase(redis);
  return redis;
}

/**
 * Corks the stream until the next tick, so that the writes of one tick leave in one system call.
 */
export function writeTogether(stream: Writable): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let held = false;
  stream.write = (...args: unknown[]) => {
    if (!held) {
      held = true;
      stream.cork();
      process.nextTick(() => {
        held = false;
        stream.uncork();
      });
    }
    return write(...args);
  };
}
