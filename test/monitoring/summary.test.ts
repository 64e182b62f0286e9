import { expect, test } from 'vitest';
import {
  createTally,
  logPaused,
  logSummary,
  tallyDeliveries,
} from '../../src/monitoring/summary.ts';
import type { RelayStatus } from '../../src/monitoring/relay-status.io.ts';
import type { DueDelivery } from '../../src/queues/taken-deliveries.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';

const NOW_MS = Date.parse('2026-11-23T08:05:00Z');
const COUNTS = { waiting: 2, active: 1, retrying: 0, failed: 3 };
const OPEN = {
  heldForMs: null,
  pausedForMs: null,
  closedForMs: null,
  nextDigestAtMs: null,
  gone: false,
  operatorPause: null,
};
const ZERO = {
  polls: 0,
  pollsFailed: 0,
  newMentions: 0,
  merged: 0,
  delivered: 0,
  retried: 0,
  failed: 0,
  gaps: 0,
  recovered: 0,
  unreadable: 0,
};

const STATUS: RelayStatus = {
  webhooks: [
    { webhook: 'SALES', counts: COUNTS, oldestWaitingAtMs: NOW_MS - 90_400, ...OPEN },
    { webhook: 'CRM', counts: COUNTS, oldestWaitingAtMs: null, ...OPEN },
    { webhook: 'OPS', counts: COUNTS, oldestWaitingAtMs: NOW_MS + 5_000, ...OPEN },
    { webhook: 'DAY', counts: COUNTS, oldestWaitingAtMs: null, ...OPEN, closedForMs: 5_000 },
    {
      webhook: 'QUIET',
      counts: COUNTS,
      oldestWaitingAtMs: null,
      ...OPEN,
      operatorPause: { sinceMs: NOW_MS - 7_200_000, untilMs: null },
    },
  ],
  budgetUsed: 12,
  lastPollAtMs: NOW_MS - 10_000,
  completeness: { posts: 120, inTime: 118 },
};

function summary() {
  const tally = createTally();
  const { log, lines } = recordingLog();
  const write = (status: () => Promise<RelayStatus>) =>
    logSummary({ tally, status, log, nowMs: () => NOW_MS });
  return { tally, lines, write };
}

test('the counts and the status of each webhook are one line', async () => {
  const { tally, lines, write } = summary();
  tally.count('delivered', 7);
  await write(async () => STATUS);
  expect(lines).toEqual([
    {
      level: 'info',
      event: 'relay.summary',
      fields: {
        ...ZERO,
        delivered: 7,
        webhooks: {
          SALES: { ...COUNTS, oldestWaitingSeconds: 90 },
          CRM: { ...COUNTS, oldestWaitingSeconds: 0 },
          // Queued by a replica whose clock is ahead.
          OPS: { ...COUNTS, oldestWaitingSeconds: 0 },
          DAY: { ...COUNTS, oldestWaitingSeconds: 0, closed: true },
          QUIET: {
            ...COUNTS,
            oldestWaitingSeconds: 0,
            paused: { since: '2026-11-23T06:05:00.000Z', until: null },
          },
        },
        budgetUsed: 12,
        lastPollAt: '2026-11-23T08:04:50.000Z',
        lastDay: { posts: 120, inTime: 118 },
      },
      message: 'counts since the last summary',
    },
  ]);
});

test('a webhook that an operator has paused is logged at the start, and no other', async () => {
  const { log, lines } = recordingLog();
  await logPaused({ log, status: async () => STATUS });
  expect(lines).toMatchObject([
    {
      level: 'warn',
      event: 'webhook.paused',
      fields: {
        webhook: 'QUIET',
        reason: 'operator',
        since: '2026-11-23T06:05:00.000Z',
        until: null,
      },
    },
  ]);
});

test('before the first poll its time is null', async () => {
  const { lines, write } = summary();
  await write(async () => ({ ...STATUS, lastPollAtMs: null }));
  expect(lines[0]?.fields).toMatchObject({ lastPollAt: null });
});

test('if Redis refuses to answer, the counts are kept for the next summary', async () => {
  const { tally, lines, write } = summary();
  tally.count('delivered', 7);
  await expect(write(() => Promise.reject(new Error('OOM')))).rejects.toThrow('OOM');
  expect(lines).toEqual([]);
  tally.count('delivered');
  await write(async () => STATUS);
  expect(lines[0]?.fields).toMatchObject({ delivered: 8 });
});

test('a tally starts at zero, counts each event separately, and is reset when taken', () => {
  const tally = createTally();
  expect(tally.take()).toEqual(ZERO);
  tally.count('polls');
  tally.count('polls');
  tally.count('newMentions', 7);
  tally.count('newMentions', 0);
  const taken = tally.take();
  tally.count('failed');
  expect(taken).toEqual({ ...ZERO, polls: 2, newMentions: 7 });
  expect(tally.take()).toEqual({ ...ZERO, failed: 1 });
});

test('a tally counts accepted, retried and failed deliveries, but no repeated ones', () => {
  const tally = createTally();
  const listener = tallyDeliveries(tally);
  const item: DueDelivery = { delivery: deliveryOf({}, 0), attempt: 1 };
  const result = { kind: 'unanswered', code: 'ECONNREFUSED', durationMs: 1 } as const;
  listener.succeeded?.(item, result, 1);
  listener.retrying?.(item, result, 'ECONNREFUSED', 1);
  listener.retrying?.(item, result, 'ECONNREFUSED', 1);
  listener.failed?.(item, result, 'ECONNREFUSED');
  listener.repeated?.(item);
  expect(tally.take()).toEqual({ ...ZERO, delivered: 1, retried: 2, failed: 1 });
});
