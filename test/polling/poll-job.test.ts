import { describe, expect, test } from 'vitest';
import { createPollSchedule, watchPolling } from '../../src/polling/poll-job.ts';
import type { PollResult } from '../../src/polling/poll-run.ts';
import type { PollCircumstances, PollTimes } from '../../src/polling/next-poll.ts';
import { createClaimsInMemory } from '../helpers/claims-in-memory.ts';
import { recordingLog } from '../helpers/recording-log.ts';

const OUTCOME = {
  windowSize: 100,
  malformed: 0,
  newMentions: 7,
  queued: 7,
  merged: 0,
  gap: false,
  sinceLastMs: 10_000,
  spottedPerMs: 0,
};
const DELAY_MS = 3_000;
const POLL_MS = 400;

/** A schedule on a clock that only the test moves. A poll takes 400 ms of it. */
function scheduled(nextExtraInMs: PollTimes['nextExtraInMs'] = () => DELAY_MS) {
  let nowMs = 1_000_000;
  let polls = 0;
  let slotsRead = 0;
  const asked: { delayMs: number; token: string }[] = [];
  const decided: (readonly [unknown, PollCircumstances])[] = [];
  const claims = createClaimsInMemory(() => nowMs);
  const times: PollTimes = {
    baseIntervalMs: 10_000,
    minSpacingMs: (kind) => (kind === 'scheduled' ? 1_000 : 900),
    nextExtraInMs(seen, circumstances) {
      decided.push([seen, circumstances]);
      return nextExtraInMs(seen, circumstances);
    },
    isBusy: () => false,
  };
  let result: PollResult | null = OUTCOME;
  const run = createPollSchedule(
    {
      claims,
      async run() {
        polls += 1;
        nowMs += POLL_MS;
        return result;
      },
      async askForExtraPoll(delayMs, token) {
        asked.push({ delayMs, token });
      },
      async slotsOfOthers() {
        slotsRead += 1;
        return 4;
      },
      monotonicMs: () => nowMs,
    },
    times,
  );
  return {
    asked,
    decided,
    polls: () => polls,
    slotsRead: () => slotsRead,
    pass: (durationMs: number) => {
      nowMs += durationMs;
    },
    run: (token: string | null = null, next: PollResult | null = OUTCOME) => {
      result = next;
      return run(new AbortController().signal, token);
    },
  };
}

describe('a poll job', () => {
  test('polls, and asks for the extra poll that is due, counted from its beginning', async () => {
    const { run, asked, decided } = scheduled();
    await run();
    expect(asked).toMatchObject([{ delayMs: DELAY_MS - POLL_MS }]);
    expect(decided).toEqual([[OUTCOME, { lastDelayMs: null, slotsOfOthers: 4 }]]);
  });

  test('that is scheduled right after another poll is skipped', async () => {
    const { run, pass, polls, asked } = scheduled();
    await run();
    pass(1_000 - POLL_MS - 1);
    await run();
    expect([polls(), asked.length]).toEqual([1, 1]);
    pass(1);
    await run();
    expect(polls()).toBe(2);
  });

  test('that is extra and too early asks for itself again, with the time that is missing', async () => {
    const { run, pass, polls, asked } = scheduled();
    await run();
    const token = asked[0]?.token ?? '';
    await run(token);
    expect(asked.at(-1)).toEqual({ delayMs: 900 - POLL_MS, token });
    pass(900 - POLL_MS);
    await run(token);
    expect(polls()).toBe(2);
  });

  test('that another extra poll has replaced does nothing', async () => {
    const { run, pass, polls, asked } = scheduled();
    await run();
    pass(5_000);
    await run();
    pass(5_000);
    await run(asked[0]?.token);
    expect([polls(), asked.length]).toEqual([2, 2]);
  });

  test('passes on the delay of the last extra poll, until none is needed any more', async () => {
    const delays = [DELAY_MS, null, null];
    const { run, pass, decided } = scheduled(() => delays.shift() ?? null);
    for (let poll = 0; poll < 3; poll += 1) {
      await run(null, 'failed');
      pass(10_000);
    }
    expect(decided.map(([, { lastDelayMs }]) => lastDelayMs)).toEqual([null, DELAY_MS, null]);
  });

  test.each<[string, PollResult]>([
    ['a failed one', 'failed'],
    ['one with a rejected key', 'key-rejected'],
    ['one without anything new', { ...OUTCOME, newMentions: 0 }],
  ])('reads the slots of others only if something is new: not after %s', async (_, result) => {
    const { run, slotsRead, decided } = scheduled();
    await run(null, result);
    expect(slotsRead()).toBe(0);
    expect(decided).toEqual([[result, { lastDelayMs: null, slotsOfOthers: 0 }]]);
  });

  test('that did not poll, or was interrupted, asks for nothing', async () => {
    const { run, asked } = scheduled();
    await run(null, null);
    expect(asked).toEqual([]);
  });
});

test.each([
  ['if none began in time', 60_000, true, "no poll began for 60 s by Redis's clock"],
  ['if the clock went back', -60_000, true, "Redis's clock went back to before the last poll"],
  ['if none is known', null, true, 'no poll is known to have begun'],
  ['if the schedules are gone', 1_000, false, 'the schedule of polls was missing'],
  ['not while polls continue', 1_000, true, null],
])('the watchdog reschedules polls %s, and logs why', async (_case, sinceMs, exist, cause) => {
  const { log, lines } = recordingLog();
  let rescheduled = 0;
  const ports = {
    sinceTickMs: () => Promise.resolve(sinceMs),
    scheduled: () => Promise.resolve(exist),
    reschedule: async () => {
      rescheduled += 1;
    },
    log,
  };
  await watchPolling(ports, 10_000);
  expect(rescheduled).toBe(cause === null ? 0 : 1);
  expect(lines.map(({ level, event, message }) => [level, event, message])).toEqual(
    cause === null
      ? []
      : [['warn', 'poll.rescheduled', `${cause}; polls are rescheduled, and one begins now`]],
  );
});
