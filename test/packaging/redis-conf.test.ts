import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';

/** Starts a real Redis with config/redis.conf, except for its address and its data folder. */
async function startRedis(): Promise<Redis> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const socket = join(folder, 'redis.sock');
  const overridden = { port: '0', unixsocket: socket, dir: folder };
  const server = spawn(
    'redis-server',
    [
      resolve('config/redis.conf'),
      ...Object.entries(overridden).flatMap(([setting, value]) => [`--${setting}`, value]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  server.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  server.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(server, 'exit');
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  const redis = new Redis({
    path: socket,
    maxRetriesPerRequest: null,
    retryStrategy: () => (server.exitCode === null ? 20 : null),
  });
  redis.on('error', () => {
    // Until the socket is there; a server that ended fails the race below.
  });
  onTestFinished(() => redis.disconnect());
  await Promise.race([
    redis.ping(),
    ended.then(() => {
      throw new Error(`redis-server refused config/redis.conf: ${output}`);
    }),
  ]);
  return redis;
}

test('a real Redis accepts config/redis.conf, and keeps all data', async () => {
  const redis = await startRedis();

  for (const [setting, value] of [
    ['appendonly', 'yes'],
    ['appendfsync', 'everysec'],
    ['maxmemory-policy', 'noeviction'],
    ['save', ''],
    ['protected-mode', 'no'],
  ] as const) {
    expect(await redis.config('GET', setting)).toEqual([setting, value]);
  }
});

test('every setting of config/redis.conf has a comment with its reason', () => {
  const paragraphs = readFileSync('config/redis.conf', 'utf8').trim().split('\n\n');

  expect(paragraphs.filter((paragraph) => !paragraph.startsWith('# '))).toEqual([]);
  for (const paragraph of paragraphs.slice(1)) {
    expect(paragraph.split('\n').filter((line) => !line.startsWith('#'))).toHaveLength(1);
  }
});
