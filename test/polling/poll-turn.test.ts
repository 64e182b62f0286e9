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
const NEWS: PollOutcome = {
  windowSize: 100,
  malformed: 0,
  newMentions: 2,
  queued: 4,
  gap: false,
  sinceLastMs: 10_000,
};
const MINUTE_MS = 60_000;

class Rejected extends Error {}

/** What a poll does: an outcome, or an error that it throws. */
type Script = PollOutcome | Error;

/** A heartbeat on a clock that only the test moves. A poll takes 40 ms of it. */
function heartbeat() {
  let nowMs = 1_000;
  let script: Script = QUIET;
  let polls = 0;
  const outcomes: PollResult[] = [];
  const recording = recordingLog();
  const stop = new AbortController();
  const turn = createPollRun({
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
    onOutcome: (outcome) => outcomes.push(outcome),
    log: recording.log,
    monotonicMs: () => nowMs,
  });
  return {
    /** One turn in which the poll does this. */
    turn: async (next: Script) => {
      script = next;
      await turn(stop.signal);
    },
    after: (durationMs: number) => {
      nowMs += durationMs;
    },
    abort: () => stop.abort(),
    polls: () => polls,
    outcomes,
    ...recording,
  };
}

const OUTAGE = new Error('secret text of an error');
const REJECTED = new Rejected('secret text of an error');

describe('a turn of the heartbeat', () => {
  test('says little when nothing is new', async () => {
    const { turn, lines, outcomes } = heartbeat();
    await turn(QUIET);
    expect(lines).toEqual([
      {
        level: 'debug',
        event: 'poll.completed',
        fields: { ...QUIET, durationMs: 40 },
        message: 'window polled',
      },
    ]);
    expect(outcomes).toEqual([QUIET]);
  });

  test('tells of new mentions', async () => {
    const { turn, lines, outcomes } = heartbeat();
    await turn(NEWS);
    expect(lines).toMatchObject([
      { level: 'info', event: 'poll.completed', fields: { ...NEWS, durationMs: 40 } },
    ]);
    expect(outcomes).toEqual([NEWS]);
  });

  test('tells of an outage at its start and then ever more rarely', async () => {
    const { turn, lines, outcomes } = heartbeat();
    for (let count = 0; count < 20; count += 1) await turn(OUTAGE);
    expect(lines.map(({ fields }) => fields['failedInARow'])).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    const loud = lines.filter(({ level }) => level === 'warn');
    expect(loud.map(({ fields }) => fields)).toEqual(
      [1, 2, 4, 8, 16].map((failedInARow) => ({ reason: 'the API failed', failedInARow })),
    );
    expect(lines.filter(({ level }) => level === 'debug')).toHaveLength(15);
    expect(new Set(lines.map(({ event }) => event))).toEqual(new Set(['poll.failed']));
    expect(outcomes).toEqual(Array.from({ length: 20 }, () => 'failed'));
  });

  test('tells of the end of an outage once, even when nothing is new', async () => {
    const { turn, lines, told } = heartbeat();
    for (let count = 0; count < 3; count += 1) await turn(OUTAGE);
    await turn(QUIET);
    await turn(QUIET);
    expect(told().slice(3)).toEqual(['info poll.completed', 'debug poll.completed']);
    expect(lines[3]?.fields).toEqual({ ...QUIET, durationMs: 40, failedBefore: 3 });
    expect(lines[4]?.fields).toEqual({ ...QUIET, durationMs: 40 });
  });

  test('counts a new outage from its own start', async () => {
    const { turn, lines } = heartbeat();
    for (const script of [OUTAGE, OUTAGE, QUIET, OUTAGE]) await turn(script);
    expect(lines.at(-1)).toMatchObject({
      level: 'warn',
      event: 'poll.failed',
      fields: { failedInARow: 1 },
    });
  });

  test('tells of an error only what was explained', async () => {
    const { turn, lines } = heartbeat();
    await turn(OUTAGE);
    await turn(REJECTED);
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain('secret text');
  });
});

describe('a rejected key', () => {
  test('is told of once, at error level, by the name of its variable', async () => {
    const { turn, lines, outcomes } = heartbeat();
    await turn(REJECTED);
    expect(lines).toMatchObject([
      {
        level: 'error',
        event: 'poll.key_rejected',
        fields: { reason: 'the key was rejected' },
        message: expect.stringContaining('GROOUPLY_API_KEY') as string,
      },
    ]);
    expect(outcomes).toEqual(['key-rejected']);
  });

  test('is not tried again before 5 minutes have passed, then every 5 minutes, quietly', async () => {
    const { turn, after, polls, told } = heartbeat();
    await turn(REJECTED);
    await turn(REJECTED);
    after(5 * MINUTE_MS - 1);
    await turn(REJECTED);
    expect(polls()).toBe(1);
    after(1);
    await turn(REJECTED);
    expect(polls()).toBe(2);
    after(4 * MINUTE_MS);
    await turn(REJECTED);
    expect(polls()).toBe(2);
    after(MINUTE_MS);
    await turn(REJECTED);
    expect(polls()).toBe(3);
    expect(told()).toEqual([
      'error poll.key_rejected',
      'debug poll.key_rejected',
      'debug poll.key_rejected',
    ]);
  });

  test('counts as no outage of the API', async () => {
    const { turn, after, lines } = heartbeat();
    await turn(REJECTED);
    after(5 * MINUTE_MS);
    await turn(QUIET);
    expect(lines.at(-1)?.fields).toEqual({ ...QUIET, durationMs: 40 });
  });

  test('that was mended is told of, and polling goes on at its own pace', async () => {
    const { turn, after, polls, told } = heartbeat();
    await turn(REJECTED);
    after(5 * MINUTE_MS);
    await turn(QUIET);
    await turn(QUIET);
    expect(polls()).toBe(3);
    expect(told()).toEqual([
      'error poll.key_rejected',
      'info poll.key_accepted',
      'debug poll.completed',
      'debug poll.completed',
    ]);
  });

  test('that is rejected again after it was mended is told of again', async () => {
    const { turn, after, told } = heartbeat();
    await turn(REJECTED);
    after(5 * MINUTE_MS);
    await turn(QUIET);
    await turn(REJECTED);
    expect(told().at(-1)).toBe('error poll.key_rejected');
  });

  test('is still rejected while the API is away', async () => {
    const { turn, after, told } = heartbeat();
    await turn(REJECTED);
    after(5 * MINUTE_MS);
    await turn(OUTAGE);
    await turn(REJECTED);
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
  ])('says nothing of %s: its poll was interrupted', async (_, script) => {
    const { turn, abort, lines, outcomes } = heartbeat();
    abort();
    await turn(script);
    expect(lines).toEqual([]);
    expect(outcomes).toEqual([]);
  });

  test('still tells of a poll that came through', async () => {
    const { turn, abort, told, outcomes } = heartbeat();
    abort();
    await turn(NEWS);
    expect(told()).toEqual(['info poll.completed']);
    expect(outcomes).toEqual([NEWS]);
  });
});
