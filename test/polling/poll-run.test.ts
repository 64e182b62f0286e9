import { describe, expect, test } from 'vitest';
import { createPollRun, type PollResult } from '../../src/polling/poll-run.ts';
import type { LogFields } from '../../src/domain/event-log.ts';
import type { PollOutcome } from '../../src/polling/poll.ts';
import { recordingLog } from '../helpers/recording-log.ts';

const QUIET: PollOutcome = {
  windowSize: 100,
  malformed: 0,
  newMentions: 0,
  queued: 0,
  merged: 0,
  gap: false,
  sinceLastMs: 10_000,
  spottedPerMs: 0,
};
function logged(outcome: PollOutcome): LogFields {
  const { spottedPerMs: _spottedPerMs, ...fields } = outcome;
  return fields;
}
const NEWS: PollOutcome = { ...QUIET, newMentions: 2, queued: 4 };
const MINUTE_MS = 60_000;

class Rejected extends Error {}
const OUTAGE = new Error('secret text of an error');
const REJECTED = new Rejected('secret text of an error');

/** The outcome of a poll, the error that it throws, or time that passes before the next one. */
type Step = PollOutcome | Error | number;

/** Runs on a clock that only the steps move. A poll takes 40 ms of it. */
async function runs(steps: readonly Step[], { aborted = false } = {}) {
  let nowMs = 1_000;
  let polls = 0;
  const results: PollResult[] = [];
  const recording = recordingLog();
  const stop = new AbortController();
  let next: PollOutcome | Error = QUIET;
  const run = createPollRun({
    async poll(signal) {
      expect(signal).toBe(stop.signal);
      polls += 1;
      nowMs += 40;
      if (next instanceof Error) throw next;
      return next;
    },
    explain: (error) => ({
      keyRejected: error instanceof Rejected,
      reason: error instanceof Rejected ? 'the key was rejected' : 'the API failed',
    }),
    onResult: (result) => results.push(result),
    log: recording.log,
    monotonicMs: () => nowMs,
  });
  if (aborted) stop.abort();
  const returned: (PollResult | null)[] = [];
  for (const step of steps) {
    if (typeof step === 'number') {
      nowMs += step;
      continue;
    }
    next = step;
    returned.push(await run(stop.signal));
  }
  return { polls, results, returned, lines: recording.lines, told: recording.told() };
}

describe('a run', () => {
  test.each([
    ['at debug if nothing is new', QUIET, 'debug'],
    ['at info if mentions are new', NEWS, 'info'],
  ])('is logged %s', async (_, outcome, level) => {
    const { lines, results, returned } = await runs([outcome]);
    expect(lines).toEqual([
      {
        level,
        event: 'poll.completed',
        fields: { ...logged(outcome), durationMs: 40 },
        message: 'window polled',
      },
    ]);
    expect([results, returned]).toEqual([[outcome], [outcome]]);
  });

  test('logs an outage at its start and then ever more rarely', async () => {
    const { lines, results } = await runs(Array.from({ length: 20 }, () => OUTAGE));
    expect(lines.map(({ event, fields }) => [event, fields['failedInARow']])).toEqual(
      Array.from({ length: 20 }, (_, index) => ['poll.failed', index + 1]),
    );
    const loud = lines.filter(({ level }) => level === 'warn');
    expect(loud.map(({ fields }) => fields)).toEqual(
      [1, 2, 4, 8, 16].map((failedInARow) => ({ reason: 'the API failed', failedInARow })),
    );
    expect(results).toEqual(Array.from({ length: 20 }, () => 'failed'));
  });

  test('logs the end of an outage once, and counts the next one from its own start', async () => {
    const { lines, told } = await runs([OUTAGE, OUTAGE, OUTAGE, QUIET, QUIET, OUTAGE]);
    expect(told.slice(3)).toEqual([
      'info poll.completed',
      'debug poll.completed',
      'warn poll.failed',
    ]);
    expect(lines[3]?.fields).toEqual({ ...logged(QUIET), durationMs: 40, failedBefore: 3 });
    expect(lines[4]?.fields).toEqual({ ...logged(QUIET), durationMs: 40 });
    expect(lines[5]?.fields).toMatchObject({ failedInARow: 1 });
  });

  test('logs nothing of an error but its explanation', async () => {
    const { lines } = await runs([OUTAGE, REJECTED]);
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain('secret text');
  });

  test.each<[string, Step]>([
    ['an outage', OUTAGE],
    ['a rejected key', REJECTED],
  ])('that a stop interrupts has no result: %s', async (_, step) => {
    const { lines, results, returned } = await runs([step], { aborted: true });
    expect([lines, results, returned]).toEqual([[], [], [null]]);
  });

  test('that succeeds during a stop is logged', async () => {
    const { told, results } = await runs([NEWS], { aborted: true });
    expect([told, results]).toEqual([['info poll.completed'], [NEWS]]);
  });
});

describe('a rejected key', () => {
  test('is logged as an error with the name of its variable, and not as an outage', async () => {
    const { lines, results } = await runs([REJECTED, 5 * MINUTE_MS, QUIET]);
    expect(lines[0]).toMatchObject({
      level: 'error',
      event: 'poll.key_rejected',
      fields: { reason: 'the key was rejected' },
      message: expect.stringContaining('GROOUPLY_API_KEY') as string,
    });
    expect(lines.at(-1)?.fields).toEqual({ ...logged(QUIET), durationMs: 40 });
    expect(results).toEqual(['key-rejected', QUIET]);
  });

  test.each<[string, readonly Step[], number, string[]]>([
    [
      'is tried every 5 minutes, quietly',
      [REJECTED, REJECTED, 5 * MINUTE_MS - 1, REJECTED, 1, REJECTED, 5 * MINUTE_MS, REJECTED],
      3,
      ['error poll.key_rejected', 'debug poll.key_rejected', 'debug poll.key_rejected'],
    ],
    [
      'that is corrected is logged, and polling continues on schedule',
      [REJECTED, 5 * MINUTE_MS, QUIET, QUIET],
      3,
      [
        'error poll.key_rejected',
        'info poll.key_accepted',
        'debug poll.completed',
        'debug poll.completed',
      ],
    ],
    [
      'that is rejected again later is logged again',
      [REJECTED, 5 * MINUTE_MS, QUIET, REJECTED],
      3,
      [
        'error poll.key_rejected',
        'info poll.key_accepted',
        'debug poll.completed',
        'error poll.key_rejected',
      ],
    ],
    [
      'is still rejected while the API is away',
      [REJECTED, 5 * MINUTE_MS, OUTAGE, REJECTED],
      3,
      ['error poll.key_rejected', 'warn poll.failed', 'debug poll.key_rejected'],
    ],
  ])('%s', async (_, steps, polls, told) => {
    expect(await runs(steps)).toMatchObject({ polls, told });
  });
});
