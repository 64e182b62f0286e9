import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const [, command = ''] =
  /^HEALTHCHECK .*CMD (.+)$/m.exec(readFileSync('Dockerfile', 'utf8').replaceAll(/\\\n\s*/g, '')) ??
  [];

/** Makes a path for a health file, and runs the image's health check on it. */
function health() {
  const folder = mkdtempSync(join(tmpdir(), 'relay-health-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'health');
  const env = { MENTION_RELAY_HEALTH_FILE: path };
  const options = { env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' } as const;
  const check = () => {
    const { status, stdout } = spawnSync('/bin/sh', ['-c', command], options);
    return { code: status, says: stdout.trim() };
  };
  return { env, path, check };
}

const HEALTHY = { code: 0, says: '' };
const SILENT = { code: 1, says: 'hangs or did not start: see the log' };

test('a relay that waits for Redis or whose key is rejected is healthy; one that hangs or has ended is not', async () => {
  await using bench = await relayBench();
  const { env, path, check } = health();
  expect(check()).toEqual(SILENT);
  await bench.redis.kill();
  const relay = bench.relay({ ...env, GROOUPLY_API_KEY: 'wrong' });
  await relay.waitForEvent('redis.lost');
  expect(check()).toEqual(HEALTHY);
  await bench.redis.start();
  await relay.waitForEvent('poll.key_rejected');
  expect(check()).toEqual(HEALTHY);
  if (process.platform === 'linux') {
    const { stdout } = spawnSync('ps', ['--ppid', String(relay.pid), '-o', 'args='], {
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/^bash .*\/watchdog\.sh /);
  }

  relay.kill('SIGSTOP');
  // A minute passes for the file.
  const before = new Date(Date.now() - 61_000);
  utimesSync(path, before, before);
  expect(check()).toEqual(SILENT);
  relay.kill('SIGCONT');
  await waitUntil('the relay to be healthy again', () => check().code === 0, 15_000);

  relay.kill('SIGTERM');
  expect(await relay.ended).toEqual({ code: 0, signal: null });
  expect(existsSync(path)).toBe(false);
});

test('a health file that cannot be written is reported once, and the relay keeps running', async () => {
  await using bench = await relayBench();
  const path = '/no-such-folder/health';
  const relay = bench.relay({ MENTION_RELAY_HEALTH_FILE: path });
  expect(await relay.waitForEvent('health.file_failed')).toMatchObject({
    level: 'warn',
    path,
    reason: 'ENOENT',
  });
  bench.sandbox.spot(1);
  await bench.a.waitFor(1);
  expect(relay.events('health.file_failed')).toHaveLength(1);
});
