import { describe, expect, test } from 'vitest';
import type { RunRecord } from './record.ts';
import { sampleFault, samplePost, sampleRun } from './sample-run.ts';
import { judgeRun, quantile, type Explanation } from './verdict.ts';

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
    ['if no relay ever heard that it was taken', [samplePost(10_000, { end: 'unanswered' })]],
    ['if it came to another webhook alone', [samplePost(10_000, { receiver: 'B' })]],
  ])('%s', (_, posts) => {
    const { problems, lost } = judgeRun(sampleRun({ posts }));
    expect(lost).toEqual([{ receiver: 'A', mention: 'm' }]);
    expect(problems).toContain('m is lost to A');
  });
});

test('a refusal before it was taken is no repeat', () => {
  const posts = [samplePost(9_000, { end: 'refused' }), samplePost(10_000)];
  expect(judgeRun(sampleRun({ posts }))).toMatchObject({ problems: [], duplicates: [] });
});

test('the same mention in two batches is a repeat, and the others in them are none', () => {
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
      'is explained by a relay that was frozen before it heard the answer',
      'relay frozen',
      { faults: [sampleFault('replica 1', 'freeze', 9_990, 17_000)] },
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
  ['deliveries that were never done', { drainedAtMs: null }, 'some deliveries were never done'],
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
