import { expect, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';
import { systemdNotifyStub } from '../helpers/systemd-notify-stub.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const FIFTH_OF_A_SECOND_US = '200000';

test('systemd receives READY, WATCHDOG and STOPPING, and no secret', async () => {
  await using bench = await relayBench();
  const stub = systemdNotifyStub();
  const daemon = bench.relay({ ...stub.env, WATCHDOG_USEC: FIFTH_OF_A_SECOND_US });
  const watchdogs = () => stub.runs().filter((run) => run === 'WATCHDOG=1');
  await waitUntil('several WATCHDOG', () => watchdogs().length > 3);
  daemon.kill('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });

  const others = stub.runs().filter((run) => run !== 'WATCHDOG=1');
  expect(others).toEqual([
    'READY=1 STATUS=mention-relay polls every 0.2 s for A (http), with the Redis of REDIS_URL',
    'STOPPING=1 STATUS=stopping; attempts under way finish first',
  ]);
  expect(daemon.events('relay.notify_failed')).toEqual([]);
  // Variables that sh itself adds.
  const names = new Set([...stub.environments().matchAll(/^(\w+)=/gm)].map(([, name]) => name));
  for (const ofShell of ['PWD', 'OLDPWD', 'SHLVL', '_']) names.delete(ofShell);
  expect(names).toEqual(new Set(['NOTIFY_SOCKET', 'PATH']));
});

test('the relay is not ready before Redis answers', async () => {
  await using bench = await relayBench();
  const stub = systemdNotifyStub();
  await bench.redis.kill();
  const daemon = bench.relay(stub.env);
  await daemon.waitForEvent('redis.lost');
  expect(stub.runs()).toEqual([]);
  await bench.redis.start();
  await waitUntil('READY', () => stub.runs().length > 0);
  expect(stub.runs()[0]).toMatch(/^READY=1 /);
});

test('a failing systemd-notify prevents neither deliveries nor a clean end', async () => {
  await using bench = await relayBench();
  const stub = systemdNotifyStub('exit 1');
  const daemon = bench.relay({ ...stub.env, WATCHDOG_USEC: FIFTH_OF_A_SECOND_US });
  await waitUntil('several failures', () => stub.runs().length > 5);
  bench.sandbox.spot(1);
  await bench.a.waitFor(1);
  daemon.kill('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(daemon.events('relay.notify_failed')).toMatchObject([{ level: 'warn', reason: 'exit 1' }]);
});

test('a hanging systemd-notify does not delay the end', async () => {
  await using bench = await relayBench();
  const stub = systemdNotifyStub('while kill -0 "$PPID"; do sleep 0.1; done');
  const daemon = bench.relay({ ...stub.env, WATCHDOG_USEC: FIFTH_OF_A_SECOND_US });
  await waitUntil('READY', () => stub.runs().length === 1);
  daemon.kill('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(daemon.events('relay.stopped')).toMatchObject([{ clean: true }]);
});
