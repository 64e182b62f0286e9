import { expect, test } from 'vitest';
import { startUpkeep, type UpkeepParts } from '../../src/app/app.ts';
import { createTally } from '../../src/monitoring/summary.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';

const HOUR_MS = 3_600_000;

function upkeep(purgeFailed: UpkeepParts['queues']['purgeFailed'] = async () => 0) {
  const recording = recordingLog();
  const periodic = new Map<number, () => Promise<void>>();
  const errors: unknown[] = [];
  const none = { waiting: 0, active: 0, retrying: 0, failed: 0 };
  const parts: UpkeepParts = {
    config: {
      webhooks: [webhookOf({ name: 'A' })],
      delivery: { timeoutMs: 1, retryDelaysMs: [], failedRetentionMs: 14 * 24 * HOUR_MS },
    },
    log: recording.log,
    lifecycle: {
      every: (intervalMs, work) => void periodic.set(intervalMs, work),
      untilTaken: (ask) => ask(),
    },
    queues: {
      counts: async (webhook) => (webhook === 'GONE' ? { ...none, waiting: 3 } : none),
      purgeFailed,
    },
    status: async () => ({
      webhooks: [],
      budgetUsed: 7,
      lastPollAtMs: null,
      completeness: null,
    }),
    knownWebhooks: { names: async () => ['A', 'GONE'] },
    operatorLog: { write: async () => undefined },
    tally: createTally(),
    reportError: (error) => errors.push(error),
    nowMs: () => 0,
  };
  return { ...recording, periodic, errors, start: () => startUpkeep(parts) };
}

test('at the start, unconfigured webhooks are logged, and old failures of all webhooks purged', async () => {
  const purged: string[] = [];
  const { start, told, lines } = upkeep(async (webhook) => {
    purged.push(webhook);
    return webhook === 'GONE' ? 2 : 0;
  });
  await start();
  expect(purged).toEqual(['A', 'GONE']);
  expect(told()).toEqual(['warn webhook.unconfigured', 'warn delivery.purged']);
  expect(lines[1]?.fields).toEqual({ webhook: 'GONE', purged: 2 });
});

test('a purge that fails at the start is reported, and the start continues', async () => {
  const { start, errors, periodic } = upkeep(() => Promise.reject(new Error('OOM')));
  await start();
  expect(errors).toHaveLength(1);
  expect([...periodic.keys()].toSorted((a, b) => a - b)).toEqual([5_000, 300_000, HOUR_MS]);
});

test('a summary is logged every 5 minutes', async () => {
  const { start, periodic, lines } = upkeep();
  await start();
  await periodic.get(300_000)?.();
  expect(lines.at(-1)).toMatchObject({ event: 'relay.summary', fields: { budgetUsed: 7 } });
});
