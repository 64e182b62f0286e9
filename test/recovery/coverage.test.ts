import { expect, test } from 'vitest';
import {
  coverageChanges,
  type GroupChange,
  type GroupStatus,
} from '../../src/recovery/coverage.ts';

const TRACKED: GroupStatus = { tracked: true, status: 'tracking' };
const PENDING: GroupStatus = { tracked: false, status: 'pending access' };
type Groups = Readonly<Record<string, GroupStatus>>;

test.each<[string, Groups, Groups, readonly GroupChange[]]>([
  ['nothing changed', { a: TRACKED, b: PENDING }, { b: PENDING, a: TRACKED }, []],
  [
    'tracking ended',
    { a: TRACKED },
    { a: PENDING },
    [{ groupId: 'a', change: 'left', status: 'pending access' }],
  ],
  [
    'tracking began',
    { a: PENDING },
    { a: TRACKED },
    [{ groupId: 'a', change: 'returned', status: 'tracking' }],
  ],
  [
    'a group is new, tracked or not',
    {},
    { a: TRACKED, b: PENDING },
    [
      { groupId: 'a', change: 'appeared', status: 'tracking' },
      { groupId: 'b', change: 'appeared', status: 'pending access' },
    ],
  ],
  [
    'a group is gone, tracked or not',
    { a: TRACKED, b: PENDING },
    {},
    [
      { groupId: 'a', change: 'vanished', status: '' },
      { groupId: 'b', change: 'vanished', status: '' },
    ],
  ],
  [
    'only the words for it changed',
    { a: PENDING },
    { a: { tracked: false, status: 'denied' } },
    [],
  ],
  [
    'several at once: those that vanished come last',
    { a: TRACKED, b: TRACKED },
    { c: TRACKED, b: PENDING },
    [
      { groupId: 'c', change: 'appeared', status: 'tracking' },
      { groupId: 'b', change: 'left', status: 'pending access' },
      { groupId: 'a', change: 'vanished', status: '' },
    ],
  ],
])('%s', (_, before, now, changes) => {
  const mapOf = (groups: Groups) => new Map(Object.entries(groups));
  expect(coverageChanges(mapOf(before), mapOf(now))).toEqual(changes);
});
