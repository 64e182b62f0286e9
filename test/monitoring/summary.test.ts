import { expect, test } from 'vitest';
import type { RelayStatus } from '../../src/monitoring/relay-status.io.ts';
import { logSummary, createTally } from '../../src/monitoring/summary.ts';
import { recordingLog } from '../helpers/recording-log.ts';

const NOW_MS = Date.parse('2026-11-23T08:05:00Z');
const COUNTS = { waiting: 2, active: 1, retrying: 0, failed: 3 };
const OPEN = { heldForMs: null, pausedForMs: null };

const STANDING: RelayStatus = {
  webhooks: [
    { webhook: 'SALES', counts: COUNTS, oldestWaitingAtMs: NOW_MS - 90_400, ...OPEN },
    { webhook: 'CRM', counts: COUNTS, oldestWaitingAtMs: null, ...OPEN },
    { webhook: 'OPS', counts: COUNTS, oldestWaitingAtMs: NOW_MS + 5_000, ...OPEN },
  ],
  budgetUsed: 12,
  lastPollAtMs: NOW_MS - 10_000,
  completeness: { posts: 120, inTime: 118 },
};

function summary() {
  const tally = createTally();
  const { log, lines } = recordingLog();
  const tell = (status: () => Promise<RelayStatus>) =>
    logSummary({ tally, status, log, nowMs: () => NOW_MS });
  return { tally, lines, tell };
}

test('what happened and how each webhook stands is one line', async () => {
  const { tally, lines, tell } = summary();
  tally.count('delivered', 7);
  await tell(async () => STANDING);
  expect(lines).toEqual([
    {
      level: 'info',
      event: 'relay.summary',
      fields: {
        polls: 0,
        pollsFailed: 0,
        recovered: 0,
        newMentions: 0,
        delivered: 7,
        retried: 0,
        failed: 0,
        gaps: 0,
        webhooks: {
          SALES: { ...COUNTS, oldestWaitingSeconds: 90 },
          CRM: { ...COUNTS, oldestWaitingSeconds: 0 },
          // Queued by a replica whose clock is ahead.
          OPS: { ...COUNTS, oldestWaitingSeconds: 0 },
        },
        budgetUsed: 12,
        lastPollAt: '2026-11-23T08:04:50.000Z',
        lastDay: { posts: 120, inTime: 118 },
      },
      message: 'since the last summary',
    },
  ]);
});

test('before the first poll there is no time of one', async () => {
  const { lines, tell } = summary();
  await tell(async () => ({ ...STANDING, lastPollAtMs: null }));
  expect(lines[0]?.fields).toMatchObject({ lastPollAt: null });
});

test('where Redis refuses to answer, what happened is kept for the next one', async () => {
  const { tally, lines, tell } = summary();
  tally.count('delivered', 7);
  await expect(tell(() => Promise.reject(new Error('OOM')))).rejects.toThrow('OOM');
  expect(lines).toEqual([]);
  tally.count('delivered');
  await tell(async () => STANDING);
  expect(lines[0]?.fields).toMatchObject({ delivered: 8 });
});
