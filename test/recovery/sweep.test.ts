import { describe, expect, test } from 'vitest';
import type { DedupeBy } from '../../src/domain/mention.ts';
import {
  parseRecoveredMention,
  type RecoveredMention,
} from '../../src/domain/recovered-mention.ts';
import type { OpenGap } from '../../src/state/gap.ts';
import { sweep, type SweepScope, type Swept } from '../../src/recovery/sweep.ts';
import { recordingLog } from '../helpers/recording-log.ts';

const NOW_MS = 1_700_000_000_000;
const SECOND = 1_000;
const GAP: OpenGap = {
  fromMs: NOW_MS - 600 * SECOND,
  toMs: NOW_MS - 300 * SECOND,
  foundAtMs: NOW_MS - 60 * SECOND,
};
const GAPS_ONLY: SweepScope = { day: null };
const DAY: SweepScope = { day: { fromMs: NOW_MS - 86_400 * SECOND, toMs: NOW_MS - 60 * SECOND } };

const LINK = 'https://facebook.com/groups/a/permalink/7';

/** A post that was spotted so many seconds ago. */
function post(name: string, secondsAgo: number, group = 'a', link?: string): RecoveredMention {
  const parsed = parseRecoveredMention(
    {
      owner: { id: '1', name: 'Ana P.' },
      keyword: name,
      link: link ?? `https://facebook.com/groups/${group}/permalink/${secondsAgo}`,
      timestamps: { spotted: String(NOW_MS / SECOND - secondsAgo) },
    },
    { id: group, name: `Group ${group}` },
  );
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

interface Situation {
  readonly gaps?: readonly OpenGap[];
  /** By the ids of their groups; null for a group that can't be read. */
  readonly groups: Readonly<Record<string, readonly RecoveredMention[] | null>>;
  readonly known?: readonly string[];
  readonly untracked?: readonly string[];
  /** In each group's list. */
  readonly malformed?: number;
  readonly rememberedFromMs?: number;
  readonly dedupeBy?: DedupeBy;
  readonly queue?: () => Promise<void>;
}

/** Sweeps with a memory of its own. */
function sweeper(situation: Situation) {
  const known = new Set(situation.known);
  let open = situation.gaps ?? [GAP];
  const effects: string[] = [];
  const concluded: Swept[] = [];
  const recording = recordingLog();
  const names = (posts: readonly RecoveredMention[]) =>
    posts.map(({ keyword }) => keyword).join('');

  return {
    effects,
    concluded,
    open: () => open,
    ...recording,
    sweep: (scope = GAPS_ONLY) =>
      sweep<OpenGap>(
        {
          groups: async () =>
            Object.keys(situation.groups).map((id) => ({
              id,
              tracked: !(situation.untracked ?? []).includes(id),
            })),
          async postsOf(groupId) {
            const posts = situation.groups[groupId] ?? null;
            return posts && { posts, malformed: situation.malformed ?? 0 };
          },
          memory: {
            openGaps: async () => open,
            rememberedFromMs: async () => situation.rememberedFromMs ?? 0,
            judge: async (posts) =>
              posts.map(({ keyword }) => (known.has(keyword) ? 'seen' : 'missed')),
            async markRecovered(posts) {
              effects.push(`mark ${names(posts)}`);
              for (const { keyword } of posts) known.add(keyword);
            },
            async conclude(closed, swept) {
              effects.push('conclude');
              open = open.filter((gap) => !closed.includes(gap));
              concluded.push(swept);
            },
          },
          async queue(posts) {
            await situation.queue?.();
            effects.push(`queue ${names(posts)}`);
          },
          log: recording.log,
          nowMs: () => NOW_MS,
        },
        { ...scope, dedupeBy: situation.dedupeBy ?? 'mention' },
        new AbortController().signal,
      ),
  };
}

describe('a sweep', () => {
  test('queues unknown posts of a gap, oldest first, then marks them', async () => {
    const {
      sweep: run,
      effects,
      open,
    } = sweeper({
      groups: {
        a: [post('N', 200), post('E', 301), post('K', 400), post('B', 500), post('O', 1_300)],
        b: [post('D', 350, 'b'), post('C', 450, 'b')],
      },
      known: ['K'],
    });
    expect(await run()).toMatchObject({ recovered: 4, unknown: [], day: null });
    expect(effects).toEqual(['queue BCDE', 'mark BCDE', 'conclude']);
    expect(open()).toEqual([]);
  });

  test('includes both ends of a gap, and the ten minutes before it', async () => {
    const posts = [
      post('A', 1_201),
      post('L', 1_200),
      post('B', 600),
      post('E', 300),
      post('N', 299),
    ];
    const { sweep: run, effects } = sweeper({ groups: { a: posts } });
    await run();
    expect(effects[0]).toBe('queue LBE');
  });

  test('marks and closes nothing if the queue refuses, and does so the next time', async () => {
    let refuses = true;
    const {
      sweep: run,
      effects,
      open,
    } = sweeper({
      groups: { a: [post('B', 500), post('O', 1_300)] },
      queue: async () => {
        if (refuses) throw new Error('the queue refuses');
      },
    });
    await expect(run()).rejects.toThrow('the queue refuses');
    expect(effects).toEqual([]);
    expect(open()).toEqual([GAP]);
    refuses = false;
    expect(await run()).toMatchObject({ recovered: 1 });
  });

  test('finds nothing a second time', async () => {
    const { sweep: run } = sweeper({ groups: { a: [post('B', 500), post('O', 1_300)] } });
    expect(await run(DAY)).toMatchObject({ recovered: 2 });
    expect(await run(DAY)).toMatchObject({ recovered: 0 });
  });

  test('skips posts from before the memory, and posts without a link', async () => {
    const { sweep: run, effects } = sweeper({
      groups: { a: [post('B', 500), post('C', 450), post('L', 350, 'a', ''), post('O', 1_300)] },
      rememberedFromMs: NOW_MS - 450 * SECOND,
    });
    await run();
    // What was spotted in that very second counts as remembered.
    expect(effects[0]).toBe('queue C');
  });

  test('skips posts outside of gaps, unless it searches the day', async () => {
    const groups = { a: [post('B', 100), post('C', 90_000), post('D', 30)] };
    const [gaps, day] = [sweeper({ groups }), sweeper({ groups })];
    expect(await gaps.sweep()).toMatchObject({ recovered: 0 });
    expect(await day.sweep(DAY)).toMatchObject({ recovered: 1 });
    expect(day.effects[0]).toBe('queue B');
  });
});

describe('a gap', () => {
  test('is logged as closed, with the number of recovered posts', async () => {
    const { sweep: run, lines } = sweeper({ groups: { a: [post('B', 500), post('O', 1_300)] } });
    await run();
    expect(lines).toEqual([
      {
        level: 'info',
        event: 'gap.closed',
        message: expect.any(String),
        fields: {
          missingFrom: new Date(GAP.fromMs ?? 0).toISOString(),
          missingTo: new Date(GAP.toMs ?? 0).toISOString(),
          recovered: 1,
          groups: 1,
        },
      },
    ]);
  });

  test('is logged as unresolved if a list does not reach its beginning', async () => {
    const {
      sweep: run,
      lines,
      concluded,
    } = sweeper({
      groups: { a: [post('B', 500)], 'b\u001b[2J': [post('C', 1_300, 'b')] },
    });
    await run();
    expect(lines).toMatchObject([
      {
        level: 'warn',
        event: 'gap.unresolved',
        fields: {
          recovered: 1,
          unknownGroups: 1,
          unknown: [
            {
              groupId: 'a',
              from: new Date(GAP.fromMs ?? 0).toISOString(),
              to: new Date(NOW_MS - 500 * SECOND).toISOString(),
            },
          ],
        },
      },
    ]);
    expect(concluded[0]?.unknown).toHaveLength(1);
  });

  test('stays open while a group is unreadable, for a day at most', async () => {
    const groups = { a: [post('B', 500), post('O', 1_300)], b: null };
    const young = sweeper({ groups });
    expect(await young.sweep()).toMatchObject({ recovered: 1, unknown: [] });
    expect(young.open()).toEqual([GAP]);
    expect(young.lines).toEqual([]);

    const old = sweeper({ groups, gaps: [{ ...GAP, foundAtMs: NOW_MS - 90_000 * SECOND }] });
    expect(await old.sweep()).toMatchObject({ unknown: [{ groupId: 'b' }] });
    expect(old.open()).toEqual([]);
    expect(old.lines).toMatchObject([{ event: 'gap.unresolved' }]);
  });
});

describe('a gap is not logged as closed', () => {
  const reaching = post('O', 1_300);
  test.each<[string, Situation, number]>([
    ['if there is no group to search', { groups: {} }, 0],
    ['if a post is unreadable', { groups: { a: [reaching] }, malformed: 1 }, 1],
    [
      'if a post has no readable time',
      { groups: { a: [reaching, { ...post('T', 400), spottedAtMs: null }] } },
      1,
    ],
    ['if a post in it has no link', { groups: { a: [reaching, post('L', 400, 'a', '')] } }, 1],
    [
      'if one of two comments on the same post was seen',
      {
        groups: { a: [reaching, post('K', 400, 'a', LINK), post('K', 350, 'a', LINK)] },
        known: ['K'],
      },
      2,
    ],
  ])('%s', async (_, situation, undecidable) => {
    const old = [{ ...GAP, foundAtMs: NOW_MS - 90_000 * SECOND }];
    const { sweep: run, lines } = sweeper({ gaps: old, ...situation });
    expect(await run()).toMatchObject({ recovered: 0 });
    expect(lines).toMatchObject([{ event: 'gap.unresolved', fields: { undecidable } }]);
  });

  test('but it is if such comments count once', async () => {
    const { sweep: run, told } = sweeper({
      groups: { a: [reaching, post('K', 400, 'a', LINK), post('K', 350, 'a', LINK)] },
      known: ['K'],
      dedupeBy: 'post',
    });
    await run();
    expect(told()).toEqual(['info gap.closed']);
  });

  test('and stays open while there is no group', async () => {
    const { sweep: run, open } = sweeper({ groups: {} });
    await run();
    expect(open()).toEqual([GAP]);
  });
});

describe('a group that is no longer tracked', () => {
  test('is searched too', async () => {
    const { sweep: run } = sweeper({
      groups: { a: [post('O', 1_300)], b: [post('B', 500, 'b'), post('P', 1_300, 'b')] },
      untracked: ['b'],
    });
    expect(await run()).toMatchObject({ recovered: 1 });
  });

  test('does not keep a gap open if it is unreadable', async () => {
    const { sweep: run, told } = sweeper({
      groups: { a: [post('B', 500), post('O', 1_300)], b: null },
      untracked: ['b'],
    });
    await run();
    expect(told()).toEqual(['info gap.closed']);
  });
});

describe('the completeness of the day', () => {
  test('counts posts, and those that had come through a window', async () => {
    const { sweep: run } = sweeper({
      gaps: [],
      groups: { a: [post('B', 500), post('K', 600), post('L', 700), post('O', 90_000)] },
      known: ['K', 'L'],
    });
    expect(await run(DAY)).toMatchObject({ recovered: 1, day: { posts: 3, inTime: 2 } });
  });

  test('omits unreadable groups, and counts them', async () => {
    const { sweep: run } = sweeper({ gaps: [], groups: { a: [post('B', 500)], b: null } });
    expect(await run(DAY)).toMatchObject({
      recovered: 1,
      unreadable: 1,
      day: { posts: 1, inTime: 0 },
    });
  });

  test('is not believed if most posts match no mention, and none of them is sent', async () => {
    const late = Array.from({ length: 20 }, (_, index) => post(`L${index}`, 5_000 + index));
    const known = Array.from({ length: 17 }, (_, index) => post(`K${index}`, 6_000 + index));
    const {
      sweep: run,
      effects,
      told,
    } = sweeper({
      groups: { a: [post('B', 500), post('O', 1_300), ...late, ...known] },
      known: ['O', ...known.map(({ keyword }) => keyword)],
    });
    expect(await run(DAY)).toMatchObject({ recovered: 1, day: { posts: 39, inTime: 18 } });
    expect(effects[0]).toBe('queue B');
    expect(told()).toEqual(['warn sweep.distrusted', 'info gap.closed']);
  });
});
