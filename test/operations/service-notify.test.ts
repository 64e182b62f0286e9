import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { read } from '../docs/markdown.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { notifySocket, type NotifySocket } from './notify-socket.ts';

const HALF_A_SECOND_US = '500000';

const messagesOf = (socket: NotifySocket) => socket.received().map(({ message }) => message);

test('systemd is told by its own systemd-notify: ready, alive several times, and stopping', async () => {
  await using bench = await relayBench();
  await using socket = await notifySocket();
  const relay = bench.relay({ NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: HALF_A_SECOND_US });
  await waitUntil('several WATCHDOG', () => socket.received().length > 4);
  const cgroup = readFileSync(`/proc/${relay.pid}/cgroup`, 'utf8');
  const whileItRan = socket.received();
  relay.kill('SIGTERM');
  expect(await relay.ended).toEqual({ code: 0, signal: null });
  await waitUntil('STOPPING', () => messagesOf(socket).some((text) => text.startsWith('STOP')));

  const [ready, ...watchdogs] = whileItRan.map(({ message }) => message);
  expect(ready).toBe(
    'READY=1\nSTATUS=mention-relay polls every 0.2 s for A (http), with the Redis of REDIS_URL',
  );
  expect(new Set(watchdogs)).toEqual(new Set(['WATCHDOG=1']));
  // The watchdog goes on while the relay stops.
  const atTheEnd = messagesOf(socket).slice(whileItRan.length);
  expect(atTheEnd.filter((text) => text !== 'WATCHDOG=1')).toEqual([
    'STOPPING=1\nSTATUS=stopping: attempts under way are finished first',
  ]);
  expect(relay.events('relay.notify_failed')).toEqual([]);

  // systemd takes a message for the unit whose control group its sender is in, so the sender has
  // to wait until it was looked up; and the sender is not the relay itself.
  expect(new Set(whileItRan.map((each) => each.cgroup))).toEqual(new Set([cgroup]));
  expect(socket.barriers()).toBeGreaterThanOrEqual(whileItRan.length - 1);
  expect(read('config/mention-relay.service')).toMatch(/^NotifyAccess=all$/m);
});

test.each([
  ['its configuration is mistaken', { LOG_LEVEL: 'loud' }, 78],
  ['its Redis can not be started', { REDIS_URL: undefined, DATA_DIR: `/${'x'.repeat(120)}` }, 1],
])('a relay that does not start because %s never says READY', async (_case, env, status) => {
  await using bench = await relayBench();
  await using socket = await notifySocket();
  const notified = { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: HALF_A_SECOND_US };
  const relay = bench.relay({ ...notified, ...env });
  expect((await relay.ended).code).toBe(status);
  // Whatever the relay had sent would have come before this.
  const last = spawnSync('systemd-notify', ['STATUS=the end'], {
    env: { PATH: process.env['PATH'], NOTIFY_SOCKET: socket.path },
  });
  expect(last.status).toBe(0);
  await waitUntil('the last message', () => socket.received().length > 0);
  expect(messagesOf(socket)).toEqual(['STATUS=the end']);
});
