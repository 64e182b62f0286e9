import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTroubles, type Troubles } from '../../../src/delivering/troubles/troubles.io.ts';
import { readRecentTroubles } from '../../../src/delivering/troubles/recent-troubles.io.ts';
import type { Trouble, TroubleCause } from '../../../src/domain/alert.ts';
import type { Delivery } from '../../../src/domain/delivery.ts';
import { redisKeys } from '../../../src/redis/redis-keys.ts';
import { serverTimeMs } from '../../../src/redis/redis-checks.ts';
import { startPrivateRedis, type PrivateRedis } from '../../helpers/private-redis.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const MINUTE_MS = 60_000;
const keys = redisKeys('test');
let redis: PrivateRedis;
/** The queued alerts by their keys, as job ids and the ledger keep them apart. */
let queued: Map<string, string>;
let crash: 'never' | 'before queueing' | 'after queueing';
let nowMs: number;
let replicas: readonly [Troubles, Troubles];

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  queued = new Map();
  crash = 'never';
  nowMs = Date.parse('2026-11-23T08:00:00Z');
  replicas = [replica(), replica()];
});

function replica(): Troubles {
  return createTroubles({
    redis: redis.client,
    keys,
    webhooks: [{ name: 'OPS', events: 'alerts' }],
    async put(deliveries) {
      if (crash === 'before queueing') throw new Error('crash');
      for (const delivery of deliveries) {
        if (!queued.has(delivery.key)) queued.set(delivery.key, wordOf(delivery));
      }
      if (crash === 'after queueing') throw new Error('crash');
    },
    nowMs: () => (nowMs += 1),
  });
}

function wordOf(delivery: Delivery): string {
  const isAllClear =
    delivery.kind === 'alert' &&
    delivery.alert.type === 'relay.trouble' &&
    delivery.alert.endsAlertAtMs !== undefined;
  return isAllClear ? 'all-clear' : 'alert';
}

/** Makes all that Redis keeps older, as if so many minutes had passed by its clock. */
async function age(minutes: number): Promise<void> {
  for (const [field, json] of Object.entries(await redis.client.hgetall(keys.troubles))) {
    const { sinceMs, seenMs, ...times } = JSON.parse(json) as Record<string, number>;
    const older = [sinceMs, seenMs].map((ms) => Number(ms) - minutes * MINUTE_MS);
    const kept = JSON.stringify({ ...times, sinceMs: older[0], seenMs: older[1] });
    await redis.client.hset(keys.troubles, field, kept);
  }
  for (const key of await redis.client.keys(keys.alerted('*').replace(/[^:]*$/, '*'))) {
    const leftMs = (await redis.client.pttl(key)) - minutes * MINUTE_MS;
    await redis.client.pexpire(key, Math.max(0, leftMs));
  }
}

type Step = 'found' | 'over' | 'open' | number | `${'found' | 'over'}, crash ${'before' | 'after'}`;

async function happens(step: Step, { trouble, webhook }: TroubleCause, by: Troubles) {
  if (typeof step === 'number') return age(step);
  const [what, , when] = step.replace(',', '').split(' ');
  if (when !== undefined) crash = `${when as 'before' | 'after'} queueing`;
  const done =
    what === 'found'
      ? by.found(trouble, webhook ?? undefined)
      : what === 'over'
        ? by.over([{ trouble, webhook }])
        : by.open();
  if (when === undefined) await done;
  else await expect(done).rejects.toThrow('crash');
  crash = 'never';
}

// The steps alternate between two replicas; a number lets minutes pass.
test.each<[string, Trouble, readonly Step[], readonly string[]]>([
  ['found twice: one alert', 'key_rejected', ['found', 'found'], ['alert']],
  ['over twice: one all-clear', 'key_rejected', ['found', 'over', 'over'], ['alert', 'all-clear']],
  ['never found: no all-clear', 'key_rejected', ['over'], []],
  [
    'goes on: an alert per hour, one all-clear',
    'key_rejected',
    ['found', 59, 'found', 1, 'found', 'over'],
    ['alert', 'alert', 'all-clear'],
  ],
  [
    'returns within the hour, and goes: neither again',
    'key_rejected',
    ['found', 'over', 'found', 'over'],
    ['alert', 'all-clear'],
  ],
  [
    'returns within the hour, and stays: an alert when it is over',
    'key_rejected',
    ['found', 'over', 'found', 60, 'found', 'over'],
    ['alert', 'all-clear', 'alert', 'all-clear'],
  ],
  ['polls fail for less than 15 minutes', 'polls_failing', ['found', 14, 'found', 'over'], []],
  [
    'polls fail for 15 minutes',
    'polls_failing',
    ['found', 14, 'found', 1, 'found', 'over'],
    ['alert', 'all-clear'],
  ],
  [
    'polls fail for 15 minutes, but one succeeded',
    'polls_failing',
    ['found', 14, 'over', 'found', 14, 'found'],
    [],
  ],
  [
    'polls fail, and the clock goes back by an hour',
    'polls_failing',
    ['found', -60, 'found', 15, 'found'],
    ['alert'],
  ],
  [
    'items are readable for less than an hour',
    'items_unreadable',
    ['found', 40, 'found', 59, 'over'],
    ['alert'],
  ],
  [
    'items are readable for an hour',
    'items_unreadable',
    ['found', 40, 'found', 60, 'over'],
    ['alert', 'all-clear'],
  ],
  ['a failure is not in the list yet', 'deliveries_failed', ['found', 'over'], ['alert']],
  [
    'the list of failures is empty',
    'deliveries_failed',
    ['found', 1, 'over'],
    ['alert', 'all-clear'],
  ],
  [
    'crash before the alert is queued, found again',
    'state_emptied',
    ['found, crash before', 'found'],
    ['alert'],
  ],
  [
    'crash before the alert is queued, not found again',
    'state_emptied',
    ['found, crash before', 'open'],
    ['alert'],
  ],
  [
    'crash before the alert is queued, over',
    'key_rejected',
    ['found, crash before', 'over'],
    ['alert', 'all-clear'],
  ],
  [
    'crash after the alert is queued: the same again',
    'key_rejected',
    ['found, crash after', 'open', 'found'],
    ['alert'],
  ],
  [
    'crash before the all-clear is queued',
    'key_rejected',
    ['found', 'over, crash before', 'over'],
    ['alert', 'all-clear'],
  ],
  [
    'crash after the all-clear is queued: the same again',
    'key_rejected',
    ['found', 'over, crash after', 'over', 'over'],
    ['alert', 'all-clear'],
  ],
])('%s', async (_, trouble, steps, expected) => {
  const webhook = trouble === 'deliveries_failed' ? 'SALES' : null;
  for (const [index, step] of steps.entries()) {
    await happens(step, { trouble, webhook }, replicas[index % 2 === 0 ? 0 : 1]);
  }
  expect([...queued.values()]).toEqual(expected);
});

// The times are those of Redis: here only their order counts.
test.each<[string, readonly (readonly [Step, Trouble, string?])[], readonly string[]]>([
  ['none', [], []],
  ['one that lasts', [['found', 'key_rejected']], ['key_rejected']],
  [
    'one that is over, and one that lasts',
    [
      ['found', 'webhook_gone', 'SALES'],
      ['over', 'webhook_gone', 'SALES'],
      [1, 'key_rejected'],
      ['found', 'key_rejected'],
    ],
    ['key_rejected', 'webhook_gone SALES over'],
  ],
  [
    'returned within the hour, without an alert: both times',
    [
      ['found', 'key_rejected'],
      ['over', 'key_rejected'],
      ['found', 'key_rejected'],
      ['over', 'key_rejected'],
    ],
    ['key_rejected over', 'key_rejected over'],
  ],
  ['one without an end', [['found', 'clock_jumped']], ['clock_jumped at once']],
  [
    'one that did not last long enough for an alert',
    [
      ['found', 'polls_failing'],
      [14, 'polls_failing'],
      ['found', 'polls_failing'],
      ['over', 'polls_failing'],
      ['found', 'polls_failing'],
    ],
    [],
  ],
  [
    'one whose all-clear was queued twice, after a crash',
    [
      ['found', 'key_rejected'],
      ['over, crash after', 'key_rejected'],
      ['over', 'key_rejected'],
    ],
    ['key_rejected over'],
  ],
  [
    'the last three of many',
    ['A', 'B', 'C', 'D'].flatMap((name) => [
      ['found', 'webhook_gone', name] as const,
      ['over', 'webhook_gone', name] as const,
    ]),
    ['webhook_gone D over', 'webhook_gone C over', 'webhook_gone B over'],
  ],
])('status names %s', async (_, steps, expected) => {
  for (const [index, [step, trouble, webhook = null]] of steps.entries()) {
    await happens(step, { trouble, webhook }, replicas[index % 2 === 0 ? 0 : 1]);
    // Each in a millisecond of its own.
    const startedMs = await serverTimeMs(redis.client);
    await waitUntil('the next one', async () => (await serverTimeMs(redis.client)) > startedMs);
  }
  const recent = await readRecentTroubles(redis.client, keys);
  const named = recent.map(({ trouble, webhook, sinceMs, untilMs }) => {
    const end = untilMs === null ? [] : [untilMs === sinceMs ? 'at once' : 'over'];
    return [trouble, ...(webhook === null ? [] : [webhook]), ...end].join(' ');
  });
  expect(named).toEqual(expected);
  expect(await redis.client.llen(keys.pastTroubles)).toBeLessThanOrEqual(10);
});

test('a trouble of a later release, among those that are over, is left out', async () => {
  const cause = '["relay.trouble","of_a_later_release",null]';
  const past = JSON.stringify({ cause, sinceMs: 1, untilMs: 2 });
  await redis.client.lpush(keys.pastTroubles, past);
  await redis.client.hset(keys.troubles, cause, '{}');
  expect(await readRecentTroubles(redis.client, keys)).toEqual([]);
});

test('two replicas at the same time queue one alert and one all-clear', async () => {
  await Promise.all(replicas.map((each) => each.found('webhook_gone', 'SALES')));
  const cause = { trouble: 'webhook_gone', webhook: 'SALES' } as const;
  await Promise.all(replicas.map((each) => each.over([cause])));
  expect([...queued.values()]).toEqual(['alert', 'all-clear']);
});

describe('open troubles', () => {
  test('are those with an end, each with its webhook, and none that is unknown here', async () => {
    const [one, two] = replicas;
    await one.found('webhook_held', 'SALES');
    await one.found('polls_failing');
    await one.found('clock_jumped');
    await redis.client.hset(keys.troubles, '["relay.trouble","of_a_later_release",null]', '{}');
    const open = await two.open();
    // A hash has no order.
    expect(open.toSorted((a, b) => a.trouble.localeCompare(b.trouble))).toEqual([
      { trouble: 'polls_failing', webhook: null },
      { trouble: 'webhook_held', webhook: 'SALES' },
    ]);
    await two.over(await two.open());
    expect(await one.open()).toEqual([]);
  });
});
