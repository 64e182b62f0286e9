import { expect, test } from 'vitest';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { read, tables } from './markdown.ts';

/** The keys of the tables; a cell may end in more endings of the first one. */
const documented = tables(read('docs/state.md'))
  .filter(({ head }) => head[0] === 'key')
  .flatMap(({ rows }) => rows)
  .flatMap(([cell = '']) => {
    const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    const base = names[0]?.replace(/:[^:]*$/, '');
    return names.map((name) => (name.startsWith(':') ? `${base}${name}` : name));
  });

const keys = redisKeys('mention-relay');
const DELIVERIES = `${keys.queues}:deliver-<NAME>:`;

/** A key of a real relay, as the page writes it. */
function generalised(key: string): string {
  return key
    .replace(/:deliver-A:/, ':deliver-<NAME>:')
    .replace(/:(delivered|gate):A/, ':$1:<NAME>')
    .replace(/:budget:[0-9a-f]{16}/, ':budget:<ACCOUNT>')
    .replace(/:alerted:[0-9a-f]{16}/, ':alerted:<CAUSE>')
    .replace(/:m-[\w-]{22}/, ':m-<KEY>')
    .replace(/:(poll|sweep):.*/, ':$1:*');
}

test('docs/state.md has every key of our own, and no other', () => {
  const {
    queues: _queues,
    state,
    daemon,
    tick,
    pollClaim,
    coverage,
    alerted,
    ping,
    webhooks,
    seen,
    gaps,
    groups,
    delivered,
    gate,
    budget,
    ...others
  } = keys;
  expect(others, 'keys that this test does not know of').toEqual({});
  const own: readonly string[] = [
    state,
    daemon,
    tick,
    pollClaim,
    coverage,
    ping,
    webhooks,
    ...Object.values(seen),
    gaps,
    groups,
    ...Object.values(delivered('<NAME>')),
    gate('<NAME>'),
    ...Object.values(budget('any key')).map(generalised),
    generalised(alerted('any cause')),
  ];
  expect(
    documented
      .filter((key) => !key.startsWith(DELIVERIES) && !/:(poll|sweep):/.test(key))
      .toSorted(),
  ).toEqual(own.toSorted());
});

test('docs/state.md has every key that a relay leaves in Redis', async () => {
  await using bench = await relayBench();
  // One of each: delivered, to be tried again, failed, and the rest behind a pause.
  bench.a.answerWith((_request, count) => {
    if (count > 3) return { status: 429, headers: { 'retry-after': '600' } };
    return { status: [200, 500, 410][count - 1] ?? 200 };
  });
  bench.sandbox.spot(8);
  const relay = bench.relay({ HEARTBEAT_URL: bench.b.url });
  await relay.waitForEvent('webhook.paused');

  const found = new Set<string>();
  const needed = ['m-<KEY>', 'delayed', 'failed', 'wait']
    .map((ending) => `${DELIVERIES}${ending}`)
    .concat(keys.ping);
  await waitUntil('each kind of key', async () => {
    for (const key of await bench.redis.client.keys('*')) found.add(generalised(key));
    return needed.every((key) => found.has(key));
  });
  const bullmq = ['poll', 'sweep'].map((name) => `${keys.queues}:${name}:*`);
  const known = new Set([...documented, ...bullmq]);
  for (const key of bullmq) expect(read('docs/state.md')).toContain(`\`${key}\``);
  expect([...found].filter((key) => !known.has(key))).toEqual([]);
});
