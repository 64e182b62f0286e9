import { expect, test } from 'vitest';
import { gapBefore, newestPlausible, type Gap } from '../../src/state/gap.ts';
import { mention, windowOf } from '../helpers/mentions.ts';

const FULL = windowOf(0, 100);
const OLDEST_MS = 1_699_459_000_000;
const RECEIVED_MS = 1_699_500_000_000;
const BEFORE = { firstWindow: false, seen: 0, newestSpottedAtMs: 1_699_000_000_000 };
const TIMELESS = Array.from({ length: 100 }, (_, index) => mention(index, { spotted: '' }));

test.each<[string, Parameters<typeof gapBefore>, Gap | null]>([
  [
    'a full window that shares nothing: from the newest known to the oldest in it',
    [{ mentions: FULL, malformed: 0, receivedAtMs: RECEIVED_MS }, BEFORE],
    { fromMs: BEFORE.newestSpottedAtMs, toMs: OLDEST_MS },
  ],
  [
    'a full window without a known time before',
    [
      { mentions: FULL, malformed: 0, receivedAtMs: RECEIVED_MS },
      { ...BEFORE, newestSpottedAtMs: null },
    ],
    { fromMs: null, toMs: OLDEST_MS },
  ],
  [
    'a full window without a readable time',
    [{ mentions: TIMELESS, malformed: 0, receivedAtMs: RECEIVED_MS }, BEFORE],
    { fromMs: BEFORE.newestSpottedAtMs, toMs: RECEIVED_MS + 300_000 },
  ],
  [
    'a window that is full with unreadable items',
    [{ mentions: FULL.slice(0, 97), malformed: 3, receivedAtMs: RECEIVED_MS }, BEFORE],
    { fromMs: BEFORE.newestSpottedAtMs, toMs: OLDEST_MS + 3_000 },
  ],
  [
    'a full window with one mention out of order',
    [
      {
        mentions: [...FULL, mention(0, { spotted: '1' })],
        malformed: 0,
        receivedAtMs: RECEIVED_MS,
      },
      BEFORE,
    ],
    { fromMs: BEFORE.newestSpottedAtMs, toMs: OLDEST_MS },
  ],
  [
    'a full window from an API whose clock is ahead',
    [{ mentions: FULL, malformed: 0, receivedAtMs: OLDEST_MS - 60_000 }, BEFORE],
    { fromMs: BEFORE.newestSpottedAtMs, toMs: OLDEST_MS },
  ],
  [
    'none: one mention was seen before',
    [
      { mentions: FULL, malformed: 0, receivedAtMs: RECEIVED_MS },
      { ...BEFORE, seen: 1 },
    ],
    null,
  ],
  [
    'none: the first window ever has nothing to share',
    [
      { mentions: FULL, malformed: 0, receivedAtMs: RECEIVED_MS },
      { ...BEFORE, firstWindow: true },
    ],
    null,
  ],
  [
    'none: a window that is not full holds all there is',
    [{ mentions: FULL.slice(1), malformed: 0, receivedAtMs: RECEIVED_MS }, BEFORE],
    null,
  ],
  [
    'none: an unreadable window leaves it to the next one',
    [{ mentions: [], malformed: 100, receivedAtMs: RECEIVED_MS }, BEFORE],
    null,
  ],
])('%s', (_, [window, before], gap) => {
  expect(gapBefore(window, before)).toEqual(gap);
});

test.each([
  ['of several', [1_000, 3_000, 2_000], 3_000],
  ['of one that is a little ahead', [1_000, 1_700_000_200_000], 1_700_000_200_000],
  ['but not of one in the future', [1_000, 2_000_000_000_000], 1_000],
  ['of none', [], null],
])('the newest plausible time %s', (_, times, newest) => {
  const mentions = times.map((spottedAtMs) => ({ ...mention(1), spottedAtMs }));
  expect(newestPlausible(mentions, 1_700_000_000_000)).toBe(newest);
});
