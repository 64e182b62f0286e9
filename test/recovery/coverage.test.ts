import { expect, test } from 'vitest';
import type { CoverageAlert } from '../../src/domain/alert.ts';
import {
  checkCoverage,
  coverageChanges,
  type GroupChange,
  type GroupStatus,
  type KnownGroups,
} from '../../src/recovery/coverage.ts';
import { recordingLog } from '../helpers/recording-log.ts';

type Groups = Readonly<Record<string, string>>;

/** Checks of an account whose groups are given by their status. */
function coverage(
  first: Groups | null,
  {
    alertWith = async () => undefined,
    nameOf = async (groupId) => (groupId === 'b' ? 'Group B' : null),
  }: {
    alertWith?: () => Promise<void>;
    nameOf?: (groupId: string) => Promise<string | null>;
  } = {},
) {
  const mapOf = (groups: Groups): ReadonlyMap<string, GroupStatus> =>
    new Map(
      Object.entries(groups).map(([id, status]) => [
        id,
        { tracked: status === 'tracking', status },
      ]),
    );
  let remembered: KnownGroups | null = first && { groups: mapOf(first), emptyOnce: false };
  const alerts: CoverageAlert[] = [];
  const recording = recordingLog();
  return {
    alerts,
    ...recording,
    remembered: () => remembered && Object.fromEntries(remembered.groups),
    check: async (answer: Groups): Promise<void> => {
      await checkCoverage(
        {
          groups: async () => mapOf(answer),
          nameOf,
          memory: {
            last: async () => remembered,
            async remember(known) {
              remembered = known;
            },
          },
          async alert(alert) {
            await alertWith();
            alerts.push(alert);
          },
          log: recording.log,
          nowMs: () => 1_000,
        },
        new AbortController().signal,
      );
    },
  };
}

test('the first check has nothing to compare with', async () => {
  const { check, alerts, lines, remembered } = coverage(null);
  await check({ a: 'tracking', b: 'pending access' });
  expect([alerts, lines]).toEqual([[], []]);
  expect(remembered()).toMatchObject({ a: { tracked: true }, b: { tracked: false } });
});

test('a change is reported once, in the log and as an alert', async () => {
  const { check, alerts, lines } = coverage({ a: 'tracking', b: 'tracking', c: 'pending access' });
  const now = { a: 'tracking', b: 'pending access', c: 'tracking', d: 'tracking' };
  await check(now);
  await check(now);
  expect(lines.map(({ level, fields }) => [level, fields])).toEqual([
    ['warn', { groupId: 'b', change: 'left', status: 'pending access' }],
    ['info', { groupId: 'c', change: 'returned', status: 'tracking' }],
    ['info', { groupId: 'd', change: 'appeared', status: 'tracking' }],
  ]);
  expect(alerts[0]).toEqual({
    type: 'group.coverage_changed',
    groupId: 'b',
    groupName: 'Group B',
    change: 'left',
    status: 'pending access',
    changedAtMs: 1_000,
  });
  expect(alerts.map(({ groupId }) => groupId)).toEqual(['b', 'c', 'd']);
});

test('an account without any group is believed only at the second check', async () => {
  const { check, alerts, lines } = coverage({ a: 'tracking' });
  await check({});
  expect([alerts, lines]).toEqual([[], []]);
  await check({});
  expect(alerts).toMatchObject([{ groupId: 'a', change: 'vanished' }]);
  expect(lines).toMatchObject([{ level: 'warn', fields: { groupId: 'a', change: 'vanished' } }]);
  await check({});
  expect(alerts).toHaveLength(1);
});

test('a single answer without any group has no effect', async () => {
  const { check, alerts } = coverage({ a: 'tracking', b: 'tracking' });
  for (let time = 0; time < 2; time += 1) {
    await check({});
    await check({ a: 'tracking', b: 'tracking' });
  }
  expect(alerts).toEqual([]);
  await check({});
  await check({ a: 'tracking', b: 'pending access' });
  expect(alerts).toMatchObject([{ groupId: 'b', change: 'left' }]);
});

test('a stop during the requests for names comes before the first alert', async () => {
  const { check, alerts, lines } = coverage(
    { a: 'tracking' },
    {
      async nameOf(groupId) {
        if (groupId === 'c') throw new Error('stopping');
        return null;
      },
    },
  );
  await expect(check({ b: 'tracking', c: 'tracking' })).rejects.toThrow('stopping');
  expect([alerts, lines]).toEqual([[], []]);
});

test('a change whose alert is refused is reported again', async () => {
  let refuses = true;
  const { check, alerts } = coverage(
    { a: 'tracking' },
    {
      async alertWith() {
        if (refuses) throw new Error('the queue refuses');
      },
    },
  );
  await expect(check({ a: 'pending access' })).rejects.toThrow('the queue refuses');
  refuses = false;
  await check({ a: 'pending access' });
  expect(alerts).toMatchObject([{ groupId: 'a', change: 'left' }]);
});

test('foreign text is made safe before it is logged', async () => {
  const { check, lines } = coverage({});
  await check({ 'a\u001b[2J\n': 'odd\u202estatus' });
  expect(JSON.stringify(lines)).not.toMatch(/\\u001b|\u202e|\\n/);
});

const TRACKED: GroupStatus = { tracked: true, status: 'tracking' };
const PENDING: GroupStatus = { tracked: false, status: 'pending access' };
type Statuses = Readonly<Record<string, GroupStatus>>;

test.each<[string, Statuses, Statuses, readonly GroupChange[]]>([
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
])('changes: %s', (_, before, now, changes) => {
  const mapOf = (groups: Statuses) => new Map(Object.entries(groups));
  expect(coverageChanges(mapOf(before), mapOf(now))).toEqual(changes);
});
