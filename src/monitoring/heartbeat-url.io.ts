import got, { RequestError } from 'got';
import type { EventLog } from '../domain/event-log.ts';
import { claimPeriod, type RedisClient } from '../redis/redis-client.ts';

/** Requests HEARTBEAT_URL, so that an outside service notices when polls no longer succeed. */
export interface Heartbeat {
  /** Returns immediately and never throws. */
  readonly pollSucceeded: () => void;
  /** Aborts a ping that is under way. */
  readonly close: () => void;
}

const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 10_000;

/**
 * Requests `url` by GET after a successful poll, at most once per minute over all replicas: the
 * first to set `key` in Redis sends the request. Follows redirects; any 2xx is a success. Logs the
 * first failure of an outage and the first success after it, without the URL.
 */
export function createHeartbeat(options: {
  readonly url: URL;
  readonly redis: RedisClient;
  readonly key: string;
  readonly userAgent: string;
  readonly log: EventLog;
  /** Receives errors of Redis. */
  readonly onError: (error: unknown) => void;
}): Heartbeat {
  const { url, redis, key, userAgent, log, onError } = options;
  const closing = new AbortController();
  let failing = false;

  /** Returns why the request failed; null if it succeeded. */
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
      // Only the status counts: leaving the loop ends the connection.
      for await (const _ of stream as AsyncIterable<unknown>) break;
    } catch (error) {
      // got's errors contain the URL, so only their code is passed on.
      code = error instanceof RequestError ? error.code : 'UNKNOWN';
    }
    const status = stream.response?.statusCode;
    if (status === undefined) return code;
    return status >= 200 && status < 300 ? null : `status ${status}`;
  }

  async function pingOnce(): Promise<void> {
    if (closing.signal.aborted) return;
    if (!(await claimPeriod(redis, key, INTERVAL_MS))) return;
    const reason = await ping();
    if (closing.signal.aborted) return;
    if (reason !== null && !failing) {
      log.warn('heartbeat.failed', { reason }, 'HEARTBEAT_URL request failed; polling continues');
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
