import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon } from '../helpers/daemon.ts';
import { relayBench } from '../helpers/relay-bench.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

test('all mistakes are reported at once, on stderr, with status 78 and no stack trace', async () => {
  const daemon = startDaemon({
    POLL_INTERVAL_SECONDS: 'soon',
    RATE_BUDGET_PER_MINUTE: '61',
    WEBHOOK_SALES_URL: 'ftp://example.com',
    WEBHOOK_SALES_KEYWORD: 'crm',
  });
  expect(await daemon.ended).toEqual({ code: 78, signal: null });
  expect(daemon.stdout()).toBe('');
  const stderr = daemon.stderr();
  for (const named of [
    'GROOUPLY_API_KEY is not set',
    'POLL_INTERVAL_SECONDS',
    'RATE_BUDGET_PER_MINUTE',
    'WEBHOOK_SALES_URL',
    'WEBHOOK_SALES_KEYWORDS',
    'config/example.env',
  ]) {
    expect(stderr).toContain(named);
  }
  expect(stderr).not.toMatch(/^\s+at /m);
  await daemon.dispose();
});

test('a secret may come as a file', async () => {
  await using bench = await relayBench();
  const folder = mkdtempSync(join(tmpdir(), 'relay-secrets-'));
  const keyFile = join(folder, 'api-key');
  writeFileSync(keyFile, 'sandbox-key\n');
  const [mention] = bench.sandbox.spot(1);
  const daemon = bench.relay({ GROOUPLY_API_KEY: undefined, GROOUPLY_API_KEY_FILE: keyFile });
  await bench.a.waitFor(1);
  expect(bench.a.mentionIds()).toEqual([mention?.id]);
  expect(daemon.events('relay.started')[0]?.['config']).toMatchObject({
    redisPrefix: 'mention-relay',
  });
  rmSync(folder, { recursive: true });
});

test('a value of .env that is cut at a "#" is a mistake, with status 78', () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-env-'));
  const lines = ['GROOUPLY_API_KEY=key', 'WEBHOOK_A_URL=http://127.0.0.1:9/', 'BACKLOG=none'];
  writeFileSync(join(folder, '.env'), [...lines, 'WEBHOOK_A_KEYWORDS=#realtor, #agent'].join('\n'));
  const ended = spawnSync(process.execPath, [MAIN, 'run'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  expect(ended.status).toBe(78);
  expect(ended.stderr).toContain('WEBHOOK_A_KEYWORDS is cut off at a "#" in .env.');
});

test('the variables of a platform do not stop the start, and a known one is reported', async () => {
  await using bench = await relayBench();
  const [mention] = bench.sandbox.spot(1);
  const daemon = bench.relay({
    HEALTH_PORT: 'tcp://10.0.0.1:80',
    REDIS_TLS_URL: 'rediss://:hidden@example.com',
    REDIS_PASSWORD: 'hidden',
    WEBHOOK_URL: 'https://example.com/hidden',
  });
  await bench.a.waitFor(1);
  expect(bench.a.mentionIds()).toEqual([mention?.id]);
  expect(daemon.events('config.warning')).toEqual([
    expect.objectContaining({
      level: 'warn',
      reason: 'service_links',
      variables: ['HEALTH_PORT'],
    }),
  ]);
  expect(daemon.stdout()).not.toContain('hidden');
});

test('an unknown command is an error that names --help', async () => {
  const daemon = startDaemon({}, ['dance']);
  expect((await daemon.ended).code).toBe(1);
  expect(daemon.stderr()).toContain("unknown command 'dance'");
  expect(daemon.stderr()).toContain('--help');
  await daemon.dispose();
});
