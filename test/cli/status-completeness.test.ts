import { expect, test } from 'vitest';
import { completenessLines, type CompletenessStatus } from '../../src/cli/status-completeness.ts';

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
  ['nothing was missed', {}, ['Gaps: none found']],
  [
    'a gap is open',
    { gaps: 2, lastGapAt: TO, openGaps: 1 },
    [`Gaps: 2, the last at ${TO}, 1 not yet searched`],
  ],
  [
    'a gap was searched',
    { gaps: 1, lastGapAt: TO, recovered: 150 },
    [`Gaps: 1, the last at ${TO}`, 'Recovered after gaps: 150'],
  ],
  [
    'a part remains unknown',
    { gaps: 1, lastGapAt: TO, unknown: { groups: 1, posts: 2, from: FROM, to: TO } },
    [
      `Gaps: 1, the last at ${TO}`,
      `Unknown: 1 group and 2 posts may hold more mentions from ${FROM} to ${TO}`,
    ],
  ],
  [
    'the day was counted',
    { completeness: { posts: 120, inTime: 118, countedAt: TO } },
    ['Gaps: none found', `Last day: 118 of 120 posts arrived in time (counted at ${TO})`],
  ],
])('the status when %s', (_, status, lines) => {
  expect(completenessLines({ ...CALM, ...status })).toEqual(lines);
});
