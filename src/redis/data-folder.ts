import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, statSync, utimesSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { lock } from 'proper-lockfile';
import { ExplainedError } from '../domain/explanation.ts';
import { readLua } from './redis-client.ts';

/** The reason why there is no embedded Redis, for the operator. */
export class EmbeddedRedisError extends ExplainedError {
  override readonly name = 'EmbeddedRedisError';
}

// sun_path holds 108 bytes on Linux and 104 on macOS, with the closing NUL (unix(7)).
const MAX_SOCKET_PATH_BYTES = 103;

export const NOT_INSTALLED = {
  what: 'redis-server is not installed',
  todo: 'install redis-server 6.2 or newer, use the image mention-relay:standalone, or set REDIS_URL to a Redis of yours',
};

const NOT_CREATED: Readonly<Record<string, string>> = {
  EACCES: 'create it, and make this user its owner',
  EPERM: 'create it, and make this user its owner',
  EROFS: 'choose a folder on another file system: this one is read-only',
  EEXIST: 'choose another folder: there is a file of that name',
  ENOTDIR: 'choose another path: a part of this one is not a folder',
  ENOENT: 'choose a folder on a disk: the system allows none there',
  ENOSPC: 'free disk space: the disk is full',
};

/**
 * Creates the embedded Redis's folder if it does not exist, and returns the path of the socket in
 * it. Throws EmbeddedRedisError if the folder can't be used.
 */
export function prepareDataFolder(dataDir: string): string {
  const socketPath = join(dataDir, 'redis.sock');
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH_BYTES) {
    throw new EmbeddedRedisError({
      what: 'DATA_DIR is too long',
      todo: `choose a shorter one: the path of its socket may have ${MAX_SOCKET_PATH_BYTES} bytes`,
    });
  }
  try {
    createFolder(resolve(dataDir));
  } catch (error) {
    // In the image without a Redis no folder would help.
    if (spawnSync('redis-server', ['--version']).error) throw new EmbeddedRedisError(NOT_INSTALLED);
    const { code } = error as NodeJS.ErrnoException;
    throw new EmbeddedRedisError({
      what: `DATA_DIR (${dataDir}) can't be created: ${code}`,
      todo: NOT_CREATED[code ?? ''] ?? 'choose another folder',
    });
  }
  try {
    // Waiting for the lock would not help a folder that belongs to somebody else.
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(dataDir, error);
  }
  return socketPath;
}

/**
 * Creates a folder and the missing ones above it. Node's own `recursive` never returns where a folder
 * can't be created in one that exists, such as /proc (https://github.com/nodejs/node/issues/31481).
 */
function createFolder(path: string): void {
  const missing: string[] = [];
  for (let each = path; !existsSync(each); each = dirname(each)) missing.unshift(each);
  for (const each of missing) {
    try {
      mkdirSync(each, { mode: 0o700 });
    } catch (error) {
      // Another relay that starts at the same time can be faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !existsSync(each)) throw error;
    }
  }
  if (!statSync(path).isDirectory()) throw Object.assign(new Error('a file'), { code: 'EEXIST' });
}

/**
 * Returns the folder's mode in octal, such as `755`, if others than its user may read it or write to
 * it; otherwise null.
 */
export function modeForOthers(dataDir: string): string | null {
  const mode = statSync(dataDir).mode & 0o777;
  return (mode & 0o077) === 0 ? null : mode.toString(8);
}

/** Returns the user id of the folder's owner, if this process is root and the owner is not; else null. */
export function ownerOtherThanRoot(dataDir: string): number | null {
  if (process.getuid?.() !== 0) return null;
  const { uid } = statSync(dataDir);
  return uid === 0 ? null : uid;
}

/**
 * Locks the folder against starting or ending its server until the returned function is called.
 * Throws EmbeddedRedisError if another process holds the lock for too long.
 */
export async function lockDataFolder(
  dataDir: string,
  staleMs = 10_000,
): Promise<() => Promise<void>> {
  const lockfilePath = join(dataDir, 'start.lock');
  try {
    await endLockFromTheFuture(lockfilePath, staleMs);
    return await lock(dataDir, {
      lockfilePath,
      stale: staleMs,
      retries: { retries: 240, minTimeout: 50, maxTimeout: 250 },
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw unwritable(dataDir, error);
    throw new EmbeddedRedisError({
      what: `another mention-relay is starting in DATA_DIR ${dataDir}`,
      todo: 'try again later',
    });
  }
}

/**
 * Ends a lock of a process that died before the clock went back: by its age it would stay until the
 * clock catches up. A living process renews the time of its lock.
 *
 * Source: github.com/moxystudio/node-proper-lockfile/pull/109.
 */
async function endLockFromTheFuture(lockfilePath: string, staleMs: number): Promise<void> {
  const renewedAtMs = (): number => statSync(lockfilePath, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const beforeMs = renewedAtMs();
  if (beforeMs <= Date.now() + staleMs) return;
  await sleep(staleMs);
  if (renewedAtMs() === beforeMs) utimesSync(lockfilePath, 0, 0);
}

function unwritable(dataDir: string, error: unknown): EmbeddedRedisError {
  return new EmbeddedRedisError({
    what: `DATA_DIR (${dataDir}) can't be written by this user: ${(error as NodeJS.ErrnoException).code}`,
    todo: 'make this user its owner, or choose another folder',
  });
}

const DAEMON_LEASE = readLua(new URL('./daemon-lease.lua', import.meta.url));
const CLAIM_ROUNDS = 5;

/**
 * Claims the lease of an embedded Redis for the life of this connection. Returns null, or the process
 * id of the daemon that holds the lease. The lease names the run of the server and the connection's
 * id: Redis drops the connection of a process that is killed, and gives new ids after a restart. So a
 * lease never outlives its holder by much, and needs no time limit.
 */
export async function claimDaemonLease(redis: Redis, key: string): Promise<string | null> {
  const info = await redis.info('server');
  const runId = /^run_id:(\w+)/m.exec(info)?.[1] ?? '';
  const clientId = await redis.client('ID');
  const mine = `${runId}:${clientId}:${process.pid}`;
  // A round fails if somebody else claims the lease at the same time: one of them gets it.
  for (let round = 0; round < CLAIM_ROUNDS; round++) {
    const holder = (await redis.get(key)) ?? '';
    const [holderRun, holderClient, pid] = holder.split(':');
    if (holder !== mine && holderRun === runId && holderClient !== undefined) {
      const connections = (await redis.client('LIST', 'ID', holderClient)) as string;
      if (connections.trim() !== '') return pid ?? 'unknown';
    }
    if ((await redis.eval(DAEMON_LEASE, 1, key, holder, mine)) === 1) return null;
  }
  return 'unknown';
}
