import { expect, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';
import { systemdNotifyStub } from '../helpers/systemd-notify-stub.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const FIFTH_OF_A_SECOND_US = '200000';

test('systemd receives READY once Redis answers, WATCHDOG and STOPPING, and no secret', async () => {
  await using bench = await relayBench();
  const stub = systemdNotifyStub();
  await bench.redis.kill();
  const daemon = bench.relay({ ...stub.env, WATCHDOG_USEC: FIFTH_OF_A_SECOND_US });
  await daemon.waitForEvent('redis.lost');
  expect(stub.runs()).toEqual([]);
  await bench.redis.start();
  const watchdogs = () => stub.runs().filter((run) => run === 'WATCHDOG=1');
  await waitUntil('several WATCHDOG', () => watchdogs().length > 3);
  daemon.kill('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });

  expect(stub.runs().filter((run) => run !== 'WATCHDOG=1')).toEqual([
    'READY=1 STATUS=mention-relay polls every 0.2 s for A (http), with the Redis of REDIS_URL',
    'STOPPING=1 STATUS=stopping; attempts under way finish first',
  ]);
  expect(daemon.events('relay.notify_failed')).toEqual([]);
  const names = new Set([...stub.environments().matchAll(/^(\w+)=/gm)].map(([, name]) => name));
  // Variables that sh itself adds.
  for (const ofShell of ['PWD', 'OLDPWD', 'SHLVL', '_']) names.delete(ofShell);
  expect(names).toEqual(new Set(['NOTIFY_SOCKET', 'PATH']));
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
