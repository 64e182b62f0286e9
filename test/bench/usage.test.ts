import { expect, test } from 'vitest';
import { readUsage, usageOf } from './usage.ts';

test('user and system time and memory are read, whatever the program is called', () => {
  const stat = '42 (a (b) c) S 1 42 42 0 -1 4194304 9 0 0 0 150 50 0 0 20 0 11 0 1 1 1 1';
  const status = 'Name:\ta (b) c\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n';
  expect(usageOf(stat, status)).toEqual({
    cpuMs: 2_000,
    rssBytes: 1024 * 1024,
    peakRssBytes: 2 * 1024 * 1024,
  });
});

test.runIf(process.platform === 'linux')('a process that works uses time', () => {
  const before = readUsage(process.pid);
  expect(before.rssBytes).toBeGreaterThan(1024 * 1024);
  let after = before;
  // In steps of 10 ms.
  while (after.cpuMs === before.cpuMs) after = readUsage(process.pid);
  expect(after.cpuMs).toBeGreaterThan(before.cpuMs);
});
