import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const PROJECT = join(import.meta.dirname, '../..');

test('a SIGTERM to npm start reaches the relay, which stops cleanly', async () => {
  await using bench = await relayBench();
  // Not in the project itself: there may be somebody's .env.
  const folder = mkdtempSync(join(tmpdir(), 'relay-npm-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(PROJECT, 'package.json'), join(folder, 'package.json'));
  for (const name of ['dist', 'node_modules']) symlinkSync(join(PROJECT, name), join(folder, name));
  const npm = spawn('npm', ['start'], {
    cwd: folder,
    // A process group of its own, so that the test can end all of it.
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      GROOUPLY_API_KEY: 'sandbox-key',
      GROOUPLY_API_URL: bench.sandbox.url.href,
      REDIS_URL: bench.redis.url,
      WEBHOOK_A_URL: bench.a.url,
      LOG_LEVEL: 'debug',
    },
  });
  onTestFinished(() => {
    try {
      process.kill(-(npm.pid ?? NaN), 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  });
  let log = '';
  npm.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
  const closed = once(npm, 'close');
  await waitUntil('the first poll', () => log.includes('"event":"poll.completed"'));

  npm.kill('SIGTERM');

  // The output stays open as long as any process of the group runs.
  await closed;
  expect(log).toMatch(/"event":"relay\.stopped"[^\n]*"clean":true/);
});
