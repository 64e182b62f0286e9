import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { borrowEmbeddedRedis } from '../../src/redis/borrowed-redis.ts';
import { EmbeddedRedisError, prepareDataFolder } from '../../src/redis/data-folder.ts';
import { startEmbeddedRedis, type EmbeddedRedis } from '../../src/redis/embedded-redis.ts';
import { endServer, startServer } from '../../src/redis/embedded-server.ts';
import {
  appendOnlyFiles,
  BASE,
  LOG,
  MANIFEST,
  zeros,
  type AppendOnlyFiles,
} from '../helpers/append-only-files.ts';
import { recordingLog, type RecordingLog } from '../helpers/recording-log.ts';

let dataDir: string;
let files: AppendOnlyFiles;
let logged: RecordingLog;
const started: EmbeddedRedis[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'relay-data-'));
  files = appendOnlyFiles(dataDir);
  logged = recordingLog();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(started.splice(0).map((redis) => redis.stop()));
  // Nothing runs where the start was refused, unless the test failed.
  await endServer(join(dataDir, 'redis.sock'));
  rmSync(dataDir, { recursive: true, force: true });
});

/** Starts the embedded Redis as the relay does. */
async function start(): Promise<EmbeddedRedis> {
  logged = recordingLog();
  const { log } = logged;
  const redis = await startEmbeddedRedis({ dataDir, daemonKey: '{mention-relay}:daemon', log });
  started.push(redis);
  return redis;
}

async function ask<T>(socketPath: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({ path: socketPath, retryStrategy: () => null, disconnectTimeout: 100 });
  redis.on('error', () => undefined);
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

const KEYS = Array.from(
  { length: 20 },
  (_, index) => `{mention-relay}:poll:${'abcde'[index % 5]}${index}`,
);
const TWO_WRITES = "redis.call('SET', KEYS[1], ARGV[1]) redis.call('HSET', KEYS[2], 'a', ARGV[1])";

/** Returns all that dead servers wrote. */
async function written(redis: Redis): Promise<unknown> {
  return [await redis.mget('{mention-relay}:poll:a', ...KEYS), await redis.hgetall('hash')];
}

/** Starts a server, writes commands and transactions, and kills it; returns what it held. */
async function serverThatDied(): Promise<unknown> {
  const socketPath = prepareDataFolder(dataDir);
  const server = await startServer(dataDir, socketPath);
  const held = await ask(socketPath, async (redis) => {
    await redis.set('{mention-relay}:poll:a', 'kept');
    for (const key of KEYS) await redis.set(key, `Häuser \r\n${key}`);
    await redis
      .multi()
      .set(KEYS[0] ?? '', 'one')
      .set(KEYS[1] ?? '', 'two')
      .exec();
    await redis.eval(TWO_WRITES, 2, KEYS[2] ?? '', 'hash', 'of a script');
    return written(redis);
  });
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
  return held;
}

async function expectRefusal(starting: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await starting.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EmbeddedRedisError);
  expect((error as EmbeddedRedisError).message).toMatch(message);
  expect(logged.told()).toEqual([]);
}

const HALF_COMMAND = '*3\r\n$3\r\nSET\r\n$20\r\n{mention-rel';
const HALF_TRANSACTION =
  '*1\r\n$5\r\nMULTI\r\n*2\r\n$3\r\nDEL\r\n$22\r\n{mention-relay}:poll:a\r\n';

describe('after a loss of power, the data of the embedded Redis', () => {
  test.each([
    ['bytes of another file', '\x8f*\x01\r\n$*3\r\nELF\xff\0'],
    ['half a command and zeros', `${HALF_COMMAND}${zeros(700)}`],
    ['half a transaction and zeros', `${HALF_TRANSACTION}${zeros(10)}`],
    ['half a command', HALF_COMMAND],
    ['half a transaction', HALF_TRANSACTION],
  ])('that ends with %s is used up to there', async (_, end) => {
    const held = await serverThatDied();
    const sound = readFileSync(files.path(LOG));
    appendFileSync(files.path(LOG), end, 'latin1');
    const damaged = readFileSync(files.path(LOG));

    const redis = await start();
    expect(await ask(redis.socketPath, written)).toEqual(held);
    expect(logged.told()).toEqual(['warn redis.embedded_repaired', 'info redis.embedded_started']);
    const fields = logged.lines[0]?.fields;
    expect(fields).toMatchObject({ file: LOG, cutBytes: end.length });
    const copy = String(fields?.['copy']);
    expect(readFileSync(copy).equals(damaged)).toBe(true);
    expect(statSync(copy).mode & 0o077).toBe(0);
    expect(readFileSync(files.path(LOG)).subarray(0, sound.length).equals(sound)).toBe(true);

    await redis.stop();
    const again = await start();
    expect(logged.told()).toEqual(['info redis.embedded_started']);
    expect(await ask(again.socketPath, written)).toEqual(held);
  });

  test('that ends unreadably is repaired by a relay, not by a command', async () => {
    await serverThatDied();
    appendFileSync(files.path(LOG), zeros(100));
    const before = files.contents();
    await expectRefusal(borrowEmbeddedRedis(dataDir), /may be damaged\. Start the relay/);
    expect(files.contents()).toEqual(before);
    expect(files.copies()).toEqual([]);
  });

  // Redis by itself would read all behind it as the text of that length, and drop it.
  const length = (): void => {
    const bytes = readFileSync(files.path(LOG), 'latin1');
    const at = bytes.indexOf('\r\n$', bytes.length / 2) + 3;
    const text = `${bytes.slice(0, at)}99999999${bytes.slice(bytes.indexOf('\r\n', at))}`;
    writeFileSync(files.path(LOG), text, 'latin1');
  };
  const FIX =
    /damaged at byte \d+, and readable data may follow.*redis-check-aof --fix '.+appendonly\.aof\.manifest': it cuts off \d+ bytes/;
  test.each<[string, () => void, RegExp]>([
    ['has a broken length in the middle', length, FIX],
    [
      'holds a command behind the damage',
      () => appendFileSync(files.path(LOG), `${zeros(100)}*1\r\n$4\r\nPING\r\n`),
      FIX,
    ],
    [
      'has a damaged base',
      () => writeFileSync(files.path(BASE), readFileSync(files.path(BASE)).fill(1, 30, 60)),
      /damaged beyond repair, as `redis-check-aof .+Restore DATA_DIR from a backup/,
    ],
    ['has lost its base', () => rmSync(files.path(BASE)), /damaged beyond repair/],
    ['has an empty base', () => truncateSync(files.path(BASE)), /base\.rdb is empty in/],
    [
      'has an empty manifest',
      () => truncateSync(files.path(MANIFEST)),
      /manifest is missing or unread/,
    ],
    [
      'has a manifest of zeros',
      () => writeFileSync(files.path(MANIFEST), zeros(88)),
      /manifest is miss/,
    ],
  ])('that %s is refused, with what to do, and nothing changes', async (...row) => {
    const [, damage, message] = row;
    await serverThatDied();
    damage();
    const before = files.contents();
    await expectRefusal(start(), message);
    expect(files.contents()).toEqual(before);
    expect(files.copies()).toEqual([]);
  });

  test('is not repaired without redis-check-aof, which the message names', async () => {
    await serverThatDied();
    appendFileSync(files.path(LOG), zeros(100));
    const before = files.contents();
    const path = join(dataDir, 'programs');
    mkdirSync(path);
    const real = execFileSync('sh', ['-c', 'command -v redis-server'], { encoding: 'utf8' }).trim();
    symlinkSync(real, join(path, 'redis-server'));
    vi.stubEnv('PATH', path);
    await expectRefusal(start(), /redis-check-aof, which .+ can't run \(ENOENT\)\. Install it/);
    expect(files.contents()).toEqual(before);
  });

  // The first files of all: a server that died while it made them left no data.
  test('that does not exist yet counts as none, though files of a first start are there', async () => {
    mkdirSync(join(dataDir, 'appendonlydir'));
    writeFileSync(files.path(LOG), '');
    writeFileSync(files.path(BASE), '');
    const { socketPath } = await start();
    expect(logged.told()).toEqual(['info redis.embedded_started']);
    expect(await ask(socketPath, (redis) => redis.set('key', 'value'))).toBe('OK');
  });
});

/** Returns true if this process may mount a small file system. */
function mounts(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const dir = mkdtempSync(join(tmpdir(), 'relay-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', dir], { stdio: 'ignore' });
    execFileSync('umount', [dir]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test.runIf(mounts())('on a full disk the data is not repaired, and nothing changes', async () => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', dataDir]);
  try {
    await serverThatDied();
    appendFileSync(files.path(LOG), zeros(100));
    try {
      writeFileSync(join(dataDir, 'filler'), Buffer.alloc(4 * 1024 * 1024));
    } catch {
      // Full.
    }
    const before = files.contents();
    await expectRefusal(
      start(),
      /no copy of it can be made: ENOSPC\. Make room for \d+ bytes in DATA_DIR/,
    );
    expect(files.contents()).toEqual(before);
    expect(files.copies()).toEqual([]);
  } finally {
    await endServer(join(dataDir, 'redis.sock'));
    execFileSync('umount', ['-l', dataDir]);
  }
});
