import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
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
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { startDaemon, type Daemon } from '../helpers/daemon.ts';
import { startReceiver, type Receiver } from '../helpers/receiver.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let dataDir: string;
let sandbox: Sandbox;
let receiver: Receiver;
const daemons: Daemon[] = [];

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'relay-data-'));
  [sandbox, receiver] = await Promise.all([startSandbox(), startReceiver()]);
});

afterEach(async () => {
  await Promise.all(daemons.splice(0).map((daemon) => daemon.dispose()));
  await killServer();
  await Promise.all([sandbox.stop(), receiver.stop()]);
  rmSync(dataDir, { recursive: true, force: true });
});

function start(args: readonly string[] = ['run'], env: Record<string, string> = {}): Daemon {
  const daemon = startDaemon(
    {
      GROOUPLY_API_KEY: 'sandbox-key',
      GROOUPLY_API_URL: sandbox.url.href,
      DATA_DIR: dataDir,
      POLL_INTERVAL_SECONDS: '1',
      WEBHOOK_A_URL: receiver.url,
      WEBHOOK_A_CONCURRENCY: '1',
      RETRY_SCHEDULE_SECONDS: '4,4,4,4',
      ...env,
    },
    args,
  );
  daemons.push(daemon);
  return daemon;
}

async function withServer<T>(ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({
    path: join(dataDir, 'redis.sock'),
    lazyConnect: true,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

async function killServer(): Promise<void> {
  await withServer(async (redis) => {
    const info = await redis.info('server');
    const gone = once(redis, 'end');
    process.kill(Number(/process_id:(\d+)/.exec(info)?.[1]), 'SIGKILL');
    await gone;
  }).catch(() => undefined);
}

const inFolder = (name: string): string => join(dataDir, 'appendonlydir', name);
const LOG = 'appendonly.aof.1.incr.aof';
const BASE = 'appendonly.aof.1.base.rdb';
const MANIFEST = 'appendonly.aof.manifest';

/** Runs a relay that delivers two mentions and keeps three; then kills it and its server. */
async function relayThatDied(): Promise<{ delivered: string[]; kept: string[] }> {
  const delivered = sandbox.spot(2).map(({ id }) => id);
  const first = start();
  await receiver.waitFor(2);
  await waitUntil('both to be recorded', () => first.events('delivery.succeeded').length === 2);
  receiver.answerWith(() => ({ status: 500 }));
  const kept = sandbox.spot(3).map(({ id }) => id);
  // None is under way then: its lock would last for a minute.
  await waitUntil('three to wait for a retry', () =>
    withServer(async (redis) => (await redis.zcard('{mention-relay}:deliver-A:delayed')) === 3),
  );
  first.kill('SIGKILL');
  await first.ended;
  await killServer();
  receiver.answerWith(() => ({ status: 200 }));
  return { delivered, kept };
}

/** Returns the contents of the files that hold data. */
const data = (): unknown =>
  readdirSync(join(dataDir, 'appendonlydir'))
    .toSorted()
    .map((name) => [name, readFileSync(inFolder(name), 'latin1')]);

const HALF_COMMAND = '*3\r\n$3\r\nSET\r\n$20\r\n{mention-rel';
const HALF_TRANSACTION =
  '*1\r\n$5\r\nMULTI\r\n*2\r\n$3\r\nDEL\r\n$22\r\n{mention-relay}:poll:a\r\n';
const zeros = (count: number): string => '\0'.repeat(count);

describe('after a loss of power, the data of the embedded Redis', () => {
  test.each([
    ['zeros', zeros(4096)],
    ['bytes of another file', '\x8f*\x01\r\n$*3\r\nELF\xff\0'],
    ['half a command and zeros', `${HALF_COMMAND}${zeros(700)}`],
    ['half a transaction and zeros', `${HALF_TRANSACTION}${zeros(10)}`],
    ['half a command', HALF_COMMAND],
    ['half a transaction', HALF_TRANSACTION],
  ])('that ends with %s is used up to there', async (_, end) => {
    const { delivered, kept } = await relayThatDied();
    appendFileSync(inFolder(LOG), Buffer.from(end, 'latin1'));
    const damaged = readFileSync(inFolder(LOG));
    const before = receiver.mentionIds().length;

    const second = start();
    await waitUntil('the kept ones to arrive', () =>
      kept.every((id) => receiver.mentionIds().slice(before).includes(id)),
    );
    expect(
      receiver
        .mentionIds()
        .slice(before)
        .filter((id) => delivered.includes(id)),
    ).toEqual([]);
    expect(second.events('state.empty')).toEqual([]);
    const lines = second.events('redis.embedded_repaired');
    expect(lines).toHaveLength(1);
    const [line] = lines;
    expect(line).toMatchObject({ level: 'warn', file: LOG, cutBytes: end.length });
    const copy = String(line?.['copy']);
    expect(readFileSync(copy).equals(damaged)).toBe(true);
    expect(statSync(copy).mode & 0o077).toBe(0);

    second.kill('SIGTERM');
    expect(await second.ended).toEqual({ code: 0, signal: null });
    const third = start();
    await third.waitForEvent('redis.embedded_started');
    expect(third.events('redis.embedded_repaired')).toEqual([]);
  });

  test('that ends unreadably is repaired by a relay, not by a command', async () => {
    await relayThatDied();
    appendFileSync(inFolder(LOG), zeros(100));
    const before = data();
    const command = start(['preview']);
    expect((await command.ended).code).toBe(1);
    expect(command.stderr()).toContain('Start the relay');
    expect(data()).toEqual(before);
  });

  const middle = (): void => {
    const bytes = readFileSync(inFolder(LOG));
    bytes.fill(0, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 200);
    writeFileSync(inFolder(LOG), bytes);
  };
  // Redis by itself would read all behind it as the text of that length, and drop it.
  const length = (): void => {
    const bytes = readFileSync(inFolder(LOG), 'latin1');
    const at = bytes.indexOf('\r\n$', bytes.length / 2) + 3;
    const text = `${bytes.slice(0, at)}99999999${bytes.slice(bytes.indexOf('\r\n', at))}`;
    writeFileSync(inFolder(LOG), text, 'latin1');
  };
  const FIX =
    /damaged at byte \d+, and readable data may follow.*redis-check-aof --fix '.+appendonly\.aof\.manifest': it cuts off \d+ bytes/;
  test.each<[string, () => void, RegExp]>([
    ['is damaged in the middle', middle, FIX],
    ['has a broken length in the middle', length, FIX],
    [
      'holds a command behind the damage',
      () => appendFileSync(inFolder(LOG), `${zeros(100)}*1\r\n$4\r\nPING\r\n`),
      FIX,
    ],
    [
      'has a damaged base',
      () => writeFileSync(inFolder(BASE), readFileSync(inFolder(BASE)).fill(1, 30, 60)),
      /damaged beyond repair, as `redis-check-aof .+Restore DATA_DIR from a backup/,
    ],
    ['has lost its base', () => rmSync(inFolder(BASE)), /damaged beyond repair/],
    ['has an empty base', () => truncateSync(inFolder(BASE)), /base\.rdb is empty in/],
    [
      'has lost its manifest',
      () => rmSync(inFolder(MANIFEST)),
      /manifest is missing or unreadable/,
    ],
    [
      'has an empty manifest',
      () => truncateSync(inFolder(MANIFEST)),
      /manifest is missing or unread/,
    ],
    [
      'has a manifest of zeros',
      () => writeFileSync(inFolder(MANIFEST), zeros(88)),
      /manifest is miss/,
    ],
  ])('that %s stops the relay, which says what to do and changes nothing', async (...row) => {
    const [, damage, message] = row;
    await relayThatDied();
    damage();
    const before = data();
    const second = start();
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.events('relay.start_failed')[0]?.['reason']).toMatch(message);
    expect(data()).toEqual(before);
    expect(readdirSync(dataDir).filter((name) => name.includes('damaged'))).toEqual([]);
  });

  test('is not repaired without redis-check-aof, which the message names', async () => {
    await relayThatDied();
    appendFileSync(inFolder(LOG), zeros(100));
    const before = data();
    const path = join(dataDir, 'programs');
    mkdirSync(path);
    const real = execFileSync('sh', ['-c', 'command -v redis-server'], { encoding: 'utf8' }).trim();
    symlinkSync(real, join(path, 'redis-server'));
    const second = start(['run'], { PATH: path });
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.events('relay.start_failed')[0]?.['reason']).toMatch(
      /redis-check-aof, which .+ can't run \(ENOENT\)\. Install it/,
    );
    expect(data()).toEqual(before);
  });

  // The first files of all: a server that died while it made them left no data.
  test('that does not exist yet counts as none, though files of a first start are there', async () => {
    mkdirSync(join(dataDir, 'appendonlydir'));
    writeFileSync(inFolder(LOG), '');
    writeFileSync(inFolder(BASE), '');
    sandbox.spot(1);
    start();
    await receiver.waitFor(1);
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
    await relayThatDied();
    appendFileSync(inFolder(LOG), zeros(100));
    try {
      writeFileSync(join(dataDir, 'filler'), Buffer.alloc(4 * 1024 * 1024));
    } catch {
      // Full.
    }
    const before = data();
    const second = start();
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.events('relay.start_failed')[0]?.['reason']).toMatch(
      /no copy of it can be made: ENOSPC\. Make room for \d+ bytes in DATA_DIR/,
    );
    expect(data()).toEqual(before);
    expect(readdirSync(dataDir).filter((name) => name.includes('damaged'))).toEqual([]);
    await killServer();
  } finally {
    await Promise.all(daemons.splice(0).map((daemon) => daemon.dispose()));
    execFileSync('umount', ['-l', dataDir]);
  }
});
