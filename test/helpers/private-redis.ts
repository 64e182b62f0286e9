import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { waitUntil } from './wait-until.ts';

/** A real Redis that belongs to one test alone: AOF on, noeviction, on a port of its own. */
export interface PrivateRedis {
  readonly url: string;
  readonly port: number;
  /** For the test's own questions. */
  readonly client: Redis;
  /** SIGKILL, and the same files again on the same port. */
  kill(): Promise<void>;
  /** `empty`: without what was in its files. */
  start(options?: {
    readonly empty?: boolean;
    readonly settings?: readonly string[];
  }): Promise<void>;
  readonly pid: () => number;
  stop(): Promise<void>;
}

// Those that still run, by their folders: a run that is broken off leaves nothing behind.
const running = new Map<string, () => ChildProcess | undefined>();
process.once('exit', () => {
  for (const [dir, server] of running) {
    server()?.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** Starts a Redis with its files in a temporary folder. */
export async function startPrivateRedis(): Promise<PrivateRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'relay-redis-'));
  const port = await freePort();
  const client = new Redis({
    port,
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  });
  client.on('error', () => undefined);
  let server: ChildProcess;
  running.set(dir, () => server);

  async function start({
    empty = false,
    settings: own = [],
  }: Parameters<PrivateRedis['start']>[0] = {}): Promise<void> {
    if (empty) rmSync(join(dir, 'appendonlydir'), { recursive: true, force: true });
    const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', ''];
    server = spawn(
      'redis-server',
      [...settings, '--appendonly', 'yes', '--maxmemory-policy', 'noeviction', ...own],
      { stdio: 'ignore' },
    );
    let failed: Error | undefined;
    server.once('error', (error) => (failed = error));
    await waitUntil('the private Redis to answer', async () => {
      if (failed) throw failed;
      if (server.exitCode !== null) throw new Error('the private Redis ended at once');
      return (await client.ping()) === 'PONG';
    });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGCONT');
    server.kill(signal);
    await ended;
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    client,
    start,
    kill: () => end('SIGKILL'),
    pid: () => server.pid ?? 0,
    async stop() {
      client.disconnect();
      await end('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
      running.delete(dir);
    },
  };
}

// Below what systems give to outgoing connections (from 32768 on Linux): one of those, of any test,
// could take the port before its server does.
const FIRST_PORT = 12_000;
const LAST_PORT = 32_000;

/** A port that was free a moment ago, and that no connection takes meanwhile. */
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
