import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { waitUntil } from './wait-until.ts';

/** A `redis-server` with a folder of its own. */
export interface RedisServer {
  readonly dir: string;
  readonly pid: () => number;
  /** Starts it with these arguments; resolves when `isReady` does so with true. */
  start(args: readonly string[], isReady: () => Promise<boolean>): Promise<void>;
  /** Sends SIGKILL and resolves when it has ended. */
  kill(): Promise<void>;
  /** Kills it and removes its folder. */
  dispose(): Promise<void>;
}

/** A real Redis that belongs to one test: AOF on, noeviction, on a port of its own. */
export interface PrivateRedis {
  readonly url: string;
  readonly port: number;
  /** A connection for the test itself. */
  readonly client: Redis;
  kill(): Promise<void>;
  /** Starts it again with its files on the same port; with `empty`, without its data. */
  start(options?: {
    readonly empty?: boolean;
    readonly settings?: readonly string[];
  }): Promise<void>;
  readonly pid: () => number;
  stop(): Promise<void>;
}

// The servers that still run, by folder: an aborted test run leaves nothing behind.
const running = new Map<string, ChildProcess | undefined>();
process.once('exit', () => {
  for (const [dir, server] of running) {
    server?.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** Prepares a server, which `start` starts. */
export function redisServer(): RedisServer {
  const dir = mkdtempSync(join(tmpdir(), 'relay-redis-'));
  let server: ChildProcess | undefined;
  running.set(dir, server);

  async function kill(): Promise<void> {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server?.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
  }

  return {
    dir,
    pid: () => server?.pid ?? 0,
    async start(args, isReady) {
      const started = spawn('redis-server', args, { stdio: 'ignore' });
      server = started;
      running.set(dir, started);
      let failed: Error | undefined;
      started.once('error', (error) => (failed = error));
      await waitUntil('the Redis server to answer', async () => {
        if (failed) throw failed;
        if (started.exitCode !== null) throw new Error('the Redis server ended at once');
        return isReady();
      });
    },
    kill,
    async dispose() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
      running.delete(dir);
    },
  };
}

/** Starts a Redis with its files in a temporary folder. */
export async function startPrivateRedis(): Promise<PrivateRedis> {
  const server = redisServer();
  const port = await freePort();
  const client = new Redis({
    port,
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  });
  client.on('error', () => undefined);
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', server.dir, '--save', ''];
  settings.push('--appendonly', 'yes', '--maxmemory-policy', 'noeviction');

  async function start({
    empty = false,
    settings: more = [],
  }: Parameters<PrivateRedis['start']>[0] = {}): Promise<void> {
    if (empty) rmSync(join(server.dir, 'appendonlydir'), { recursive: true, force: true });
    await server.start([...settings, ...more], async () => (await client.ping()) === 'PONG');
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    client,
    start,
    kill: () => server.kill(),
    pid: () => server.pid(),
    async stop() {
      client.disconnect();
      await server.dispose();
    },
  };
}

// Outgoing connections of any test use higher ports (from 32768 on Linux): one of them could take
// the port before its server does.
const FIRST_PORT = 12_000;
const LAST_PORT = 32_000;

/** Returns a port that was free a moment ago, and that no outgoing connection takes. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
