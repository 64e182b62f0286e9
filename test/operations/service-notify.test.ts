import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { read } from '../docs/markdown.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { notifySocket, type NotifySocket } from './notify-socket.ts';

const HALF_A_SECOND_US = '500000';

const messagesOf = (socket: NotifySocket) => socket.received().map(({ message }) => message);

test('systemd-notify delivers READY, several WATCHDOG, and STOPPING', async () => {
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
  // The watchdog continues while the relay stops.
  const atTheEnd = messagesOf(socket).slice(whileItRan.length);
  expect(atTheEnd.filter((text) => text !== 'WATCHDOG=1')).toEqual([
    'STOPPING=1\nSTATUS=stopping; attempts under way finish first',
  ]);
  expect(relay.events('relay.notify_failed')).toEqual([]);

  // systemd finds the unit by the sender's control group, so the sender must exist until systemd has
  // looked it up; and the sender is not the relay itself.
  expect(new Set(whileItRan.map((each) => each.cgroup))).toEqual(new Set([cgroup]));
  expect(socket.barriers()).toBeGreaterThanOrEqual(whileItRan.length - 1);
  expect(read('config/mention-relay.service')).toMatch(/^NotifyAccess=all$/m);
});

test.each([
  ['its configuration has errors', { LOG_LEVEL: 'loud' }, 78],
  ['its Redis cannot be started', { REDIS_URL: undefined, DATA_DIR: `/${'x'.repeat(120)}` }, 1],
])('a relay that does not start because %s never sends READY', async (_case, env, status) => {
  await using bench = await relayBench();
  await using socket = await notifySocket();
  const notified = { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: HALF_A_SECOND_US };
  const relay = bench.relay({ ...notified, ...env });
  expect((await relay.ended).code).toBe(status);
  // A message of the relay would have arrived before this one.
  const last = spawnSync('systemd-notify', ['STATUS=the end'], {
    env: { PATH: process.env['PATH'], NOTIFY_SOCKET: socket.path },
  });
  expect(last.status).toBe(0);
  await waitUntil('the last message', () => socket.received().length > 0);
  expect(messagesOf(socket)).toEqual(['STATUS=the end']);
});
