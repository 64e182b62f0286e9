import { expect, test } from 'vitest';
import type { WorkingHours } from '../../src/domain/hours/working-hours.ts';
import {
  healthFacts,
  readRelayStatus,
  type StatusPorts,
} from '../../src/monitoring/relay-status.io.ts';
import type { RedisClient } from '../../src/redis/redis-client.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { configOf } from '../helpers/config-of.ts';

const COUNTS = { waiting: 2, active: 1, retrying: 0, failed: 3 };

const PORTS: StatusPorts = {
  counts: async () => COUNTS,
  oldestWaitingAtMs: async (webhook) => (webhook === 'SALES' ? 1_000 : null),
  gateStatus: async (webhook) => ({
    heldForMs: webhook === 'SALES' ? 0 : null,
    pausedForMs: 5_000,
    gone: false,
    operatorPause: null,
  }),
  budgetUsed: async () => 12,
  polls: async () => ({ lastPollAtMs: 2_000, completeness: { posts: 3, inTime: 2 } }),
};

const SALES = { name: 'SALES', hours: null, digest: null };
const CRM = { name: 'CRM', hours: null, digest: null };

test('the status has the webhooks in the given order, with pauses apart from holds', async () => {
  const both = {
    counts: COUNTS,
    pausedForMs: 5_000,
    closedForMs: null,
    nextDigestAtMs: null,
    gone: false,
    operatorPause: null,
  };
  expect(await readRelayStatus(PORTS, [SALES, CRM], 3_000)).toEqual({
    webhooks: [
      { ...both, webhook: 'SALES', oldestWaitingAtMs: 1_000, heldForMs: 0 },
      { ...both, webhook: 'CRM', oldestWaitingAtMs: null, heldForMs: null },
    ],
    budgetUsed: 12,
    lastPollAtMs: 2_000,
    completeness: { posts: 3, inTime: 2 },
  });
});

test('nothing is late while an operator has paused the webhook', async () => {
  const operatorPause = { sinceMs: 2_000, untilMs: null };
  const gateStatus = async () => ({ ...(await PORTS.gateStatus('SALES')), operatorPause });
  const { webhooks } = await readRelayStatus({ ...PORTS, gateStatus }, [SALES], 3_000);
  expect(webhooks).toMatchObject([{ oldestWaitingAtMs: null, operatorPause }]);
});

test('all questions are asked at once, so that a late answer delays no other', () => {
  const asked = new Set<string>();
  const never = (question: string) => () => {
    asked.add(question);
    return new Promise<never>(() => undefined);
  };
  const questions = Object.keys(PORTS) as (keyof StatusPorts)[];
  const silent = Object.fromEntries(questions.map((name) => [name, never(name)]));
  void readRelayStatus(silent as unknown as StatusPorts, [SALES], 3_000);
  expect(asked).toEqual(new Set(questions));
});

test('one refused question is an error of the whole status', async () => {
  const ports = { ...PORTS, budgetUsed: () => Promise.reject(new Error('OOM')) };
  await expect(readRelayStatus(ports, [SALES], 3_000)).rejects.toThrow('OOM');
});

const HOUR_MS = 3_600_000;
const DAY_TIME: WorkingHours = {
  text: '08:00-18:00',
  spans: [{ days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 480, toMinute: 1_080 }],
  zone: 'UTC',
};

/** Reads the status of a webhook for the day, so many hours after midnight. */
async function duringTheDay(hour: number, { queuedAt, heldFor }: Record<string, number>) {
  const ports = {
    ...PORTS,
    oldestWaitingAtMs: async () => Number(queuedAt) * HOUR_MS,
    gateStatus: async () => ({
      heldForMs: Number(heldFor) * HOUR_MS,
      pausedForMs: null,
      gone: false,
      operatorPause: null,
    }),
  };
  const day = { name: 'DAY', hours: DAY_TIME, digest: null };
  const { webhooks } = await readRelayStatus(ports, [day], hour * HOUR_MS);
  return webhooks
    .flatMap((each) => [each.closedForMs, each.oldestWaitingAtMs, each.heldForMs])
    .map((ms) => (ms === null ? null : ms / HOUR_MS));
}

test.each([
  ['closed: nothing is late', 20, 17, 3, [12, null, 3]],
  ['open again: the age of delivery and hold counts from the opening', 33, 17, 16, [null, 32, 1]],
  ['open: what was queued and failed since then is as old as it is', 36, 34, 1, [null, 34, 1]],
])('%s', async (_, hour, queuedAt, heldFor, expected) => {
  expect(await duringTheDay(hour, { queuedAt, heldFor })).toEqual(expected);
});

test.each([
  ['the first works', [], ['A'], []],
  ['the first is gone', ['A'], ['A', 'B'], []],
  ['all for mentions are gone', ['A', 'B', 'C'], ['A', 'B'], ['A', 'B']],
])(
  'the facts of the health ask no more webhooks than needed: %s',
  async (_, gone, asked, found) => {
    const questions: string[] = [];
    const config = configOf({
      WEBHOOK_B_URL: 'https://b.example',
      WEBHOOK_C_URL: 'https://c.example',
      WEBHOOK_C_EVENTS: 'alerts',
    });
    const redis = { hmget: async () => [], get: async () => null } as unknown as RedisClient;
    const isGone = async (name: string) => {
      questions.push(name);
      return gone.includes(name);
    };
    const facts = await healthFacts({ config, redis, keys: redisKeys('test'), isGone })();
    expect([questions, facts.gone]).toEqual([asked, found]);
  },
);

test.each([
  ['before the digest: nothing is late', 20, 17, null, [null, 32]],
  ['of the last one: late since its time', 20, 7, null, [8, 32]],
  ['before the digest, which falls into closed hours', 20, 17, DAY_TIME, [null, 32]],
  ['of one that falls into closed hours', 33, 20, { ...DAY_TIME, zone: 'Etc/GMT+2' }, [null, 34]],
])('what was queued %s', async (_, hour, queuedAt, hours, expected) => {
  const ports = { ...PORTS, oldestWaitingAtMs: async () => queuedAt * HOUR_MS };
  const digest = { text: 'daily 08:00', days: [0, 1, 2, 3, 4, 5, 6], minutes: [480], zone: 'UTC' };
  const webhook = { name: 'DAY', hours, digest };
  const { webhooks } = await readRelayStatus(ports, [webhook], hour * HOUR_MS);
  const [status] = webhooks;
  expect(
    [status?.oldestWaitingAtMs, status?.nextDigestAtMs].map((ms) => ms && ms / HOUR_MS),
  ).toEqual(expected);
});
