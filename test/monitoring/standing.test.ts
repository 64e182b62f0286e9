import { expect, test } from 'vitest';
import { readRelayStatus, type StatusPorts } from '../../src/monitoring/relay-status.io.ts';

const COUNTS = { waiting: 2, active: 1, retrying: 0, failed: 3 };

const PORTS: StatusPorts = {
  counts: async () => COUNTS,
  oldestWaitingAtMs: async (webhook) => (webhook === 'SALES' ? 1_000 : null),
  gateStatus: async (webhook) => ({
    heldForMs: webhook === 'SALES' ? 0 : null,
    pausedForMs: 5_000,
  }),
  budgetUsed: async () => 12,
  polls: async () => ({ lastPollAtMs: 2_000, completeness: { posts: 3, inTime: 2 } }),
};

test('how each webhook stands is told in the order in which they are given, a pause as no hold', async () => {
  expect(await readRelayStatus(PORTS, ['SALES', 'CRM'])).toEqual({
    webhooks: [
      {
        webhook: 'SALES',
        counts: COUNTS,
        oldestWaitingAtMs: 1_000,
        heldForMs: 0,
        pausedForMs: 5_000,
      },
      {
        webhook: 'CRM',
        counts: COUNTS,
        oldestWaitingAtMs: null,
        heldForMs: null,
        pausedForMs: 5_000,
      },
    ],
    budgetUsed: 12,
    lastPollAtMs: 2_000,
    completeness: { posts: 3, inTime: 2 },
  });
});

test('all is asked at once, so that an answer that is late holds up no other question', async () => {
  const asked: string[] = [];
  const never = (question: string) => () => {
    asked.push(question);
    return new Promise<never>(() => undefined);
  };
  void readRelayStatus(
    {
      counts: never('counts'),
      oldestWaitingAtMs: never('oldest'),
      gateStatus: never('gate'),
      budgetUsed: never('budget'),
      polls: never('polls'),
    },
    ['SALES'],
  );
  expect(asked.toSorted()).toEqual(['budget', 'counts', 'gate', 'oldest', 'polls']);
});

test('one question that is refused is an error of the whole', async () => {
  const refused = readRelayStatus(
    { ...PORTS, budgetUsed: () => Promise.reject(new Error('OOM')) },
    ['SALES'],
  );
  await expect(refused).rejects.toThrow('OOM');
});
