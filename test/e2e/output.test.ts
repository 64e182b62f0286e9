import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

/** Runs a shell script in which `$RELAY` is the built program, with the environment of a relay. */
function shell(bench: RelayBench, script: string): ChildProcess {
  const cwd = mkdtempSync(join(tmpdir(), 'relay-output-'));
  const child = spawn('bash', ['-c', script], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      RELAY: `${process.execPath} ${MAIN}`,
      GROOUPLY_API_KEY: 'sandbox-key',
      GROOUPLY_API_URL: bench.sandbox.url.href,
      REDIS_URL: bench.redis.url,
      POLL_INTERVAL_SECONDS: '0.2',
      WEBHOOK_A_URL: bench.a.url,
    },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(cwd, { recursive: true, force: true });
  });
  return child;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the relay keeps delivering', () => {
  test.each([
    ['the disk of its log is full', 'exec $RELAY run > /dev/full'],
    ['the reader of its log is gone', 'exec $RELAY run > >(head -n 1 > /dev/null)'],
  ])('while %s', async (_case, script) => {
    await using bench = await relayBench();
    const relay = shell(bench, script);
    bench.sandbox.spot(1);
    await bench.a.waitFor(1);
    bench.sandbox.spot(1);
    await bench.a.waitFor(2);
    expect(relay.exitCode).toBeNull();
    relay.kill('SIGTERM');
    const [code] = (await once(relay, 'close')) as [number | null];
    expect(code).toBe(0);
  });

  test('when its terminal closes', async () => {
    await using bench = await relayBench();
    // Without its master the terminal sends SIGHUP, and refuses what is written.
    const terminal = shell(bench, `exec script -qec 'echo pid $$; exec $RELAY run' /dev/null`);
    let shown = '';
    terminal.stdout?.setEncoding('utf8').on('data', (part: string) => (shown += part));
    bench.sandbox.spot(1);
    await bench.a.waitFor(1);
    const pid = Number(/pid (\d+)/.exec(shown)?.[1]);
    onTestFinished(() => void (isRunning(pid) && process.kill(pid, 'SIGKILL')));
    terminal.kill('SIGKILL');
    await once(terminal, 'exit');
    bench.sandbox.spot(1);
    await bench.a.waitFor(2);
    process.kill(pid, 'SIGTERM');
    await waitUntil('the end', () => !isRunning(pid));
  });

  test('after SIGHUP, which logrotate and closed terminals send', async () => {
    await using bench = await relayBench();
    const relay = bench.relay();
    bench.sandbox.spot(1);
    await bench.a.waitFor(1);
    relay.kill('SIGHUP');
    bench.sandbox.spot(1);
    await bench.a.waitFor(2);
    expect(relay.events('relay.stopping')).toEqual([]);
    relay.kill('SIGTERM');
    expect(await relay.ended).toEqual({ code: 0, signal: null });
  });
});

test.each([
  ['reader leaves early', '$RELAY preview | head -n 1', [2, '', 0]],
  [
    'disk is full',
    '$RELAY preview > /dev/full',
    [1, 'The output is incomplete: it cannot be written (ENOSPC).\n', 1],
  ],
])('a command whose %s ends without a stack trace', async (_case, script, expected) => {
  await using bench = await relayBench();
  bench.sandbox.spot(100);
  const command = shell(bench, `set -o pipefail; ${script}`);
  const { stdout, stderr } = command;
  if (stdout === null || stderr === null) throw new Error('no output');
  const [shown, errors] = await Promise.all([text(stdout), text(stderr)]);
  await waitUntil('the end', () => command.exitCode !== null);
  expect([shown.split('\n').length, errors, command.exitCode]).toEqual(expected);
});
