import { expect, test } from 'vitest';
import { completenessLines, type CompletenessStatus } from '../../src/cli/status.ts';

const CALM: CompletenessStatus = {
  gaps: 0,
  lastGapAt: null,
  openGaps: 0,
  recovered: 0,
  unknown: null,
  completeness: null,
};
const [FROM, TO] = ['2026-11-25T10:00:00.000Z', '2026-11-25T10:05:00.000Z'];

test.each<[string, Partial<CompletenessStatus>, readonly string[]]>([
  ['nothing was ever missed', {}, ['Gaps: none found']],
  [
    'a gap is open',
    { gaps: 2, lastGapAt: TO, openGaps: 1 },
    [`Gaps: 2, the last at ${TO}, 1 not searched yet`],
  ],
  [
    'a gap was searched',
    { gaps: 1, lastGapAt: TO, recovered: 150 },
    [`Gaps: 1, the last at ${TO}`, 'Recovered after gaps: 150'],
  ],
  [
    'some of it remains unknown',
    { gaps: 1, lastGapAt: TO, unknown: { groups: 1, posts: 2, from: FROM, to: TO } },
    [
      `Gaps: 1, the last at ${TO}`,
      `Unknown: whether 1 group and 2 posts hold more from ${FROM} to ${TO}`,
    ],
  ],
  [
    'the day was counted',
    { completeness: { posts: 120, inTime: 118, countedAt: TO } },
    ['Gaps: none found', `Last day: 118 of 120 posts came in time (counted at ${TO})`],
  ],
])('%s', (_, status, lines) => {
  expect(completenessLines({ ...CALM, ...status })).toEqual(lines);
});
