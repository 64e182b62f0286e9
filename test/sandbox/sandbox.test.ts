import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { nextGapMs, startSandbox, startSpotTimer } from '../../src/sandbox/sandbox.ts';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';
import { fetchWindow, post, runningSandbox, seededRandom } from './running-sandbox.ts';

test('spotted mentions head the window, newest first', async () => {
  const sandbox = await runningSandbox({ backlog: 2, windowSize: 4 });
  const [older, old] = sandbox.mentions().toReversed() as [SandboxMention, SandboxMention];
  const [first, second, third] = sandbox.spot(3) as [
    SandboxMention,
    SandboxMention,
    SandboxMention,
  ];
  expect(await fetchWindow(sandbox)).toEqual([third, second, first, old]);

  sandbox.removeMentions([second.id]);
  expect(await fetchWindow(sandbox)).toEqual([third, first, old, older]);

  sandbox.addMentions({ ...second, content: 'again' });
  expect(await fetchWindow(sandbox)).toEqual([{ ...second, content: 'again' }, third, first, old]);
});

test('a backlog lies before the start, and spotted mentions have the current time', async () => {
  const nowMs = 1_700_000_000_000;
  const sandbox = await runningSandbox({ backlog: 20, now: () => nowMs });
  for (const { spotted } of sandbox.mentions()) {
    expect(Number(spotted) * 1000).toBeLessThan(nowMs);
  }
  expect(sandbox.spot()).toMatchObject([{ spotted: '1700000000' }]);
});

test('its own API key is required', async () => {
  const sandbox = await runningSandbox({ apiKey: 'another' });
  expect((await post(sandbox, '/account/info')).status).toBe(401);
  expect((await post(sandbox, '/account/info', { apiKey: 'another' })).status).toBe(200);
});

test('the URL is the address where it listens', async () => {
  const sandbox = await runningSandbox();
  expect(sandbox.url.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api$/);
  const everywhere = await runningSandbox({ host: '0.0.0.0' });
  expect(everywhere.url.hostname).toBe('127.0.0.1');
});

test('a port that is taken is refused', async () => {
  const { url } = await runningSandbox();
  await expect(startSandbox({ port: Number(url.port) })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

test('stop() frees the port, ends a delayed answer, and can be called again', async () => {
  const sandbox = await runningSandbox();
  sandbox.fault({ kind: 'delay', delayMs: 3_600_000 });
  const delayed = expect(post(sandbox, '/account/info')).rejects.toThrow('fetch failed');
  await expect.poll(() => sandbox.requests().length).toBe(1);
  await sandbox.stop();
  await delayed;
  await sandbox.stop();
  const next = await runningSandbox({ port: Number(sandbox.url.port) });
  expect((await post(next, '/account/info')).status).toBe(200);
});

test('a process ends after it stopped its sandbox, whatever was under way', async () => {
  const script = new URL('./stop-with-work-left.ts', import.meta.url).pathname;
  const run = promisify(execFile)(process.execPath, [script], { timeout: 20_000 });
  await expect(run).resolves.toEqual({ stdout: '', stderr: '' });
});

test('steady gaps are all the same', () => {
  expect(nextGapMs(12, 'steady', seededRandom(1))).toBe(5000);
});

test('exponential gaps differ and have the right mean', () => {
  const random = seededRandom(1);
  const gapsMs = Array.from({ length: 10_000 }, () => nextGapMs(12, 'exponential', random));
  const meanMs = gapsMs.reduce((sum, gapMs) => sum + gapMs, 0) / gapsMs.length;
  expect(meanMs).toBeGreaterThan(4800);
  expect(meanMs).toBeLessThan(5200);
  // 1/e of all gaps are longer than the mean.
  const longer = gapsMs.filter((gapMs) => gapMs > 5000).length / gapsMs.length;
  expect(longer).toBeCloseTo(1 / Math.E, 1);
});

test('a very low rate stays within the longest possible timer', () => {
  expect(nextGapMs(1e-9, 'steady', seededRandom(1))).toBe(2 ** 31 - 1);
});

test('a rate of 0 starts no timer', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  startSpotTimer(0, 'steady', seededRandom(1), () => {});
  expect(vi.getTimerCount()).toBe(0);
  const end = startSpotTimer(1, 'steady', seededRandom(1), () => {});
  expect(vi.getTimerCount()).toBe(1);
  end();
  expect(vi.getTimerCount()).toBe(0);
});

test('a running sandbox makes up mentions by itself', async () => {
  const sandbox = await runningSandbox({ mentionsPerMinute: 6000, spacing: 'steady' });
  await vi.waitUntil(() => sandbox.mentions().length >= 3, { timeout: 10_000, interval: 5 });
});
