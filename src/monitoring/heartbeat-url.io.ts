import got, { RequestError } from 'got';
import type { EventLog } from '../domain/event-log.ts';
import type { RedisClient } from '../redis/redis-client.ts';

/** Tells a service outside that polls succeed, so that it can tell people when they no longer do. */
export interface DeadManPing {
  /** Returns at once and never throws. */
  readonly pollSucceeded: () => void;
  /** Breaks off a ping that is under way. */
  readonly close: () => void;
}

const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 10_000;

/**
 * Asks `url` by GET when a poll has succeeded: once a minute at most over all replicas, of which
 * the first to take `key` in Redis is the one that asks. Redirects are followed; any 2xx is a
 * success. A ping that fails is told once, and so is the first that succeeds again; the next one
 * follows a minute later. What is told holds nothing of the URL.
 */
export function createDeadManPing(options: {
  readonly url: URL;
  readonly redis: RedisClient;
  readonly key: string;
  readonly userAgent: string;
  readonly log: EventLog;
  /** Told when Redis refuses. */
  readonly onError: (error: unknown) => void;
}): DeadManPing {
  const { url, redis, key, userAgent, log, onError } = options;
  const closing = new AbortController();
  let failing = false;

  /** Why it failed; null if it did not. */
  async function ping(): Promise<string | null> {
    const stream = got.stream.get(url, {
      headers: { 'user-agent': userAgent },
      retry: { limit: 0 },
      throwHttpErrors: false,
      decompress: false,
      timeout: { request: TIMEOUT_MS },
      signal: closing.signal,
    });
    let code = 'NO_ANSWER';
    try {
      // The status is all that counts: leaving the loop ends the connection.
      for await (const _ of stream as AsyncIterable<unknown>) break;
    } catch (error) {
      // got's errors carry the URL: only the code goes on.
      code = error instanceof RequestError ? error.code : 'UNKNOWN';
    }
    const status = stream.response?.statusCode;
    if (status === undefined) return code;
    return status >= 200 && status < 300 ? null : `status ${status}`;
  }

  async function pingOnce(): Promise<void> {
    if (closing.signal.aborted) return;
    if ((await redis.set(key, '1', 'PX', INTERVAL_MS, 'NX')) === null) return;
    const reason = await ping();
    if (closing.signal.aborted) return;
    if (reason !== null && !failing) {
      log.warn('heartbeat.failed', { reason }, 'HEARTBEAT_URL could not be asked: polls go on');
    }
    if (reason === null && failing) {
      log.info('heartbeat.recovered', {}, 'HEARTBEAT_URL answers again');
    }
    failing = reason !== null;
  }

  return {
    pollSucceeded: () => void pingOnce().catch(onError),
    close: () => closing.abort(),
  };
}
