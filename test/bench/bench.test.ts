import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mentionKey } from '../../src/domain/mention.ts';
import { kilobyteBody, kilobyteMention } from './backlog.ts';
import { readUsage } from './processes.ts';

test('the bench refuses rough figures for the page before it measures anything', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'bench.ts'), '--quick', '--docs'],
    { encoding: 'utf8' },
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('omit --quick and --against');
});

test('the body of a POST with one mention has 1 KB', () => {
  expect(Buffer.byteLength(kilobyteBody())).toBe(1024);
});

test('mentions of different numbers are different mentions', () => {
  const keys = [0, 1, 2, 1_000_000].map((number) => mentionKey(kilobyteMention(number), 'mention'));
  expect(new Set(keys).size).toBe(keys.length);
});

test.runIf(process.platform === 'linux')('a process that works uses CPU time and memory', () => {
  const before = readUsage(process.pid);
  expect(before.rssMb).toBeGreaterThan(1);
  expect(before.peakRssMb).toBeGreaterThanOrEqual(before.rssMb);
  let after = before;
  // The kernel counts in steps of 10 ms.
  while (after.cpuMs === before.cpuMs) after = readUsage(process.pid);
  expect(after.cpuMs).toBeGreaterThan(before.cpuMs);
});
