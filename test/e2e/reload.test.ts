import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Daemon } from '../helpers/daemon.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

function reload(relay: Daemon, envFile: string): void {
  writeFileSync(join(relay.folder, '.env'), envFile);
  relay.kill('SIGHUP');
}

test('SIGHUP applies .env while deliveries run: nothing is lost, nothing is sent twice', async () => {
  await using bench = await relayBench();
  bench.a.answerWith(() => sleep(5, { status: 200 }));
  const relay = bench.relay();
  bench.sandbox.spot(60);
  await bench.a.waitFor(5);
  const withB = `WEBHOOK_B_URL=${bench.b.url}\n`;
  reload(relay, withB);
  await relay.waitForEvent('relay.reloaded');
  reload(relay, `${withB}WEBHOOK_C_URL=nonsense\nPOLL_INTERVAL=10\n`);
  const refused = await relay.waitForEvent('relay.reload_refused');
  expect(refused).toMatchObject({
    level: 'error',
    mistakes: [{ variable: 'WEBHOOK_C_URL' }, { variable: 'POLL_INTERVAL' }],
  });
  reload(relay, withB);
  expect(await relay.waitForEvent('relay.reloaded', 2)).toMatchObject({ changed: false });
  bench.sandbox.spot(3);
  await bench.b.waitFor(3);

  // Without B again, several at once.
  for (const level of ['debug', 'info', 'debug']) reload(relay, `LOG_LEVEL=${level}\n`);
  await waitUntil('the last one', () => relay.events('poll.completed').length > 0);
  bench.sandbox.spot(1);
  await bench.a.waitFor(64);
  reload(relay, withB);
  relay.kill('SIGTERM');
  expect(await relay.ended).toEqual({ code: 0, signal: null });

  expect(relay.events('relay.stopped')).toMatchObject([{ clean: true }]);
  expect([new Set(bench.a.mentionIds()).size, bench.a.received.length]).toEqual([64, 64]);
  expect([new Set(bench.b.mentionIds()).size, bench.b.received.length]).toEqual([3, 3]);
});

test('a relay that waits for Redis reloads the environment that the unit hands over', async () => {
  await using bench = await relayBench();
  const folder = mkdtempSync(join(tmpdir(), 'relay-runtime-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const relay = bench.relay({ REDIS_URL: 'redis://127.0.0.1:1', RUNTIME_DIRECTORY: folder });
  await relay.waitForEvent('redis.lost');
  const handOver = (env: Readonly<Record<string, string>>): void => {
    const entries = Object.entries(env).map(([name, value]) => `${name}=${value}\0`);
    writeFileSync(join(folder, 'environment'), entries.join(''));
    relay.kill('SIGHUP');
  };
  const changed = {
    GROOUPLY_API_KEY: 'sandbox-key',
    GROOUPLY_API_URL: bench.sandbox.url.href,
    REDIS_URL: bench.redis.url,
    WEBHOOK_B_URL: bench.b.url,
  };
  handOver(changed);
  bench.sandbox.spot(1);
  await bench.b.waitFor(1);
  expect(readdirSync(folder)).toEqual([]);

  // A port that is taken shows only at the start.
  handOver({ ...changed, HEALTH_PORT: new URL(bench.a.url).port });
  const refused = await relay.waitForEvent('relay.reload_refused');
  expect(refused['reason']).toContain('HEALTH_PORT');
  bench.sandbox.spot(1);
  await bench.b.waitFor(2);
  relay.kill('SIGTERM');
  expect(await relay.ended).toEqual({ code: 0, signal: null });
  expect(bench.a.received).toEqual([]);
});
