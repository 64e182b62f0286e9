import { expect, test } from 'vitest';
import { duration, reportOf } from './report.ts';
import { sampleFault, samplePost, sampleRun } from './sample-run.ts';
import { judgeRun } from './verdict.ts';

test('the report of a good run has its figures', () => {
  const run = sampleRun({
    posts: [samplePost(10_000), samplePost(80_000)],
    faults: [sampleFault('replica 1', 'kill', 10_050), sampleFault('API', '500', 20_000, 25_000)],
  });
  expect(reportOf(run, judgeRun(run))).toBe(`seed       7
length     60.0 s of faults, then done after 10.0 s
relays     1 replicas on one Redis
faults     replicas: 1 killed
           Redis: none
           receivers: none
           API: 1 status 500
mentions   1
deliveries 1 to 1 webhooks, in 2 requests
lost       0
again      1: 1 relay killed
API        60 requests, 50 in the busiest minute, of 50 allowed; 0 refused by its limit
latency    p50 9.0 s, p99 9.0 s, from spotted to first arrival

What came again, by what explains it:
     1  relay killed (replica 1: kill at 10.1 s), to A

Nothing lost, every repeat explained, never over the budget.
`);
});

test('the report of a bad run tells each problem', () => {
  const run = sampleRun({ posts: [], drainedAtMs: null });
  const report = reportOf(run, judgeRun(run));
  expect(report).toContain('60.0 s of faults, then not done');
  expect(report).toContain('2 problems:\n  some deliveries were never done\n  m is lost to A\n');
});

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1.0 s'],
  [119_000, '119.0 s'],
  [600_000, '10.0 min'],
])('%i ms are told as %s', (ms, told) => {
  expect(duration(ms)).toBe(told);
});
