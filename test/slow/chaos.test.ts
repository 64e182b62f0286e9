import { expect, test } from 'vitest';
import { reportOf } from '../chaos/report.ts';
import { runChaos } from '../chaos/run.ts';
import { judgeRun } from '../chaos/verdict.ts';

const FAULTS_MS = 60_000;
const DRAIN_MS = 240_000;

test(
  'a minute in which relays, Redis, webhooks and the API are killed, frozen and fail: nothing is lost',
  async () => {
    const { record } = await runChaos({
      seed: 7,
      lengthMs: FAULTS_MS,
      replicas: 3,
      drainMs: DRAIN_MS,
      signal: new AbortController().signal,
      progress: () => undefined,
    });
    const verdict = judgeRun(record);
    expect(verdict.problems, reportOf(record, verdict)).toEqual([]);
    // The run must have been hard enough.
    expect(new Set(record.faults.map(({ lane }) => lane)).size).toBe(record.lanes.length);
    expect(verdict.deliveries).toBe(record.mentions.length * record.receivers.length);
    expect(record.mentions.length).toBeGreaterThan(50);
    expect(record.api.busiestMinute).toBeGreaterThan(record.api.budget / 2);
  },
  FAULTS_MS + DRAIN_MS + 60_000,
);
