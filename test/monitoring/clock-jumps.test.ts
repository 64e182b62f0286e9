import { expect, test } from 'vitest';
import { isTrouble, watchClocks } from '../../src/monitoring/clock-jumps.ts';
import { recordingLog } from '../helpers/recording-log.ts';

const START_MS = 1_764_000_000_000;
const HOUR_MS = 3_600_000;

test.each<[string, number[], number[]]>([
  ['runs as it should', [0, 5_000, 10_000], []],
  ['is adjusted slowly', [0, 5_900, 9_100], []],
  ['goes back', [0, 5_000 - HOUR_MS, 10_000 - HOUR_MS], [-HOUR_MS]],
  ['goes forward', [0, 5_000 + HOUR_MS, 10_000 + HOUR_MS], [HOUR_MS]],
  ['is set right after a start in 1970', [-START_MS, 5_000, 10_000], [START_MS]],
  ['jumps twice', [0, 5_000 - HOUR_MS, 10_000], [-HOUR_MS, HOUR_MS]],
])('a clock that %s is reported once for each jump', (_, timesMs, jumpsMs) => {
  const { log, lines } = recordingLog();
  const jumped = watchClocks(log);
  const returned = timesMs.map((timeMs, index) => {
    // The other clock does not matter.
    jumped('machine', { timeMs: START_MS + index * 5_000, monotonicMs: index * 5_000 });
    return jumped('redis', { timeMs: START_MS + timeMs, monotonicMs: index * 5_000 });
  });
  expect(returned.filter((ms) => ms !== 0)).toEqual(jumpsMs);
  expect(lines.map(({ event, fields }) => [event, fields])).toEqual(
    jumpsMs.map((jumpedMs) => ['clock.jumped', { clock: 'redis', jumpedMs }]),
  );
});

test.each([
  [0, false],
  [59_999, false],
  [-59_999, false],
  [60_000, true],
  [-60_000, true],
])('a jump by %i ms is worth an alert: %s', (jumpedMs, expected) => {
  expect(isTrouble(jumpedMs)).toBe(expected);
});
