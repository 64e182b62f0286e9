import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import {
  appendOnlyFiles,
  LOG,
  MANIFEST,
  zeros,
  type AppendOnlyFiles,
} from '../helpers/append-only-files.ts';
import { startDaemon, type Daemon } from '../helpers/daemon.ts';
import { startReceiver, type Receiver } from '../helpers/receiver.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let dataDir: string;
let files: AppendOnlyFiles;
let sandbox: Sandbox;
let receiver: Receiver;
const daemons: Daemon[] = [];

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'relay-data-'));
  files = appendOnlyFiles(dataDir);
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
      POLL_INTERVAL_SECONDS: '0.5',
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

/** Runs a relay that delivers two mentions and keeps three; then kills it and its server. Returns the kept ones. */
async function relayThatDied(): Promise<string[]> {
  sandbox.spot(2);
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
  return kept;
}

// Other damage, and all that a repair does with it: test/redis/power-loss.test.ts.
describe('after a loss of power, the data of the embedded Redis', () => {
  test('that ends with zeros is used up to there: no mention is lost or sent twice', async () => {
    const kept = await relayThatDied();
    const end = zeros(4096);
    appendFileSync(files.path(LOG), end);
    const damaged = readFileSync(files.path(LOG));
    const before = receiver.mentionIds().length;

    const command = start(['preview']);
    expect((await command.ended).code).toBe(1);
    expect(command.stderr()).toContain('Start the relay');
    expect(readFileSync(files.path(LOG)).equals(damaged)).toBe(true);

    const second = start();
    await waitUntil('the kept ones to arrive', () =>
      kept.every((id) => receiver.mentionIds().slice(before).includes(id)),
    );
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
    expect(receiver.mentionIds().slice(before).toSorted()).toEqual(kept.toSorted());
  });

  test('that is unreadable from its first byte is a lost state: a warning and an alert', async () => {
    await relayThatDied();
    writeFileSync(files.path(LOG), zeros(4096));
    const second = start(['run'], { WEBHOOK_A_EVENTS: 'all' });
    await second.waitForEvent('redis.embedded_repaired');
    const line = await second.waitForEvent('state.empty');
    expect(line).toMatchObject({
      level: 'warn',
      msg: expect.stringContaining('emptied') as string,
    });
    const trouble = await waitUntil('the alert', () =>
      receiver.received.map(({ json }) => json()).find(({ type }) => type === 'relay.trouble'),
    );
    expect(trouble).toMatchObject({ data: { trouble: 'state_emptied' } });
  });

  test.each<[string, () => void, RegExp]>([
    [
      'is damaged in the middle',
      () => files.damageMiddle(),
      /damaged at byte \d+, and readable data may follow.*redis-check-aof --fix '.+appendonly\.aof\.manifest': it cuts off \d+ bytes/,
    ],
    [
      'has lost its manifest',
      () => rmSync(files.path(MANIFEST)),
      /manifest is missing or unreadable/,
    ],
  ])('that %s stops the relay, which says what to do and changes nothing', async (...row) => {
    const [, damage, message] = row;
    await relayThatDied();
    damage();
    const before = files.contents();
    const second = start();
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.events('relay.start_failed')[0]?.['reason']).toMatch(message);
    expect(files.contents()).toEqual(before);
    expect(files.copies()).toEqual([]);
  });
});
