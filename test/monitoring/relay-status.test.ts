import { expect, test } from 'vitest';
import { readRelayStatus, type StatusPorts } from '../../src/monitoring/relay-status.io.ts';

const COUNTS = { waiting: 2, active: 1, retrying: 0, failed: 3 };

const PORTS: StatusPorts = {
  counts: async () => COUNTS,
  oldestWaitingAtMs: async (webhook) => (webhook === 'SALES' ? 1_000 : null),
  gateStatus: async (webhook) => ({
    heldForMs: webhook === 'SALES' ? 0 : null,
    pausedForMs: 5_000,
    gone: false,
  }),
  budgetUsed: async () => 12,
  polls: async () => ({ lastPollAtMs: 2_000, completeness: { posts: 3, inTime: 2 } }),
};

test('the status has the webhooks in the given order, with pauses apart from holds', async () => {
  const both = { counts: COUNTS, pausedForMs: 5_000, gone: false };
  expect(await readRelayStatus(PORTS, ['SALES', 'CRM'])).toEqual({
    webhooks: [
      { ...both, webhook: 'SALES', oldestWaitingAtMs: 1_000, heldForMs: 0 },
      { ...both, webhook: 'CRM', oldestWaitingAtMs: null, heldForMs: null },
    ],
    budgetUsed: 12,
    lastPollAtMs: 2_000,
    completeness: { posts: 3, inTime: 2 },
  });
});

test('all questions are asked at once, so that a late answer delays no other', () => {
  const asked = new Set<string>();
  const never = (question: string) => () => {
    asked.add(question);
    return new Promise<never>(() => undefined);
  };
  const questions = Object.keys(PORTS) as (keyof StatusPorts)[];
  const silent = Object.fromEntries(questions.map((name) => [name, never(name)]));
  void readRelayStatus(silent as unknown as StatusPorts, ['SALES']);
  expect(asked).toEqual(new Set(questions));
});

test('one refused question is an error of the whole status', async () => {
  const ports = { ...PORTS, budgetUsed: () => Promise.reject(new Error('OOM')) };
  await expect(readRelayStatus(ports, ['SALES'])).rejects.toThrow('OOM');
});
