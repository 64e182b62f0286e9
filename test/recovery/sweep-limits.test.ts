import { expect, test } from 'vitest';
import type { Gap } from '../../src/state/gap.ts';
import {
  unknownStretches,
  type GroupListing,
  type UnknownStretch,
} from '../../src/recovery/sweep-limits.ts';

const GAP = { fromMs: 1_000, toMs: 2_000 };
const listing = (
  groupId: string,
  posts: number | null,
  oldestSpottedAtMs: number | null,
): GroupListing => ({ groupId, posts, oldestSpottedAtMs });

test.each<[string, Gap, readonly GroupListing[], number, readonly UnknownStretch[]]>([
  ['no group is tracked', GAP, [], 0, []],
  ['a list reaches to the beginning of the gap', GAP, [listing('a', 50, 1_000)], 0, []],
  [
    'a list begins inside the gap and may have been cut',
    GAP,
    [listing('a', 50, 1_500)],
    0,
    [{ groupId: 'a', fromMs: 1_000, toMs: 1_500 }],
  ],
  [
    'a list begins after the gap',
    GAP,
    [listing('a', 50, 3_000)],
    0,
    [{ groupId: 'a', fromMs: 1_000, toMs: 2_000 }],
  ],
  ['an empty list', GAP, [listing('a', 0, null)], 0, []],
  [
    'a list that is shorter than another one was not cut',
    GAP,
    [listing('a', 50, 500), listing('b', 49, 1_500)],
    0,
    [],
  ],
  [
    'of two lists of the same length both may have been cut',
    GAP,
    [listing('a', 50, 500), listing('b', 50, 1_500)],
    0,
    [{ groupId: 'b', fromMs: 1_000, toMs: 1_500 }],
  ],
  [
    'a group that could not be read',
    GAP,
    [listing('a', 50, 500), listing('b', null, null)],
    0,
    [{ groupId: 'b', ...GAP }],
  ],
  [
    'a list whose times are unreadable',
    GAP,
    [listing('a', 50, null)],
    0,
    [{ groupId: 'a', ...GAP }],
  ],
  [
    'a gap that began before memory did',
    GAP,
    [listing('a', 50, 500), listing('b', 0, null)],
    1_200,
    [{ groupId: 'a', fromMs: 1_000, toMs: 1_200 }],
  ],
  [
    'a gap whose beginning is unknown',
    { fromMs: null, toMs: 2_000 },
    [listing('a', 50, 500), listing('b', 20, 1_500)],
    100,
    [
      { groupId: 'a', fromMs: null, toMs: 500 },
      { groupId: 'b', fromMs: null, toMs: 100 },
    ],
  ],
  [
    'a gap whose end is unknown',
    { fromMs: 1_000, toMs: null },
    [listing('a', 50, 1_500), listing('b', null, null)],
    0,
    [
      { groupId: 'a', fromMs: 1_000, toMs: 1_500 },
      { groupId: 'b', fromMs: 1_000, toMs: null },
    ],
  ],
])('the unknown parts of a gap: %s', (_, gap, listings, rememberedFromMs, unknown) => {
  expect(unknownStretches(gap, listings, rememberedFromMs)).toEqual(unknown);
});
