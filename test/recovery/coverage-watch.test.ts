import { expect, test } from 'vitest';
import type { CoverageAlert } from '../../src/domain/alert.ts';
import { type GroupStatus, watchCoverage, type KnownGroups } from '../../src/recovery/coverage.ts';
import { recordingLog } from '../helpers/recording-log.ts';

type Groups = Readonly<Record<string, string>>;

/** A watch over an account whose groups are told by their status. */
function watch(
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
    look: async (answer: Groups): Promise<void> => {
      await watchCoverage(
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

test('the first look has nothing to compare with', async () => {
  const { look, alerts, lines, remembered } = watch(null);
  await look({ a: 'tracking', b: 'pending access' });
  expect([alerts, lines]).toEqual([[], []]);
  expect(remembered()).toMatchObject({ a: { tracked: true }, b: { tracked: false } });
});

test('a change is told once, in the log and as an alert', async () => {
  const { look, alerts, lines } = watch({ a: 'tracking', b: 'tracking', c: 'pending access' });
  const now = { a: 'tracking', b: 'pending access', c: 'tracking', d: 'tracking' };
  await look(now);
  await look(now);
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

test('an account without any group is believed only at the next look', async () => {
  const { look, alerts, lines } = watch({ a: 'tracking' });
  await look({});
  expect([alerts, lines]).toEqual([[], []]);
  await look({});
  expect(alerts).toMatchObject([{ groupId: 'a', change: 'vanished' }]);
  expect(lines).toMatchObject([{ level: 'warn', fields: { groupId: 'a', change: 'vanished' } }]);
  await look({});
  expect(alerts).toHaveLength(1);
});

test('an answer without any group that was a mistake is as if it had not come', async () => {
  const { look, alerts } = watch({ a: 'tracking', b: 'tracking' });
  for (let time = 0; time < 2; time += 1) {
    await look({});
    await look({ a: 'tracking', b: 'tracking' });
  }
  expect(alerts).toEqual([]);
  await look({});
  await look({ a: 'tracking', b: 'pending access' });
  expect(alerts).toMatchObject([{ groupId: 'b', change: 'left' }]);
});

test('a stop while names are asked for comes before the first alert', async () => {
  const { look, alerts, lines } = watch(
    { a: 'tracking' },
    {
      async nameOf(groupId) {
        if (groupId === 'c') throw new Error('stopping');
        return null;
      },
    },
  );
  await expect(look({ b: 'tracking', c: 'tracking' })).rejects.toThrow('stopping');
  expect([alerts, lines]).toEqual([[], []]);
});

test('a change whose alert is refused is told again', async () => {
  let refuses = true;
  const { look, alerts } = watch(
    { a: 'tracking' },
    {
      async alertWith() {
        if (refuses) throw new Error('the queue refuses');
      },
    },
  );
  await expect(look({ a: 'pending access' })).rejects.toThrow('the queue refuses');
  refuses = false;
  await look({ a: 'pending access' });
  expect(alerts).toMatchObject([{ groupId: 'a', change: 'left' }]);
});

test('no foreign text gets into the log as it is', async () => {
  const { look, lines } = watch({});
  await look({ 'a\u001b[2J\n': 'odd\u202estatus' });
  expect(JSON.stringify(lines)).not.toMatch(/\\u001b|\u202e|\\n/);
});
