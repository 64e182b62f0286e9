import { describe, expect, test } from 'vitest';
import { createPollRun, type PollResult } from '../../src/polling/poll-run.ts';
import type { PollOutcome } from '../../src/polling/poll.ts';
import { recordingLog } from '../helpers/recording-log.ts';

const QUIET: PollOutcome = {
  windowSize: 100,
  malformed: 0,
  newMentions: 0,
  queued: 0,
  gap: false,
  sinceLastMs: 10_000,
};
const NEWS: PollOutcome = { ...QUIET, newMentions: 2, queued: 4 };
const MINUTE_MS = 60_000;

class Rejected extends Error {}

/** The outcome of a poll, or the error that it throws. */
type Script = PollOutcome | Error;

/** Runs on a clock that only the test moves. A poll takes 40 ms of it. */
function runs() {
  let nowMs = 1_000;
  let script: Script = QUIET;
  let polls = 0;
  const results: PollResult[] = [];
  const recording = recordingLog();
  const stop = new AbortController();
  const run = createPollRun({
    async poll(signal) {
      expect(signal).toBe(stop.signal);
      polls += 1;
      nowMs += 40;
      if (script instanceof Error) throw script;
      return script;
    },
    explain: (error) => ({
      keyRejected: error instanceof Rejected,
      reason: error instanceof Rejected ? 'the key was rejected' : 'the API failed',
    }),
    onResult: (result) => results.push(result),
    log: recording.log,
    monotonicMs: () => nowMs,
  });
  return {
    /** Runs once, with this result of the poll. */
    run: async (next: Script) => {
      script = next;
      await run(stop.signal);
    },
    after: (durationMs: number) => {
      nowMs += durationMs;
    },
    abort: () => stop.abort(),
    polls: () => polls,
    results,
    ...recording,
  };
}

const OUTAGE = new Error('secret text of an error');
const REJECTED = new Rejected('secret text of an error');

describe('a run', () => {
  test('logs at debug if nothing is new', async () => {
    const { run, lines, results } = runs();
    await run(QUIET);
    expect(lines).toEqual([
      {
        level: 'debug',
        event: 'poll.completed',
        fields: { ...QUIET, durationMs: 40 },
        message: 'window polled',
      },
    ]);
    expect(results).toEqual([QUIET]);
  });

  test('logs new mentions at info', async () => {
    const { run, lines, results } = runs();
    await run(NEWS);
    expect(lines).toMatchObject([
      { level: 'info', event: 'poll.completed', fields: { ...NEWS, durationMs: 40 } },
    ]);
    expect(results).toEqual([NEWS]);
  });

  test('logs an outage at its start and then ever more rarely', async () => {
    const { run, lines, results } = runs();
    for (let count = 0; count < 20; count += 1) await run(OUTAGE);
    expect(lines.map(({ fields }) => fields['failedInARow'])).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    const loud = lines.filter(({ level }) => level === 'warn');
    expect(loud.map(({ fields }) => fields)).toEqual(
      [1, 2, 4, 8, 16].map((failedInARow) => ({ reason: 'the API failed', failedInARow })),
    );
    expect(lines.filter(({ level }) => level === 'debug')).toHaveLength(15);
    expect(new Set(lines.map(({ event }) => event))).toEqual(new Set(['poll.failed']));
    expect(results).toEqual(Array.from({ length: 20 }, () => 'failed'));
  });

  test('logs the end of an outage once, even if nothing is new', async () => {
    const { run, lines, told } = runs();
    for (let count = 0; count < 3; count += 1) await run(OUTAGE);
    await run(QUIET);
    await run(QUIET);
    expect(told().slice(3)).toEqual(['info poll.completed', 'debug poll.completed']);
    expect(lines[3]?.fields).toEqual({ ...QUIET, durationMs: 40, failedBefore: 3 });
    expect(lines[4]?.fields).toEqual({ ...QUIET, durationMs: 40 });
  });

  test('counts a new outage from its own start', async () => {
    const { run, lines } = runs();
    for (const script of [OUTAGE, OUTAGE, QUIET, OUTAGE]) await run(script);
    expect(lines.at(-1)).toMatchObject({
      level: 'warn',
      event: 'poll.failed',
      fields: { failedInARow: 1 },
    });
  });

  test('logs nothing of an error but its explanation', async () => {
    const { run, lines } = runs();
    await run(OUTAGE);
    await run(REJECTED);
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain('secret text');
  });
});

describe('a rejected key', () => {
  test('is logged once, at error level, by the name of its variable', async () => {
    const { run, lines, results } = runs();
    await run(REJECTED);
    expect(lines).toMatchObject([
      {
        level: 'error',
        event: 'poll.key_rejected',
        fields: { reason: 'the key was rejected' },
        message: expect.stringContaining('GROOUPLY_API_KEY') as string,
      },
    ]);
    expect(results).toEqual(['key-rejected']);
  });

  test('is not tried again before 5 minutes have passed, then every 5 minutes, quietly', async () => {
    const { run, after, polls, told } = runs();
    await run(REJECTED);
    await run(REJECTED);
    after(5 * MINUTE_MS - 1);
    await run(REJECTED);
    expect(polls()).toBe(1);
    after(1);
    await run(REJECTED);
    expect(polls()).toBe(2);
    after(4 * MINUTE_MS);
    await run(REJECTED);
    expect(polls()).toBe(2);
    after(MINUTE_MS);
    await run(REJECTED);
    expect(polls()).toBe(3);
    expect(told()).toEqual([
      'error poll.key_rejected',
      'debug poll.key_rejected',
      'debug poll.key_rejected',
    ]);
  });

  test('counts as no outage of the API', async () => {
    const { run, after, lines } = runs();
    await run(REJECTED);
    after(5 * MINUTE_MS);
    await run(QUIET);
    expect(lines.at(-1)?.fields).toEqual({ ...QUIET, durationMs: 40 });
  });

  test('that was corrected is logged, and polling continues on schedule', async () => {
    const { run, after, polls, told } = runs();
    await run(REJECTED);
    after(5 * MINUTE_MS);
    await run(QUIET);
    await run(QUIET);
    expect(polls()).toBe(3);
    expect(told()).toEqual([
      'error poll.key_rejected',
      'info poll.key_accepted',
      'debug poll.completed',
      'debug poll.completed',
    ]);
  });

  test('that is rejected again later is logged again', async () => {
    const { run, after, told } = runs();
    await run(REJECTED);
    after(5 * MINUTE_MS);
    await run(QUIET);
    await run(REJECTED);
    expect(told().at(-1)).toBe('error poll.key_rejected');
  });

  test('is still rejected while the API is away', async () => {
    const { run, after, told } = runs();
    await run(REJECTED);
    after(5 * MINUTE_MS);
    await run(OUTAGE);
    await run(REJECTED);
    expect(told()).toEqual([
      'error poll.key_rejected',
      'warn poll.failed',
      'debug poll.key_rejected',
    ]);
  });
});

describe('a relay that is stopping', () => {
  test.each<[string, Script]>([
    ['an outage', OUTAGE],
    ['a rejected key', REJECTED],
  ])('does not log %s: its poll was interrupted', async (_, script) => {
    const { run, abort, lines, results } = runs();
    abort();
    await run(script);
    expect(lines).toEqual([]);
    expect(results).toEqual([]);
  });

  test('still logs a poll that succeeded', async () => {
    const { run, abort, told, results } = runs();
    abort();
    await run(NEWS);
    expect(told()).toEqual(['info poll.completed']);
    expect(results).toEqual([NEWS]);
  });
});
