import got, { RequestError } from 'got';
import type { EventLog } from '../domain/event-log.ts';
import type { ProxySettings } from '../domain/proxy.ts';
import { createOutgoing } from '../network/outgoing.io.ts';
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
// Healthchecks answers 200 for a check that does not exist, or is over its rate
// (healthchecks.io/docs/http_api, "Response Codes"; github.com/bdd/runitor/issues/66).
const UNRECORDED = /^OK \((not found|rate limited)\)/;

/**
 * Requests `url` by GET after a successful poll, at most once per minute over all replicas: the
 * first to set `key` in Redis sends the request. Follows redirects; any 2xx is a success,
 * except Healthchecks' `OK (not found)`. Logs the
 * first failure of an outage and the first success after it, without the URL.
 */
export function createHeartbeat(options: {
  readonly url: URL;
  readonly redis: RedisClient;
  readonly key: string;
  readonly userAgent: string;
  readonly proxy?: ProxySettings | undefined;
  readonly log: EventLog;
  /** Receives errors of Redis. */
  readonly onError: (error: unknown) => void;
}): Heartbeat {
  const { url, redis, key, userAgent, log, onError } = options;
  const closing = new AbortController();
  const outgoing = createOutgoing({ proxy: options.proxy, timeoutMs: TIMEOUT_MS });
  let failing = false;

  /** Returns why the request failed; null if it succeeded. */
  async function ping(): Promise<string | null> {
    const stream = got.stream.get(url, {
      request: outgoing.request,
      headers: { 'user-agent': userAgent },
      retry: { limit: 0 },
      throwHttpErrors: false,
      decompress: false,
      timeout: { request: TIMEOUT_MS },
      signal: closing.signal,
    });
    let code = 'NO_ANSWER';
    let beginning = '';
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        beginning = chunk.toString('latin1');
        // Leaving the loop ends the connection.
        break;
      }
    } catch (error) {
      // got's errors contain the URL, so only their code is passed on.
      code = error instanceof RequestError ? error.code : 'UNKNOWN';
    }
    const status = stream.response?.statusCode;
    if (status === undefined) return code;
    const [, unrecorded] = UNRECORDED.exec(beginning) ?? [];
    if (unrecorded !== undefined) return `status ${status}: ${unrecorded}`;
    if (status >= 200 && status < 300) return null;
    return outgoing.proxyCode(url, status) ?? `status ${status}`;
  }

  async function pingOnce(): Promise<void> {
    if (closing.signal.aborted) return;
    if (!(await claimPeriod(redis, key, INTERVAL_MS))) return;
    const reason = await ping();
    if (closing.signal.aborted) return;
    if (reason !== null && !failing) {
      log.warn(
        'heartbeat.failed',
        { reason },
        'the request to HEARTBEAT_URL failed; polling continues',
      );
    }
    if (reason === null && failing) {
      log.info('heartbeat.recovered', {}, 'HEARTBEAT_URL answers again');
    }
    failing = reason !== null;
  }

  return {
    pollSucceeded: () => void pingOnce().catch(onError),
    close() {
      closing.abort();
      outgoing.close();
    },
  };
}
