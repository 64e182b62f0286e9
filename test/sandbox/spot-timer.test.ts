import { expect, test, vi } from 'vitest';
import { nextGapMs, startSpotTimer } from '../../src/sandbox/sandbox.ts';
import { runningSandbox, seededRandom } from './running-sandbox.ts';

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
  try {
    startSpotTimer(0, 'steady', seededRandom(1), () => {});
    expect(vi.getTimerCount()).toBe(0);
    const end = startSpotTimer(1, 'steady', seededRandom(1), () => {});
    expect(vi.getTimerCount()).toBe(1);
    end();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('a running sandbox makes up mentions by itself', async () => {
  const sandbox = await runningSandbox({ mentionsPerMinute: 6000, spacing: 'steady' });
  await vi.waitUntil(() => sandbox.mentions().length >= 3, { timeout: 10_000, interval: 5 });
});
