import { expect, test } from 'vitest';
import { sampleFault, samplePost, sampleRun } from './sample-run.ts';
import { drawTimeline } from './timeline.ts';
import { judgeRun } from './verdict.ts';

const faults = [
  sampleFault('replica 1', 'kill', 10_050),
  sampleFault('Redis', 'freeze', 20_000, 28_000),
  sampleFault('A', '429', 30_000, 40_000),
  sampleFault('API', 'reset', 30_000, 40_000),
];
const run = sampleRun({ posts: [samplePost(10_000), samplePost(70_000)], faults });
const picture = drawTimeline(run, judgeRun(run));

/** The bars below the lanes' heads, as their class and title. */
const bars = [...picture.matchAll(/<rect class="(\w+)"[^>]*><title>([^<]+)<\/title>/g)].map(
  ([, colour, title]) => `${colour} ${title}`,
);

test('the timeline has a bar for each fault, and says which', () => {
  expect(bars).toEqual([
    'gone replica 1: kill, 10.1 s, for 0 ms',
    'frozen Redis: freeze, 20.0 s, for 8.0 s',
    'limit A: 429, 30.0 s, for 10.0 s',
    'reset API: reset, 30.0 s, for 10.0 s',
  ]);
});

test('the timeline has every bar inside it and wide enough to be seen', () => {
  const [, width = 0] = /viewBox="0 0 (\d+) /.exec(picture) ?? [];
  for (const [, x, w] of picture.matchAll(
    /<rect class="\w+" x="([\d.]+)"[^>]* width="([\d.]+)"/g,
  )) {
    expect(Number(w)).toBeGreaterThanOrEqual(3);
    expect(Number(x) + Number(w)).toBeLessThanOrEqual(Number(width));
  }
});

test('the timeline marks what came again', () => {
  const marks = [...picture.matchAll(/<path class="(\w+)"[^>]*><title>([^<]+)</g)];
  expect(marks.map(([, colour, title]) => `${colour} ${title}`)).toEqual([
    'again 70.0 s: relay killed, replica 1: kill at 10.1 s',
    'again again: killed or frozen',
    'silent again: not answered',
  ]);
});

test('the timeline names each lane, explains each colour that it uses, and sums up', () => {
  for (const name of ['replica 1', 'Redis', 'webhook A', 'API'])
    expect(picture).toContain(`>${name}<`);
  for (const words of ['killed, down', 'frozen, no answer', 'status 429', 'connections reset']) {
    expect(picture).toContain(`>${words}<`);
  }
  expect(picture).toContain(
    'none lost; 1 came again by a kill or a freeze, 0 because the webhook did not answer.',
  );
  expect(picture).toContain('Nothing lost while everything fails');
  expect(picture).toContain('prefers-color-scheme: dark');
});

test('the timeline of a run with a problem does not claim that there was none', () => {
  const bad = sampleRun({ posts: [], drainedAtMs: null });
  const drawn = drawTimeline(bad, judgeRun(bad));
  expect(drawn).not.toContain('Nothing lost');
  expect(drawn).toContain('1 lost');
  expect(drawn).not.toContain('NaN');
});

test('nothing in the timeline is markup but its own', () => {
  const odd = sampleRun({ lanes: [{ name: '<b>&"', subject: 'redis' }] });
  const drawn = drawTimeline(odd, judgeRun(odd));
  expect(drawn).toContain('&lt;b>&amp;&quot;');
});
