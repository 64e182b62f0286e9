import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Explanation } from '../domain/explanation.ts';
import { EmbeddedRedisError, NOT_INSTALLED } from './data-folder.ts';

/** The server ended while it started: its files may be damaged. */
export class ServerEndedError extends EmbeddedRedisError {}

const START_DEADLINE_MS = 60_000;
const PROBE_TIMEOUT_MS = 10_000;
const STOP_DEADLINE_MS = 10_000;

// The place of the program and of its libraries, and the time zone of its log. A locale would only
// change how SORT compares, which nothing here uses.
const SERVER_ENVIRONMENT = ['PATH', 'LD_LIBRARY_PATH', 'TZ'] as const;
const PRIVATE_UMASK = 0o077;

/** Finds out if a server is there. A `silent` one accepts connections but does not answer. */
export async function probe(socketPath: string): Promise<'answers' | 'silent' | 'absent'> {
  const redis = connectOnce(socketPath);
  const timeout = new AbortController();
  try {
    const answer = redis.connect().then(
      () => 'answers' as const,
      () => 'absent' as const,
    );
    const silence = sleep(PROBE_TIMEOUT_MS, 'silent' as const, { signal: timeout.signal });
    return await Promise.race([answer, silence]);
  } finally {
    timeout.abort();
    redis.disconnect();
  }
}

/**
 * Starts `redis-server` on a folder and waits until it answers on its Unix socket. It has an
 * append-only file, no snapshots, no eviction and no TCP port. Throws EmbeddedRedisError if the
 * program is missing or does not answer, and ServerEndedError if it ends.
 *
 * The server runs in its own session, so that Ctrl-C in a terminal reaches the daemon alone.
 */
export async function startServer(dataDir: string, socketPath: string): Promise<ChildProcess> {
  const settings = {
    port: '0',
    unixsocket: socketPath,
    unixsocketperm: '700',
    dir: dataDir,
    appendonly: 'yes',
    appendfsync: 'everysec',
    // Redis would cut off a broken end in silence, and all that stands behind a broken length.
    'aof-load-truncated': 'no',
    save: '',
    'maxmemory-policy': 'noeviction',
    loglevel: 'warning',
    logfile: 'redis.log',
  };
  const server = withUmask(PRIVATE_UMASK, () =>
    spawn(
      'redis-server',
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      { cwd: dataDir, env: serverEnvironment(), detached: true, stdio: 'ignore' },
    ),
  );
  let ended: string | undefined;
  server.once('error', (error: NodeJS.ErrnoException) => (ended = error.code ?? error.name));
  server.once('exit', (code, signal) => (ended ??= `exit ${code ?? signal}`));
  server.unref();

  const deadlineMs = performance.now() + START_DEADLINE_MS;
  while (performance.now() < deadlineMs) {
    if (ended === 'ENOENT') throw new EmbeddedRedisError(NOT_INSTALLED);
    if (ended !== undefined) {
      throw new ServerEndedError(notStarted(`redis-server did not start (${ended})`, dataDir));
    }
    if ((await probe(socketPath)) === 'answers') return server;
    await sleep(20);
  }
  server.kill('SIGKILL');
  throw new EmbeddedRedisError(notStarted('redis-server did not answer in time', dataDir));
}

/** Returns the variables that a program of Redis gets: no secret of the relay's. */
export function serverEnvironment(): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(SERVER_ENVIRONMENT.map((name) => [name, process.env[name]]));
}

/** Runs `start` under a umask, which the child that it starts inherits. */
function withUmask<T>(umask: number, start: () => T): T {
  const before = process.umask(umask);
  try {
    return start();
  } finally {
    process.umask(before);
  }
}

function notStarted(what: string, dataDir: string): Explanation {
  return { what, todo: `check redis.log in DATA_DIR ${dataDir}${lastLogLine(dataDir)}` };
}

function lastLogLine(dataDir: string): string {
  try {
    const line = readFileSync(join(dataDir, 'redis.log'), 'utf8').trimEnd().split('\n').at(-1);
    return line ? `, which ends: ${line}` : '';
  } catch {
    return '';
  }
}

/** Makes the server write everything to disk and end, and waits until it is gone. */
export async function endServer(socketPath: string): Promise<void> {
  const redis = connectOnce(socketPath);
  // Redis answers a successful SHUTDOWN by closing the connection.
  await Promise.race([
    redis.shutdown().catch(() => undefined),
    sleep(STOP_DEADLINE_MS, undefined, { ref: false }),
  ]);
  redis.disconnect();
  const deadlineMs = performance.now() + STOP_DEADLINE_MS;
  while ((await probe(socketPath)) === 'answers' && performance.now() < deadlineMs) await sleep(20);
}

function connectOnce(socketPath: string): Redis {
  const redis = new Redis({
    path: socketPath,
    lazyConnect: true,
    retryStrategy: () => null,
    // ioredis waits for the other side to close, but that side may be gone.
    disconnectTimeout: 100,
  });
  redis.on('error', () => {
    // The caller gets it by the promise.
  });
  return redis;
}
