import { expect, test } from 'vitest';
import { createSaturationLog } from '../../src/polling/poll-log.ts';
import { recordingLog } from '../helpers/recording-log.ts';

type Polls = readonly (readonly [
  newMentions: number,
  sinceLastMs?: number | null,
  gap?: boolean,
])[];

test.each<[string, Polls, number]>([
  ['a window that is less than half new is not told', [[49]], 0],
  ['one that is half new is told', [[50]], 1],
  ['a saturated stretch is told once', [[50], [80], [40], [90]], 1],
  ['and the next one again, after it was calm', [[50], [24], [60]], 2],
  ['a gap is told as that, and does not end the stretch', [[60], [100, 1_000, true], [60]], 1],
  ['the first window ever says nothing of the pace', [[100, null]], 0],
  ['nor does one after a pause', [[80, 30_001], [10]], 0],
])('%s', (_, polls, told) => {
  const { log, lines } = recordingLog();
  const tell = createSaturationLog(log, 30_000);
  for (const [newMentions, sinceLastMs = 1_000, gap = false] of polls) {
    tell({ windowSize: 100, malformed: 0, newMentions, gap }, sinceLastMs);
  }
  expect(lines).toHaveLength(told);
  for (const line of lines) {
    expect(line).toMatchObject({ level: 'warn', event: 'poll.window_saturated' });
  }
});
