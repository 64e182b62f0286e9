import { expect, test } from 'vitest';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const keys = redisKeys('mention-relay');

test('a rejected key and an emptied Redis are reported to webhooks for alerts, once per hour', async () => {
  await using bench = await relayBench();
  const { sandbox, b, redis } = bench;
  const env = { WEBHOOK_B_URL: b.url, WEBHOOK_B_EVENTS: 'alerts' };
  const relay = bench.relay(env);
  await relay.waitForEvent('state.empty');
  await waitUntil('a state', async () => (await redis.client.exists(keys.state)) === 1);
  await redis.client.flushall();
  await relay.waitForEvent('state.empty', 2);
  await b.waitFor(1);

  sandbox.fault({ kind: 'status', status: 401, times: Infinity });
  await relay.waitForEvent('poll.key_rejected');
  await b.waitFor(2);
  relay.kill('SIGTERM');
  await relay.ended;
  // Another relay finds the same and sends no second alert.
  const second = bench.relay(env);
  await second.waitForEvent('poll.key_rejected');
  await waitUntil(
    'an empty queue',
    async () => (await redis.client.exists(`${keys.queues}:deliver-B:wait`)) === 0,
  );
  const alerts = b.received.map(({ json }) => json());
  expect(alerts.map(({ type, data }) => [type, data])).toEqual([
    ['relay.trouble', { trouble: 'state_emptied', webhook: null }],
    ['relay.trouble', { trouble: 'key_rejected', webhook: null }],
  ]);
}, 30_000);

test('unreadable items are reported to webhooks for alerts once per hour, and the others arrive', async () => {
  await using bench = await relayBench();
  const { sandbox, a, b } = bench;
  const env = { WEBHOOK_B_URL: b.url, WEBHOOK_B_EVENTS: 'alerts' };
  const [first] = sandbox.spot();
  sandbox.setWindow([
    { content: 'neither id nor link' },
    { ...first, owner: [], content: false },
    7,
  ]);
  const relay = bench.relay(env);
  await a.waitFor(1);
  await b.waitFor(1);
  await relay.waitForEvent('poll.item_malformed', 2);
  relay.kill('SIGTERM');
  await relay.ended;

  // Another relay finds the same, and another item, and sends no second alert.
  const [second] = sandbox.spot();
  sandbox.setWindow([second, null, { content: 'neither id nor link' }]);
  const other = bench.relay(env);
  await a.waitFor(2);
  await other.waitForEvent('poll.item_malformed', 2);
  await waitUntil('more polls', () => sandbox.requests().length > 8);
  expect(b.received.map(({ json }) => json()['data'])).toEqual([
    { trouble: 'items_unreadable', webhook: null },
  ]);
  expect(a.received.map(({ json }) => json()['data'])).toMatchObject([
    { id: first?.id, owner: null, content: null },
    { id: second?.id },
  ]);
}, 30_000);

test('polls that fail for 15 minutes on both replicas are reported once, and so is their end', async () => {
  await using bench = await relayBench();
  const { sandbox, b, redis } = bench;
  const env = { WEBHOOK_B_URL: b.url, WEBHOOK_B_EVENTS: 'alerts' };
  sandbox.fault({ kind: 'status', status: 400, times: Infinity });
  for (let replica = 0; replica < 2; replica += 1) bench.relay(env);
  async function morePolls() {
    const before = sandbox.requests().length;
    await waitUntil('more polls', () => sandbox.requests().length > before + 1);
  }
  await waitUntil('a failed poll', async () => (await redis.client.hlen(keys.troubles)) === 1);
  // Fifteen minutes pass.
  const [cause = ''] = await redis.client.hkeys(keys.troubles);
  const sinceMs = Date.now() - 900_000;
  await redis.client.hset(keys.troubles, cause, JSON.stringify({ sinceMs, seenMs: sinceMs }));
  await b.waitFor(1);
  await morePolls();
  sandbox.clearFaults();
  await b.waitFor(2);
  await morePolls();
  expect(b.received.map(({ json }) => json()['data'])).toEqual([
    { trouble: 'polls_failing', webhook: null },
    { trouble: 'polls_failing', webhook: null, resolved: true },
  ]);
  expect(await redis.client.exists(keys.troubles)).toBe(0);
}, 30_000);
