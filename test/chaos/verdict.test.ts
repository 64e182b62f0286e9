import { describe, expect, test } from 'vitest';
import type { Fault } from './plan.ts';
import type { Post, RunRecord } from './record.ts';
import { duration, reportOf } from './report.ts';
import { judgeRun, quantile, type Explanation } from './verdict.ts';

/** A run of one mention, `m`, spotted after a second, and one webhook, `A`. */
function sampleRun(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    seed: 7,
    lanes: [
      { name: 'replica 1', subject: 'replica' },
      { name: 'Redis', subject: 'redis' },
      { name: 'A', subject: 'receiver' },
      { name: 'API', subject: 'api' },
    ],
    receivers: ['A'],
    faults: [],
    mentions: [{ id: 'm', spottedAtMs: 1_000 }],
    posts: [samplePost(10_000)],
    recorded: [],
    api: { requests: 60, budget: 50, busiestMinute: 50, refused: 0 },
    faultsEndedAtMs: 60_000,
    drainedAtMs: 70_000,
    mishaps: [],
    ...changes,
  };
}

/** A POST of `m` to `A` that was accepted after 100 ms. */
function samplePost(atMs: number, changes: Partial<Post> = {}): Post {
  return {
    receiver: 'A',
    atMs,
    endedAtMs: atMs + 100,
    end: 'accepted',
    mentions: ['m'],
    ...changes,
  };
}

function sampleFault(
  lane: 'replica 1' | 'Redis' | 'A' | 'API',
  kind: Fault['kind'],
  fromMs: number,
  toMs = fromMs,
): Fault {
  const subjects = { 'replica 1': 'replica', Redis: 'redis', A: 'receiver', API: 'api' } as const;
  return { lane, subject: subjects[lane], kind, fromMs, toMs };
}

test('a run without faults in which all arrived has no problem', () => {
  expect(judgeRun(sampleRun())).toEqual({
    problems: [],
    deliveries: 1,
    lost: [],
    duplicates: [],
    latenciesMs: [9_000],
  });
});

describe('a mention is lost', () => {
  test.each<[string, RunRecord['posts']]>([
    ['if it never came', []],
    ['if it was only refused', [samplePost(10_000, { end: 'refused' })]],
    [
      'if no relay ever got the answer that it was taken',
      [samplePost(10_000, { end: 'unanswered' })],
    ],
    ['if it came to another webhook alone', [samplePost(10_000, { receiver: 'B' })]],
  ])('%s', (_, posts) => {
    const { problems, lost } = judgeRun(sampleRun({ posts }));
    expect(lost).toEqual([{ receiver: 'A', mention: 'm' }]);
    expect(problems).toContain('m is lost to A');
  });
});

test('a refusal before the mention was taken is no repeat', () => {
  const posts = [samplePost(9_000, { end: 'refused' }), samplePost(10_000)];
  expect(judgeRun(sampleRun({ posts }))).toMatchObject({ problems: [], duplicates: [] });
});

test('a mention in two batches is a repeat, and the other mentions are not', () => {
  const mentions = ['m', 'n', 'o'].map((id) => ({ id, spottedAtMs: 0 }));
  const posts = [
    samplePost(10_000, { mentions: ['m', 'n'] }),
    samplePost(20_000, { mentions: ['n', 'o'] }),
  ];
  const { duplicates, problems } = judgeRun(sampleRun({ mentions, posts }));
  expect(duplicates).toMatchObject([{ mention: 'n', explanation: null }]);
  expect(problems).toHaveLength(1);
});

describe('a mention that came at 10 s and again at 80 s', () => {
  const again = samplePost(80_000);

  test.each<[string, Explanation, Partial<RunRecord>]>([
    [
      'is explained by a receiver that read it and did not answer',
      'webhook did not answer',
      {
        posts: [samplePost(10_000, { end: 'unanswered' }), again],
        faults: [sampleFault('A', 'hang', 5_000, 12_000)],
      },
    ],
    [
      'is explained by a receiver that went down before it answered',
      'webhook did not answer',
      {
        posts: [samplePost(10_000, { end: 'unanswered' }), again],
        faults: [sampleFault('A', 'down', 10_050, 15_000)],
      },
    ],
    [
      'is explained by a kill between its arrival and its record',
      'relay killed',
      { faults: [sampleFault('replica 1', 'kill', 10_050, 14_000)] },
    ],
    [
      'is explained by a kill that crossed its arrival',
      'relay killed',
      { faults: [sampleFault('replica 1', 'kill', 9_900)] },
    ],
    [
      'is explained by a relay that was frozen before the answer arrived',
      'relay frozen',
      { faults: [sampleFault('replica 1', 'freeze', 9_990, 17_000)] },
    ],
    [
      'is explained by a relay that gave up when it woke from a freeze',
      'relay frozen',
      {
        posts: [samplePost(10_000, { end: 'gone' }), again],
        faults: [sampleFault('replica 1', 'freeze', 2_000, 9_900)],
      },
    ],
    [
      'is explained by a kill while the record waited for Redis',
      'relay killed',
      {
        faults: [
          sampleFault('Redis', 'freeze', 9_000, 16_000),
          sampleFault('replica 1', 'kill', 15_900),
        ],
      },
    ],
    [
      'is explained by a stop while the record waited for Redis',
      'relay stopped while Redis was away',
      {
        faults: [
          sampleFault('Redis', 'kill', 10_050, 16_000),
          sampleFault('replica 1', 'restart', 11_000, 19_000),
        ],
      },
    ],
    [
      'is explained by a Redis that was away before the record',
      'Redis away',
      { faults: [sampleFault('Redis', 'kill', 10_050, 12_000)] },
    ],
  ])('%s', (_, explanation, changes) => {
    const run = sampleRun({ posts: [samplePost(10_000), again], ...changes });
    const { duplicates, problems } = judgeRun(run);
    expect(duplicates).toMatchObject([{ firstAtMs: 10_000, againAtMs: 80_000, explanation }]);
    expect(problems).toEqual([]);
  });

  test.each<[string, Partial<RunRecord>]>([
    ['by nothing', {}],
    [
      'by a kill long before or after',
      { faults: [5_000, 14_000, 79_000].map((at) => sampleFault('replica 1', 'kill', at)) },
    ],
    [
      'by a replica that was down all the time',
      { faults: [sampleFault('replica 1', 'kill', 5_000, 30_000)] },
    ],
    [
      'by a clean stop, which waits for what is under way',
      { faults: [sampleFault('replica 1', 'restart', 10_050, 12_000)] },
    ],
    [
      'by a relay that was frozen before it came',
      { faults: [sampleFault('replica 1', 'freeze', 8_000, 15_000)] },
    ],
    [
      'by a relay that woke from a freeze long before it gave up',
      {
        posts: [samplePost(10_000, { end: 'gone' }), again],
        faults: [sampleFault('replica 1', 'freeze', 2_000, 9_000)],
      },
    ],
    [
      'by a receiver that did not answer without a fault',
      { posts: [samplePost(10_000, { end: 'unanswered' }), again] },
    ],
    ['by an API that fails', { faults: [sampleFault('API', '500', 9_000, 15_000)] }],
    ['by a receiver that refuses', { faults: [sampleFault('A', '500', 10_050, 15_000)] }],
    [
      'by a kill after a relay had recorded it',
      {
        faults: [sampleFault('replica 1', 'kill', 10_200)],
        recorded: [{ receiver: 'A', mention: 'm', atMs: 10_150 }],
      },
    ],
  ])('is not explained %s', (_, changes) => {
    const run = sampleRun({ posts: [samplePost(10_000), again], ...changes });
    const { duplicates, problems } = judgeRun(run);
    expect(duplicates).toMatchObject([{ explanation: null }]);
    expect(problems).toEqual([expect.stringContaining('m came again to A at 80.0 s')]);
  });
});

test.each<[string, Partial<RunRecord>, string]>([
  [
    'a budget that was exceeded',
    { api: { requests: 60, budget: 50, busiestMinute: 51, refused: 0 } },
    '51 API requests in a minute, of 50 allowed',
  ],
  [
    'a request that the limit refused',
    { api: { requests: 60, budget: 50, busiestMinute: 50, refused: 1 } },
    "the API's own limit refused 1 requests",
  ],
  [
    'deliveries that were never finished',
    { drainedAtMs: null },
    'some deliveries were never finished',
  ],
  ['a relay that ended by itself', { mishaps: ['replica 1 ended'] }, 'replica 1 ended'],
  [
    'a mention that nobody spotted',
    { posts: [samplePost(10_000), samplePost(11_000, { mentions: ['x'] })] },
    'A got a mention that nobody spotted at 11.0 s',
  ],
])('%s is a problem', (_, changes, problem) => {
  expect(judgeRun(sampleRun(changes)).problems).toEqual([problem]);
});

test.each([
  [[], 0.5, 0],
  [[5], 0.99, 5],
  [[1, 2, 3, 4], 0.5, 2],
  [Array.from({ length: 100 }, (_, index) => index + 1), 0.99, 99],
])('of %j the quantile %d is %d', (ascending, share, value) => {
  expect(quantile(ascending, share)).toBe(value);
});

test('the report of a good run has its figures', () => {
  const run = sampleRun({
    posts: [samplePost(10_000), samplePost(80_000)],
    faults: [sampleFault('replica 1', 'kill', 10_050), sampleFault('API', '500', 20_000, 25_000)],
  });
  expect(reportOf(run, judgeRun(run))).toBe(`seed        7
length      60.0 s of faults, then finished after 10.0 s
faults      1 replica kill, 1 api 500
mentions    1
deliveries  1 to 1 webhooks, in 2 requests
latency     p50 9.0 s, p99 9.0 s, from spotted to first arrival
API         60 requests, 50 in the busiest minute, of 50 allowed; 0 refused by its limit
lost        0
repeats     1
  1 to A: relay killed (replica 1: kill at 10.1 s)

Nothing lost, every repeat explained, never over the budget.
`);
});

test('the report of a bad run has each problem', () => {
  const run = sampleRun({ posts: [], drainedAtMs: null });
  const report = reportOf(run, judgeRun(run));
  expect(report).toContain('60.0 s of faults, then not finished');
  expect(report).toContain(
    '2 problems:\n  some deliveries were never finished\n  m is lost to A\n',
  );
});

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1.0 s'],
  [119_000, '119.0 s'],
  [600_000, '10.0 min'],
])('%i ms are shown as %s', (ms, shown) => {
  expect(duration(ms)).toBe(shown);
});
