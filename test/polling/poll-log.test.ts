import { describe, expect, test } from 'vitest';
import { createMalformedItemsLog, createSaturationLog } from '../../src/polling/poll-log.ts';
import { recordingLog } from '../helpers/recording-log.ts';

describe('a malformed item', () => {
  test.each<[string, string[][], string[]]>([
    ['is not logged without any', [[]], []],
    ['is logged once while it stays in the window', [['a'], ['a'], ['a']], ['a']],
    ['is logged by itself when it joins another', [['a'], ['a', 'b'], ['b', 'a']], ['a', 'b']],
    ['is logged once if it stands twice in a window', [['a', 'a'], ['a']], ['a']],
    ['is logged again when it comes back', [['a'], [], ['a']], ['a', 'a']],
    ['is forgotten while another stays', [['a', 'b'], ['b'], ['a', 'b']], ['a', 'b', 'a']],
  ])('%s', (_, windows, expected) => {
    const { log, lines } = recordingLog();
    const logItems = createMalformedItemsLog(log);
    let counted = 0;
    for (const window of windows) {
      counted += logItems(
        window.map((fingerprint) => ({ fingerprint, reason: `reason of ${fingerprint}` })),
      );
    }
    expect(counted).toBe(expected.length);
    expect(lines).toMatchObject(
      expected.map((fingerprint) => ({
        level: 'warn',
        event: 'poll.item_malformed',
        fields: { fingerprint, reason: `reason of ${fingerprint}` },
      })),
    );
  });
});

type Polls = readonly (readonly [
  newMentions: number,
  sinceLastMs?: number | null,
  gap?: boolean,
])[];

describe('a saturated window', () => {
  test.each<[string, Polls, number]>([
    ['is one that is half new', [[50]], 1],
    ['is not one that is less than half new', [[49]], 0],
    ['is logged once while polls stay busy', [[50], [80], [40], [90]], 1],
    ['is logged again after a calm one', [[50], [24], [60]], 2],
    ['stays logged across a gap', [[60], [100, 1_000, true], [60]], 1],
    ['is not the first window ever', [[100, null]], 0],
    ['is not a window after a pause', [[80, 30_001], [10]], 0],
  ])('%s', (_, polls, logged) => {
    const { log, lines } = recordingLog();
    const logSaturation = createSaturationLog(log, 30_000);
    for (const [newMentions, sinceLastMs = 1_000, gap = false] of polls) {
      logSaturation({
        windowSize: 100,
        malformed: 0,
        newMentions,
        gap,
        sinceLastMs,
        spottedPerMs: 0,
      });
    }
    expect(lines).toHaveLength(logged);
    for (const line of lines) {
      expect(line).toMatchObject({ level: 'warn', event: 'poll.window_saturated' });
    }
  });
});
