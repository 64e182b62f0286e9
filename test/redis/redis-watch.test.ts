import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RedisClient } from '../../src/redis/redis-client.ts';
import { watchRedis } from '../../src/redis/redis-watch.ts';
import { recordingLog } from '../helpers/recording-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A client whose server never answers. */
function silentClient(isCluster: boolean) {
  const disconnect = vi.fn();
  const client = Object.assign(new EventEmitter(), {
    status: 'ready',
    isCluster,
    exists: () => new Promise(() => undefined),
    disconnect,
  });
  return { client: client as unknown as RedisClient, disconnect };
}

/** Watches a client, and returns what was logged so far. */
function watched(client: RedisClient, closing = false) {
  const { log, told } = recordingLog();
  watchRedis(client, {
    log,
    anyKey: 'key',
    reportError: () => undefined,
    findMistake: async () => null,
    closing: () => closing,
  });
  return told;
}

test.each([
  ['a server', false, [[true], [true]] as unknown[]],
  // Its client replaces the connections to its nodes by itself.
  ['a Cluster', true, []],
])('%s that stays silent is reported once, and gets new connections', (_case, isCluster, calls) => {
  const { client, disconnect } = silentClient(isCluster);
  const told = watched(client);
  vi.advanceTimersByTime(10_000);
  expect(told()).toEqual(['error redis.lost']);
  expect(disconnect).not.toHaveBeenCalled();
  vi.advanceTimersByTime(52_000);
  expect(disconnect.mock.calls).toEqual(calls);
  expect(told()).toEqual(['error redis.lost']);
});

test.each([
  ['before the relay closes it is a loss', false, ['error redis.lost']],
  ['while the relay closes it is none', true, []],
])('a connection that breaks %s', (_, closing, expected) => {
  const { client } = silentClient(false);
  const told = watched(client, closing);
  client.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(told()).toEqual(expected);
});
