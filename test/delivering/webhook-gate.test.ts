import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { createWebhookGate } from '../../src/delivering/gate/webhook-gate.io.ts';
import { mentionKey } from '../../src/domain/mention.ts';
import { mention } from '../helpers/mentions.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');
const keyOf = (number: number) => mentionKey(mention(number), 'mention');
const go = { kind: 'go', probe: false, afterMs: 0, delivered: [] };

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

function gate(options: { paceMs?: number; firstHoldMs?: number; probeLeaseMs?: number } = {}) {
  return createWebhookGate({
    redis: redis.client,
    keys,
    generationSize: 200,
    breaker: {
      failuresInARow: 5,
      firstHoldMs: options.firstHoldMs ?? 60_000,
      maxHoldMs: 900_000,
      probeLeaseMs: options.probeLeaseMs ?? 60_000,
    },
    paceMs: () => options.paceMs ?? 0,
  });
}

async function fail(times: number, at = gate(), probe = false) {
  for (let failure = 1; failure < times; failure++) await at.refused('A', { probe });
  return at.refused('A', { probe });
}

test('a webhook that nothing speaks against may be sent to', async () => {
  expect(await gate().admit('A', [keyOf(1), keyOf(2)], 'reserve')).toEqual(go);
});

test('what was accepted is told, for one webhook alone', async () => {
  await gate().accepted('A', [keyOf(1), keyOf(3)]);
  const asked = [keyOf(1), keyOf(2), keyOf(3)];
  expect(await gate().admit('A', asked, 'reserve')).toMatchObject({ delivered: [0, 2] });
  expect(await gate().admit('B', asked, 'reserve')).toMatchObject({ delivered: [] });
});

test('the ledger remembers at least a generation, and never more than two', async () => {
  const { current, previous } = keys.delivered('A');
  for (let number = 0; number < 1_000; number++) {
    await gate().accepted('A', [keyOf(number)]);
    if (number < 199) continue;
    expect(await gate().admit('A', [keyOf(number - 199)], 'reserve')).toMatchObject({
      delivered: [0],
    });
  }
  const size = (await redis.client.scard(current)) + (await redis.client.scard(previous));
  expect(size).toBeLessThanOrEqual(400);
});

test('five failures in a row hold it, and the fifth is told to begin the hold', async () => {
  expect(await fail(4)).toEqual({ holdMs: null, begins: false, failuresInARow: 4 });
  expect(await gate().admit('A', [keyOf(1)], 'reserve')).toEqual(go);
  expect(await fail(1)).toEqual({ holdMs: 60_000, begins: true, failuresInARow: 5 });
  expect(await gate().admit('A', [keyOf(1)], 'reserve')).toMatchObject({
    kind: 'wait',
    because: 'held',
  });
  expect(await gate().admit('B', [keyOf(1)], 'reserve')).toEqual(go);
});

test('a success in between begins the count anew', async () => {
  await fail(4);
  await gate().accepted('A', [keyOf(1)]);
  expect(await fail(4)).toMatchObject({ holdMs: null });
});

test('failures of attempts that were under way do not lengthen a hold', async () => {
  await fail(5);
  const held = await fail(3);
  expect(held.begins).toBe(false);
  expect(held.holdMs).toBeLessThanOrEqual(60_000);
});

test('what the ledger holds is told even of a held webhook: it needs no attempt', async () => {
  await gate().accepted('A', [keyOf(1)]);
  await fail(5);
  expect(await gate().admit('A', [keyOf(1)], 'reserve')).toMatchObject({
    kind: 'go',
    delivered: [0],
  });
});

test('after the hold there is one probe at a time, over all replicas', async () => {
  const replicas = [gate({ firstHoldMs: 1 }), gate(), gate()];
  await fail(5, replicas[0]);
  const answers = await waitUntil('the hold to be over', async () => {
    const answer = await gate().admit('A', [keyOf(1)], 'reserve');
    return answer.kind === 'go' && answer;
  });
  expect(answers).toMatchObject({ probe: true });
  for (const replica of replicas) {
    expect(await replica.admit('A', [keyOf(2)], 'reserve')).toMatchObject({ because: 'probed' });
  }
  // The probe itself may ask again after waiting for its moment.
  expect(await gate().admit('A', [keyOf(1)], 'probing')).toMatchObject({ kind: 'go', probe: true });
});

test('a probe that fails doubles the hold, up to the longest', async () => {
  await fail(5, gate({ firstHoldMs: 5_000 }));
  const holds: (number | null)[] = [];
  for (let probe = 0; probe < 9; probe++) holds.push((await fail(1, gate(), true)).holdMs);
  expect(holds).toEqual([
    10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000, 900_000, 900_000,
  ]);
});

test('a probe that is accepted lets all go, and tells for how long they were held', async () => {
  await fail(5, gate({ firstHoldMs: 1 }));
  const released = await gate().accepted('A', [keyOf(1)]);
  expect(released.heldForMs).toBeGreaterThanOrEqual(0);
  expect(await gate().accepted('A', [keyOf(2)])).toEqual({ heldForMs: null });
  expect(await gate().admit('A', [keyOf(3)], 'reserve')).toEqual(go);
  expect(await fail(1)).toMatchObject({ holdMs: null, failuresInARow: 1 });
});

test('deliveries accepted in one turn are all remembered, and one of them tells the release', async () => {
  await fail(5);
  const at = gate();
  const together = await Promise.all([1, 2, 3].map((number) => at.accepted('A', [keyOf(number)])));
  expect(together.filter(({ heldForMs }) => heldForMs !== null)).toHaveLength(1);
  const asked = [keyOf(1), keyOf(2), keyOf(3)];
  expect(await at.admit('A', asked, 'reserve')).toMatchObject({ delivered: [0, 1, 2] });
});

test('the probe of a replica that died is made again by another', async () => {
  await fail(5, gate({ firstHoldMs: 1 }));
  const lease = { probeLeaseMs: 100 };
  const isProbe = async () => {
    const answer = await gate(lease).admit('A', [keyOf(1)], 'reserve');
    return answer.kind === 'go' && answer.probe;
  };
  await waitUntil('the first probe', isProbe);
  expect(await isProbe()).toBe(false);
  await waitUntil('the second probe', isProbe);
});

test('a pause lets nothing go, and a shorter one does not end a longer one', async () => {
  await gate().pause('A', 60_000);
  await gate().pause('A', 10);
  const answer = await gate().admit('A', [keyOf(1)], 'reserve');
  expect(answer).toMatchObject({ kind: 'wait', because: 'paused' });
  expect(answer.kind === 'wait' && answer.waitMs).toBeGreaterThan(50_000);
});

test('an operator ends hold and pause by hand', async () => {
  await fail(5);
  await gate().pause('A', 60_000);
  expect((await gate().release('A')).heldForMs).toBeGreaterThanOrEqual(0);
  expect(await gate().admit('A', [keyOf(1)], 'reserve')).toEqual(go);
  expect(await gate().release('A')).toEqual({ heldForMs: null });
});

test('after an operator has ended a hold, the first success tells the release, once', async () => {
  await fail(5);
  await gate().release('A');
  expect((await gate().accepted('A', [keyOf(1)])).heldForMs).toBeGreaterThanOrEqual(0);
  expect(await gate().accepted('A', [keyOf(2)])).toEqual({ heldForMs: null });
});

test('its status tells a hold until a delivery is accepted, over all replicas', async () => {
  const status = () => gate().status('A');
  expect(await status()).toEqual({ heldForMs: null, pausedForMs: null });
  await fail(4);
  expect(await status()).toEqual({ heldForMs: null, pausedForMs: null });
  await fail(1, gate({ firstHoldMs: 1 }));
  const heldForMs = await waitUntil('the hold to be over and still told', async () => {
    const { heldForMs: soFarMs } = await status();
    return soFarMs !== null && soFarMs > 1 ? soFarMs : null;
  });
  expect(heldForMs).toBeLessThan(60_000);
  expect(await gate().status('B')).toEqual({ heldForMs: null, pausedForMs: null });

  await gate().admit('A', [keyOf(1)], 'reserve');
  expect((await status()).heldForMs).toBeGreaterThanOrEqual(heldForMs);
  await gate().accepted('A', [keyOf(1)]);
  expect(await status()).toEqual({ heldForMs: null, pausedForMs: null });
});

test('its status tells no hold after an operator has ended it', async () => {
  await fail(5);
  await gate().release('A');
  expect(await gate().status('A')).toEqual({ heldForMs: null, pausedForMs: null });
});

test('its status tells how much longer it is paused, and nothing when that is over', async () => {
  await gate().pause('A', 60_000);
  const { heldForMs, pausedForMs } = await gate().status('A');
  expect(heldForMs).toBeNull();
  expect(pausedForMs).toBeGreaterThan(50_000);
  expect(pausedForMs).toBeLessThanOrEqual(60_000);
  await gate().pause('B', 1);
  await waitUntil('the pause to be over', async () => {
    return (await gate().status('B')).pausedForMs === null;
  });
});

test('a pace gives each attempt its own moment, over all replicas', async () => {
  const waits: number[] = [];
  const startedMs = performance.now();
  for (let attempt = 0; attempt < 4; attempt++) {
    const answer = await gate({ paceMs: 10_000 }).admit('A', [keyOf(attempt)], 'reserve');
    if (answer.kind === 'go') waits.push(answer.afterMs);
  }
  const tookMs = performance.now() - startedMs;
  expect(waits[0]).toBe(0);
  for (const [index, waitMs] of waits.entries()) {
    expect(waitMs).toBeLessThanOrEqual(index * 10_000);
    expect(waitMs).toBeGreaterThanOrEqual(index * 10_000 - tookMs - 2);
  }
  // Asking again after the wait takes no further moment.
  expect(await gate({ paceMs: 10_000 }).admit('A', [keyOf(9)], 'reserved')).toEqual(go);
});
