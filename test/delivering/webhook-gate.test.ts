import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createWebhookGate } from '../../src/delivering/gate/webhook-gate.io.ts';
import type { GateClaim, Held } from '../../src/delivering/gate/webhook-gate.io.ts';
import type { MentionKey } from '../../src/domain/mention.ts';
import { pauseForOperator } from '../../src/delivering/gate/operator-pause.io.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');
const key = (number: number) => `key-${number}` as MentionKey;
const GO = { kind: 'go', probe: false, afterMs: 0, delivered: [] };
const WAIT = { kind: 'wait' };

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

function gate(
  options: { paceMs?: number; firstHoldMs?: number; probeLeaseMs?: number; url?: string } = {},
) {
  const {
    url = 'https://receiver.example/one',
    paceMs = 0,
    firstHoldMs = 60_000,
    probeLeaseMs = 60_000,
  } = options;
  return createWebhookGate({
    redis: redis.client,
    keys,
    generationSize: 200,
    breaker: {
      failuresInARow: 5,
      differentDeliveries: 3,
      firstHoldMs,
      maxHoldMs: 60_000,
      probeLeaseMs,
    },
    paceMs: () => paceMs,
    urlOf: () => new URL(url),
  });
}

/** Claims one attempt for these deliveries. */
async function claim(numbers: number[], kind: GateClaim = 'reserve', at = gate(), webhook = 'A') {
  const [admission] = await at.claim(webhook, [numbers.map(key)], kind);
  return admission;
}

/** Lets so many attempts fail, at each of these deliveries in turn. */
async function fail(
  times: number,
  at = gate(),
  probe = false,
  numbers = [1, 2, 3, 4, 5],
): Promise<Held | undefined> {
  let held: Held | undefined;
  for (let failure = 0; failure < times; failure += 1) {
    held = await at.refused('A', { probe, key: key(numbers[failure % numbers.length] ?? 0) });
  }
  return held;
}

/** Waits until the gate lets one attempt go. */
function nextGo(at = gate()) {
  return waitUntil('the gate to open', async () => {
    const admission = await claim([1], 'reserve', at);
    return admission?.kind === 'go' && admission;
  });
}

describe('the ledger', () => {
  test('knows what was accepted, per webhook and in every run of a claim', async () => {
    expect(await claim([1, 2])).toEqual(GO);
    await gate().accepted('A', [key(1), key(3)]);
    const runs = [[key(1), key(2), key(3)], [key(2)], [key(3)]];
    expect(await gate().claim('A', runs, 'reserve')).toEqual([
      { ...GO, delivered: [0, 2] },
      GO,
      { ...GO, delivered: [0] },
    ]);
    expect(await claim([1], 'reserve', gate(), 'B')).toEqual(GO);
  });

  test('remembers at least a generation, and never more than two', async () => {
    const { current, previous } = keys.delivered('A');
    for (let number = 0; number < 1_000; number += 1) {
      await gate().accepted('A', [key(number)]);
      if (number < 199) continue;
      expect(await claim([number - 199])).toMatchObject({ delivered: [0] });
    }
    const size = (await redis.client.scard(current)) + (await redis.client.scard(previous));
    expect(size).toBeLessThanOrEqual(400);
  });

  test('answers for a held webhook too: what it knows needs no attempt', async () => {
    await gate().accepted('A', [key(1)]);
    await fail(5);
    expect(await gate().claim('A', [[key(1)], [key(2)]], 'reserve')).toEqual([
      { ...GO, delivered: [0] },
      WAIT,
    ]);
  });
});

describe('the breaker', () => {
  test('opens with the fifth failure in a row, for one webhook', async () => {
    expect(await fail(4)).toEqual({ holdMs: null, begins: false, failuresInARow: 4 });
    expect(await claim([1])).toEqual(GO);
    expect(await fail(1)).toEqual({ holdMs: 60_000, begins: true, failuresInARow: 5 });
    expect(await claim([1])).toEqual(WAIT);
    expect(await gate().closedForMs('A')).toBeGreaterThan(50_000);
    expect(await gate().closedForMs('B')).toBe(0);
  });

  test.each([
    ['one delivery', [1]],
    ['two deliveries', [1, 2]],
  ])('never opens for %s alone', async (_, numbers) => {
    expect(await fail(40, gate(), false, numbers)).toMatchObject({ holdMs: null });
    expect(await claim([9])).toEqual(GO);
    // A third one shows that the webhook fails.
    await fail(2, gate(), false, [8, 9]);
    expect((await gate().status('A')).heldForMs).not.toBeNull();
  });

  test('forgets which deliveries failed after a success', async () => {
    await fail(4);
    await gate().accepted('A', [key(1)]);
    expect(await fail(9, gate(), false, [1, 2])).toMatchObject({ holdMs: null });
  });

  test('starts to count again after a success', async () => {
    await fail(4);
    await gate().accepted('A', [key(1)]);
    expect(await fail(4)).toMatchObject({ holdMs: null });
  });

  test('does not hold longer for failures of attempts that were under way', async () => {
    await fail(5);
    const held = await fail(3);
    expect(held?.begins).toBe(false);
    expect(held?.holdMs).toBeLessThanOrEqual(60_000);
  });

  test('lets one probe go after the hold, over all replicas and all runs of a claim', async () => {
    await fail(5, gate({ firstHoldMs: 1 }));
    const admissions = await waitUntil('the hold to be over', async () => {
      const claimed = await gate().claim('A', [[key(1)], [key(2)]], 'reserve');
      return claimed[0]?.kind === 'go' && claimed;
    });
    expect(admissions).toEqual([{ ...GO, probe: true }, WAIT]);
    expect(await claim([2])).toEqual(WAIT);
    const closedMs = await gate().closedForMs('A');
    expect(closedMs).toBeGreaterThan(0);
    expect(closedMs).toBeLessThanOrEqual(1_000);
    // The probe itself may ask again after it has waited for the pace.
    expect(await claim([1], 'probing')).toEqual({ ...GO, probe: true });
  });

  test('doubles the hold after each failed probe, up to the longest', async () => {
    await fail(5, gate({ firstHoldMs: 5_000 }));
    const holds: unknown[] = [];
    for (let probe = 0; probe < 9; probe += 1) holds.push((await fail(1, gate(), true))?.holdMs);
    expect(holds.map((holdMs) => Number(holdMs) / 1_000)).toEqual([
      10, 20, 40, 60, 60, 60, 60, 60, 60,
    ]);
  });

  test('closes with the first success, which alone tells for how long it held', async () => {
    await fail(5);
    const released = await Promise.all([1, 2, 3].map((each) => gate().accepted('A', [key(each)])));
    expect(released.filter(({ heldForMs }) => heldForMs !== null)).toHaveLength(1);
    expect(await claim([1, 2, 3, 4])).toEqual({ ...GO, delivered: [0, 1, 2] });
    expect(await fail(1)).toMatchObject({ holdMs: null, failuresInARow: 1 });
  });

  test('lets another replica probe when one has died during its probe', async () => {
    await fail(5, gate({ firstHoldMs: 1 }));
    const lease = gate({ probeLeaseMs: 100 });
    expect(await nextGo(lease)).toMatchObject({ probe: true });
    expect(await claim([1], 'reserve', lease)).toEqual(WAIT);
    expect(await nextGo(lease)).toMatchObject({ probe: true });
  });
});

test('a pause lets nothing go, and a shorter one does not end a longer one', async () => {
  expect(await gate().pause('A', 60_000)).toBe(true);
  expect(await gate().pause('A', 10)).toBe(false);
  expect(await claim([1])).toEqual(WAIT);
  expect(await gate().closedForMs('A')).toBeGreaterThan(50_000);
});

test('a pause begins once for attempts that are refused together, and again if it becomes longer', async () => {
  const together = await Promise.all(Array.from({ length: 10 }, () => gate().pause('A', 60_000)));
  expect(together.filter(Boolean)).toHaveLength(1);
  expect(await gate().pause('A', 120_000)).toBe(true);
  await gate().release('A', 'all');
  expect(await gate().pause('A', 60_000)).toBe(true);
});

test('an operator ends hold and pause; the first success still reports the release, once', async () => {
  await fail(5);
  await gate().pause('A', 60_000);
  const before = await gate().release('A', 'all');
  expect(before.heldForMs).toBeGreaterThanOrEqual(0);
  expect(before.pausedForMs).toBeGreaterThan(50_000);
  expect(before.gone).toBe(false);
  const released = { heldForMs: null, pausedForMs: null, gone: false, operatorPause: null };
  expect(await gate().release('A', 'all')).toEqual(released);
  expect(await gate().closedForMs('A')).toBe(0);
  expect(await claim([1])).toEqual(GO);
  expect(await gate().status('A')).toEqual(released);
  expect((await gate().accepted('A', [key(1)])).heldForMs).toBeGreaterThanOrEqual(0);
  expect(await gate().accepted('A', [key(2)])).toEqual({ heldForMs: null });
});

test('an operator who ends holds ends the pause of a held webhook, and no other', async () => {
  await gate().pause('A', 60_000);
  const released = { heldForMs: null, pausedForMs: null, gone: false, operatorPause: null };
  expect(await gate().release('A', 'held')).toEqual(released);
  expect(await gate().closedForMs('A')).toBeGreaterThan(50_000);
  await fail(5);
  expect(await gate().release('A', 'held')).toMatchObject({ pausedForMs: expect.any(Number) });
  expect(await gate().closedForMs('A')).toBe(0);
});

describe('a pause of an operator', () => {
  const pause = (durationMs: number | null) =>
    pauseForOperator(redis.client, keys, 'A', durationMs);
  const lasting = async () => (await gate().status('A')).operatorPause;
  const GONE_BY = { operatorUntil: 1, operatorMs: 60_000 };

  test('lets nothing go on any replica, over a receiver that answers, until it is resumed', async () => {
    expect(await pause(null)).toEqual({ before: null, untilMs: null });
    expect(await claim([1])).toEqual(WAIT);
    expect(await claim([1], 'probing')).toEqual(WAIT);
    // A POST that was under way succeeds, and what is in the ledger needs no other.
    await gate().accepted('A', [key(1)]);
    expect(await claim([1])).toEqual({ ...GO, delivered: [0] });
    expect(await gate().closedForMs('A')).toBeGreaterThan(0);
    expect(await claim([2], 'reserve', gate({ url: 'https://receiver.example/two' }))).toEqual(
      WAIT,
    );
    expect(await claim([1], 'reserve', gate(), 'B')).toEqual(GO);
    expect(await gate().release('A', 'all')).toMatchObject({
      operatorPause: { sinceMs: expect.any(Number), untilMs: null },
    });
    expect(await claim([2])).toEqual(GO);
    expect(await lasting()).toBeNull();
  });

  test('ends by itself after its time, and a hold counts from then', async () => {
    await fail(5);
    const { untilMs } = await pause(60_000);
    const status = await lasting();
    expect(status).toEqual({ sinceMs: Number(untilMs) - 60_000, untilMs });
    expect(await gate().closedForMs('A')).toBeLessThanOrEqual(60_000);
    expect(await claim([1], 'probing')).toEqual(WAIT);
    await redis.client.hset(keys.gate('A'), { ...GONE_BY, heldSince: 1, heldUntil: 1 });
    expect(await lasting()).toBeNull();
    expect(await nextGo()).toMatchObject({ probe: true });
    expect((await gate().status('A')).heldForMs).toBeLessThan(60_000);
    expect(await redis.client.hkeys(keys.gate('A'))).not.toContain('operatorSince');
  });

  test('gets another end by a second one, and began with the first', async () => {
    const first = await pause(60_000);
    const began = await lasting();
    expect(await pause(null)).toEqual({ before: began, untilMs: null });
    expect(await lasting()).toEqual({ sinceMs: began?.sinceMs, untilMs: null });
    const third = await pause(120_000);
    expect(third.before).toEqual({ sinceMs: began?.sinceMs, untilMs: null });
    expect(Number(third.untilMs)).toBeGreaterThan(Number(first.untilMs));
  });

  test.each(['receiver', 'held'] as const)(
    'lasts when %s ends, and a 410 stays one',
    async (ends) => {
      await fail(5);
      await gate().pause('A', 1);
      await gate().gone('A');
      await pause(60_000);
      expect(await gate().status('A')).toMatchObject({ gone: true, heldForMs: expect.any(Number) });
      expect(await gate().release('A', ends)).toMatchObject({
        gone: true,
        operatorPause: { untilMs: expect.any(Number) },
      });
      expect(await claim([1])).toEqual(WAIT);
      await gate().gone('A');
      await redis.client.hset(keys.gate('A'), GONE_BY);
      expect(await claim([1])).toEqual(WAIT);
      expect(await gate().status('A')).toMatchObject({ gone: true, operatorPause: null });
    },
  );

  test('a receiver that asks for a pause does not shorten it', async () => {
    await pause(60_000);
    expect(await gate().pause('A', 1)).toBe(true);
    await waitUntil(
      'that pause to pass',
      async () => (await gate().status('A')).pausedForMs === null,
    );
    expect(await claim([1])).toEqual(WAIT);
  });
});

describe('the status', () => {
  const status = (webhook = 'A') => gate().status(webhook);
  const FREE = { heldForMs: null, pausedForMs: null, gone: false, operatorPause: null };

  test('shows a hold until a delivery is accepted, over all replicas', async () => {
    await fail(4);
    expect(await status()).toEqual(FREE);
    await fail(1, gate({ firstHoldMs: 1 }));
    await nextGo();
    expect(await status()).toEqual({
      heldForMs: expect.any(Number),
      pausedForMs: null,
      gone: false,
      operatorPause: null,
    });
    expect(await status('B')).toEqual(FREE);
    await gate().accepted('A', [key(1)]);
    expect(await status()).toEqual(FREE);
  });

  test('shows how long a pause lasts, and nothing when it is over', async () => {
    await gate().pause('A', 60_000);
    const { heldForMs, pausedForMs } = await status();
    expect(heldForMs).toBeNull();
    expect(pausedForMs).toBeGreaterThan(50_000);
    expect(pausedForMs).toBeLessThanOrEqual(60_000);
    await gate().pause('B', 1);
    await waitUntil('the pause to be over', async () => (await status('B')).pausedForMs === null);
  });
});

test('a pace gives each run its own moment, over all replicas', async () => {
  const paced = () => gate({ paceMs: 10_000 });
  const startedMs = performance.now();
  const admissions = [
    ...(await paced().claim('A', [[key(0)], [key(1), key(2)]], 'reserve')),
    ...(await paced().claim('A', [[key(3)], [key(4)]], 'reserve')),
  ];
  const closedMs = await paced().closedForMs('A');
  const tookMs = performance.now() - startedMs;
  const waitsMs = admissions.map((each) => (each.kind === 'go' ? each.afterMs : Number.NaN));
  for (const [index, waitMs] of [...waitsMs, closedMs].entries()) {
    expect(waitMs).toBeLessThanOrEqual(index * 10_000);
    expect(waitMs).toBeGreaterThanOrEqual(index * 10_000 - tookMs - 2);
  }
  // To ask again after the wait takes no further moment.
  expect(await claim([9], 'reserved', paced())).toEqual(GO);
});

describe('a webhook whose URL is gone', () => {
  test('gets nothing on any replica, with no end, and shows no URL in Redis', async () => {
    await gate().gone('A');
    expect(await claim([1])).toEqual(WAIT);
    expect(await gate().closedForMs('A')).toBeGreaterThan(0);
    expect(await gate().status('A')).toEqual({
      heldForMs: null,
      pausedForMs: null,
      gone: true,
      operatorPause: null,
    });
    expect(await claim([1], 'reserve', gate(), 'B')).toEqual(GO);
    expect(JSON.stringify(await redis.client.hgetall(keys.gate('A')))).not.toContain('receiver');
  });

  test('continues with another URL', async () => {
    await gate().gone('A');
    const other = gate({ url: 'https://receiver.example/two' });
    expect(await claim([1], 'reserve', other)).toEqual(GO);
    expect(await other.status('A')).toMatchObject({ gone: false });
  });

  test('continues when an operator resumes it', async () => {
    await gate().gone('A');
    expect(await gate().release('A', 'all')).toMatchObject({ gone: true });
    expect(await gate().release('A', 'all')).toMatchObject({ gone: false });
    expect(await claim([1])).toEqual(GO);
  });
});

describe('after the clock of Redis went back by an hour', () => {
  const HOUR_MS = 3_600_000;
  const gateKey = keys.gate('A');

  /** Moves the times of the gate an hour ahead, as if the clock had gone back. */
  async function setBack(): Promise<void> {
    const kept = await redis.client.hgetall(gateKey);
    for (const [field, value] of Object.entries(kept)) {
      if (/(?:Until|At|Since)$/.test(field)) {
        await redis.client.hset(gateKey, field, Number(value) + HOUR_MS);
      }
    }
  }

  test.each<[string, () => Promise<unknown>, number]>([
    ['a pause', () => gate().pause('A', 20_000), 20_000],
    ["an operator's pause", () => pauseForOperator(redis.client, keys, 'A', 20_000), 20_000],
    ['a hold', () => fail(5, gate({ firstHoldMs: 20_000 })), 20_000],
    ['a pace', () => claim([1], 'reserve', gate({ paceMs: 20_000 })), 20_000],
    ['a pace of an earlier release', () => redis.client.hset(gateKey, 'nextAt', Date.now()), 5_000],
    [
      'a hold of an earlier release',
      () => redis.client.hset(gateKey, { heldUntil: Date.now(), holdMs: 900_000 }),
      60_000,
    ],
    [
      'a pause of an earlier release',
      () => redis.client.hset(gateKey, 'pausedUntil', Date.now() + 60_000),
      HOUR_MS,
    ],
  ])('%s lasts as long as it was set for, once', async (_, begin, longestMs) => {
    await begin();
    await setBack();
    const at = gate({ paceMs: longestMs === 20_000 ? 20_000 : 5_000 });
    const closedMs = await at.closedForMs('A');
    expect(closedMs).toBeLessThanOrEqual(longestMs);
    expect(closedMs).toBeGreaterThan(longestMs - 2_000);
    // It does not begin again with each question.
    await waitUntil('it to pass', async () => (await at.closedForMs('A')) < closedMs);
  });

  test('a probe holds the webhook for its lease at most', async () => {
    await fail(5, gate({ firstHoldMs: 1 }));
    const lease = gate({ probeLeaseMs: 100 });
    await nextGo(lease);
    await setBack();
    await redis.client.hset(gateKey, 'heldUntil', 1);
    expect(await nextGo(lease)).toMatchObject({ probe: true });
  });

  test('the time of a hold is counted from then', async () => {
    await fail(5);
    await setBack();
    expect(await gate().status('A')).toEqual({
      heldForMs: 0,
      pausedForMs: null,
      gone: false,
      operatorPause: null,
    });
    await gate().closedForMs('A');
    await waitUntil(
      'it to be counted',
      async () => ((await gate().status('A')).heldForMs ?? 0) > 0,
    );
    await setBack();
    expect(await gate().accepted('A', [key(1)])).toEqual({ heldForMs: 0 });
  });

  test('a pause is shown as long as it can last, and a new one counts', async () => {
    await gate().pause('A', 20_000);
    await setBack();
    expect((await gate().status('A')).pausedForMs).toBeLessThanOrEqual(20_000);
    await gate().pause('A', 30_000);
    expect((await gate().status('A')).pausedForMs).toBeGreaterThan(29_000);
  });
});
