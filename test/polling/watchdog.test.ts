import { expect, test } from 'vitest';
import { pollsHaveStopped, watchPolling } from '../../src/polling/watchdog.ts';
import { recordingLog } from '../helpers/recording-log.ts';

test.each([
  ['a turn just now', 0, 10_000, false],
  ['two intervals and a moment ago', 25_000, 10_000, false],
  ['longer ago', 25_001, 10_000, true],
  ['a short interval has the same moment', 5_200, 100, false],
  ['none is known', null, 10_000, true],
  ['one in the future, within what clocks may tremble', -1_000, 10_000, false],
  ['one further in the future: the clock was set back', -1_001, 10_000, true],
])('turns have stopped or not: %s', (_case, sinceMs, intervalMs, stopped) => {
  expect(pollsHaveStopped(sinceMs, intervalMs)).toBe(stopped);
});

test.each([
  ['mends and tells once where they have', 60_000, true, 1, ['warn poll.rescheduled']],
  ['does so where they go on, but are not scheduled', 1_000, false, 1, ['warn poll.rescheduled']],
  ['leaves all as it is where they have not', 1_000, true, 0, []],
])('the watchdog %s', async (_case, sinceMs, scheduled, mends, lines) => {
  const { log, told } = recordingLog();
  let mended = 0;
  const ports = {
    sinceLastTickMs: () => Promise.resolve(sinceMs),
    scheduled: () => Promise.resolve(scheduled),
    mend: async () => {
      mended += 1;
    },
    log,
  };
  await watchPolling(ports, 10_000);
  expect(mended).toBe(mends);
  expect(told()).toEqual(lines);
});
