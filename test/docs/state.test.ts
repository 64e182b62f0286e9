import { expect, test } from 'vitest';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { read, tables } from './markdown.ts';

/** The keys of the tables of docs/state.md. */
const documented = tables(read('docs/state.md'))
  .filter(({ head }) => head[0] === 'key')
  .flatMap(({ rows }) => rows.map(([cell = '']) => cell.replaceAll('`', '')));

const { queues, ...ownKeys } = redisKeys('mention-relay');

/** Returns a key of a real relay as the page writes it. */
function generalised(key: string): string {
  return key
    .replace(/:(delivered|gate):A/, ':$1:<NAME>')
    .replace(/:budget:[0-9a-f]{16}/, ':budget:<ACCOUNT>')
    .replace(/:alerted:[0-9a-f]{16}/, ':alerted:<CAUSE>')
    .replace(/:deliver-A:/, ':deliver-<NAME>:')
    .replace(/:m-[\w-]{22}/, ':m-<KEY>')
    .replace(/:(poll|sweep|deliver-<NAME>):(?!m-).*/, ':$1:*');
}

/** Returns all keys of a value of `redisKeys`: one key, several, or a function that makes them. */
function keysIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [generalised(value)];
  if (typeof value === 'function') return keysIn((value as (name: string) => unknown)('<NAME>'));
  return Object.values(value as object).flatMap(keysIn);
}

test('docs/state.md has every key of our own, and no other', () => {
  const own = documented.filter((key) => !/:(?:poll|sweep|deliver-<NAME>):/.test(key));
  expect(own.toSorted()).toEqual([...keysIn(ownKeys)].toSorted());
});

test('docs/state.md has every key that a relay leaves in Redis', async () => {
  await using bench = await relayBench();
  // One of each: delivered, to be retried, failed, and the rest behind a pause.
  bench.a.answerWith((_request, count) => {
    if (count > 3) return { status: 429, headers: { 'retry-after': '600' } };
    return { status: [200, 500, 410][count - 1] ?? 200 };
  });
  bench.sandbox.spot(8);
  const relay = bench.relay({ HEARTBEAT_URL: bench.b.url });
  await relay.waitForEvent('webhook.paused');

  const found = new Set<string>();
  const awaited = [`${queues}:deliver-<NAME>:m-<KEY>`, `${queues}:poll:*`, ownKeys.ping];
  await waitUntil('each kind of key', async () => {
    for (const key of await bench.redis.client.keys('*')) found.add(generalised(key));
    return awaited.every((key) => found.has(key));
  });
  expect([...found].filter((key) => !documented.includes(key))).toEqual([]);
});
