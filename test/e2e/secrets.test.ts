import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { startDaemon, type Daemon } from '../helpers/daemon.ts';
import { healthPage } from '../helpers/daemon.ts';
import { relayBench } from '../helpers/relay-bench.ts';

const API_KEY = 'sandbox-key';
const PASSWORD = 'redis-password-hunter2';
const SIGNING_KEY = Buffer.from('a signing key of thirty-two byte').toString('base64');
const SECRETS = [
  API_KEY,
  PASSWORD,
  SIGNING_KEY,
  'header-value-s3cret',
  'secret-path',
  'secret-query',
  'secret-user',
  'secret-pass',
];

/** Returns everything in a Redis: key names, and values of every type. */
async function everythingIn(redis: Redis): Promise<string> {
  const parts: string[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    const value =
      type === 'hash'
        ? await redis.hgetall(key)
        : type === 'set'
          ? await redis.smembers(key)
          : type === 'zset'
            ? await redis.zrange(key, '0', '-1')
            : type === 'list'
              ? await redis.lrange(key, 0, -1)
              : type === 'stream'
                ? await redis.xrange(key, '-', '+')
                : await redis.get(key);
    parts.push(JSON.stringify([key, value]));
  }
  return parts.join('\n');
}

function expectNoSecret(where: string, text: string): void {
  expect(text.length, `${where} is empty`).toBeGreaterThan(0);
  for (const secret of SECRETS) expect(text, `${secret} in ${where}`).not.toContain(secret);
}

/** Returns the part of a process that every user of the machine can see. */
function commandLineOf(pid: number): string {
  return process.platform === 'linux'
    ? readFileSync(`/proc/${pid}/cmdline`, 'latin1')
    : execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
}

function shown(daemon: Daemon): string {
  return `${daemon.stdout()}\n${daemon.stderr()}`;
}

test('no failure puts a secret into the log at trace, Redis, a page or the process list', async () => {
  await using bench = await relayBench();
  const { sandbox, a, b, redis } = bench;
  await redis.client.config('SET', 'requirepass', PASSWORD);

  // The receivers fail in every way, and repeat the request in their answer as error pages do.
  const ways = [
    { status: 500, body: 'secret-path' },
    { status: 404, body: 'Cannot POST /hook/secret-path?token=secret-query' },
    { status: 302, headers: { location: a.url } },
    { status: 429, body: 'secret-path', headers: { 'retry-after': '1' } },
    { status: 400, body: 'invalid_blocks' },
    'reset',
  ] as const;
  a.answerWith((_request, count) => ways[count % ways.length] ?? 'reset');
  b.answerWith((_request, count) => ways[count % ways.length] ?? 'reset');
  sandbox.spot(6);
  for (const fault of [
    { kind: 'status', status: 500 },
    { kind: 'html' },
    { kind: 'truncated' },
    { kind: 'reset' },
    { kind: 'malformed', items: [{ apiKey: API_KEY, id: {} }] },
    { kind: 'envelope', status: 500 },
    { kind: 'status', status: 401 },
  ] as const) {
    sandbox.fault(fault);
  }
  const env = {
    LOG_LEVEL: 'trace',
    RETRY_SCHEDULE_SECONDS: '0.1,0.1',
    DELIVERY_TIMEOUT_SECONDS: '0.5',
    REDIS_URL: redis.url.replace('//', `//:${PASSWORD}@`),
    WEBHOOK_A_URL: `${a.url}?token=secret-query`,
    WEBHOOK_A_SECRET: `whsec_${SIGNING_KEY}`,
    WEBHOOK_A_HEADERS: JSON.stringify({ authorization: 'Bearer header-value-s3cret' }),
    WEBHOOK_B_URL: b.url,
    WEBHOOK_B_TYPE: 'slack',
    WEBHOOK_C_URL: 'http://secret-user:secret-pass@127.0.0.1:9/secret-path',
    WEBHOOK_D_URL: 'https://no-such-host.invalid/secret-path',
    HEARTBEAT_URL: 'http://secret-user:secret-pass@127.0.0.1:9/secret-path',
    HEALTH_PORT: '0',
  };
  const daemon = bench.relay(env);
  await daemon.waitForEvent('delivery.failed', 2);
  await daemon.waitForEvent('delivery.retrying', 10);
  // C refuses every connection and D has no address: both are held.
  await daemon.waitForEvent('webhook.held', 2);
  await daemon.waitForEvent('poll.item_malformed');
  await daemon.waitForEvent('heartbeat.failed');
  const pages = ['/healthz', '/readyz', '/metrics'].map((path) => healthPage(daemon, path));
  const processList = commandLineOf(daemon.pid);

  expectNoSecret('the log', shown(daemon));
  expectNoSecret('Redis', await everythingIn(redis.client));
  expectNoSecret('the process list', processList);
  for (const { text } of await Promise.all(pages)) expectNoSecret('a page', text);

  const rejected = bench.relay({ ...env, GROOUPLY_API_KEY: 'wrong-sandbox-key' });
  await rejected.waitForEvent('poll.key_rejected');
  expectNoSecret('the log with a wrong key', shown(rejected));
});

test('a refused Redis password stays out of the log', async () => {
  await using bench = await relayBench();
  await bench.redis.client.config('SET', 'requirepass', PASSWORD);
  const url = bench.redis.url.replace('//', '//:wrong-redis-password-hunter2@');
  const daemon = bench.relay({ LOG_LEVEL: 'trace', REDIS_URL: url });
  expect(await daemon.waitForEvent('redis.lost')).toMatchObject({ reason: 'WRONGPASS' });
  expectNoSecret('the log', shown(daemon));
});

test('configuration errors contain no secret', async () => {
  const daemon = startDaemon({
    GROOUPLY_API_KEY: API_KEY,
    REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:99999`,
    HEARTBEAT_URL: 'htps://host/secret-path',
    WEBHOOK_A_URL: 'htps://host/secret-path?token=secret-query',
    WEBHOOK_A_SECRET: `whsecret_${SIGNING_KEY}`,
    WEBHOOK_A_HEADERS: '{"authorization": "header-value-s3cret"',
  });
  expect((await daemon.ended).code).toBe(78);
  expectNoSecret('stderr', shown(daemon));
  await daemon.dispose();
});
