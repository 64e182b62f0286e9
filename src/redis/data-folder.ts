import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';

/** Why the embedded Redis could not be had, in words for the operator. */
export class EmbeddedRedisError extends Error {
  override readonly name = 'EmbeddedRedisError';
}

// sun_path holds 108 bytes on Linux and 104 on macOS, with the closing NUL (unix(7)).
const MAX_SOCKET_PATH_BYTES = 103;

const NOT_CREATED: Readonly<Record<string, string>> = {
  EACCES: 'Create it, and let this user own it',
  EPERM: 'Create it, and let this user own it',
  EROFS: 'The file system is read-only: choose a folder on another',
  EEXIST: 'There is something else of that name: choose another folder',
  ENOTDIR: 'A part of its path is no folder: choose another',
  ENOSPC: 'The disk is full',
};

/**
 * Makes the embedded Redis's folder if it is not there, and gives the path of the socket in it.
 * Throws EmbeddedRedisError if it can't be used.
 */
export function prepareDataFolder(dataDir: string): string {
  const socketPath = join(dataDir, 'redis.sock');
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH_BYTES) {
    throw new EmbeddedRedisError(
      `DATA_DIR is too long: the path of the socket in it may have ${MAX_SOCKET_PATH_BYTES} bytes`,
    );
  }
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EmbeddedRedisError(
      `DATA_DIR (${dataDir}) can't be created: ${code}. ${NOT_CREATED[code ?? ''] ?? 'Choose another folder'}`,
    );
  }
  try {
    // Waiting for the lock would not help a folder that belongs to somebody else.
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EmbeddedRedisError(`DATA_DIR (${dataDir}) can't be written by this user: ${code}`);
  }
  return socketPath;
}

/**
 * The folder's mode in octal, such as `755`, if others than its user may look into it or write to
 * it; otherwise null.
 */
export function modeForOthers(dataDir: string): string | null {
  const mode = statSync(dataDir).mode & 0o777;
  return (mode & 0o077) === 0 ? null : mode.toString(8);
}

/** The user id that the folder belongs to, if this process is root and it is another's; else null. */
export function ownerOtherThanRoot(dataDir: string): number | null {
  if (process.getuid?.() !== 0) return null;
  const { uid } = statSync(dataDir);
  return uid === 0 ? null : uid;
}

/**
 * Keeps others from starting or ending the folder's server until the returned function is called.
 * Throws EmbeddedRedisError if somebody else does so for too long.
 */
export async function lockDataFolder(dataDir: string): Promise<() => Promise<void>> {
  try {
    return await lock(dataDir, {
      lockfilePath: join(dataDir, 'start.lock'),
      stale: 10_000,
      retries: { retries: 240, minTimeout: 50, maxTimeout: 250 },
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EmbeddedRedisError(
      code === 'ELOCKED'
        ? `another mention-relay is starting in DATA_DIR ${dataDir}`
        : `DATA_DIR (${dataDir}) is not writable: ${code}`,
    );
  }
}

/** Why the folder can't be used while a server that says nothing holds its files. */
export function silentServer(dataDir: string): EmbeddedRedisError {
  return new EmbeddedRedisError(
    `a redis-server runs in DATA_DIR ${dataDir} but does not answer: end it, then start again`,
  );
}
