import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
  await endServer();
  await Promise.all([sandbox.stop(), receiver.stop()]);
  rmSync(dataDir, { recursive: true, force: true });
});

function relay(env: Record<string, string> = {}): Daemon {
  const daemon = startDaemon({
    GROOUPLY_API_KEY: 'sandbox-key',
    GROOUPLY_API_URL: sandbox.url.href,
    DATA_DIR: dataDir,
    POLL_INTERVAL_SECONDS: '1',
    WEBHOOK_A_URL: receiver.url,
    ...env,
  });
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

/** Returns the process id of the server in the folder; null if none answers. */
async function serverPid(): Promise<number | null> {
  return withServer((redis) => redis.info('server')).then(
    (info) => Number(/process_id:(\d+)/.exec(info)?.[1]),
    () => null,
  );
}

async function endServer(): Promise<void> {
  const pid = await serverPid();
  if (pid !== null) process.kill(pid, 'SIGKILL');
}

test('it is private and durable, and ends last, with the daemon', async () => {
  sandbox.spot(2);
  const daemon = relay();
  await daemon.waitForEvent('delivery.succeeded', 2);
  const settings = await withServer((redis) =>
    redis.config('GET', 'port', 'appendonly', 'maxmemory-policy', 'unixsocketperm'),
  );
  expect(settings).toEqual(expect.arrayContaining(['0', 'yes', 'noeviction', '700']));

  daemon.kill('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(await serverPid()).toBeNull();
  expect(
    daemon
      .lines()
      .map(({ event }) => event)
      .slice(-3),
  ).toEqual(['relay.stopping', 'redis.embedded_stopped', 'relay.stopped']);
  expect(readdirSync(dataDir)).toContain('appendonlydir');
});

test('a folder that it creates, and its socket, are for its user only', async () => {
  const made = join(dataDir, 'made');
  const daemon = relay({ DATA_DIR: made });
  await daemon.waitForEvent('state.empty');
  const modes = [made, join(made, 'redis.sock')].map((path) => statSync(path).mode & 0o777);
  daemon.kill('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(modes).toEqual([0o700, 0o700]);
  expect(daemon.events('redis.data_dir_open')).toEqual([]);
});

test('in a folder that others can open, its files are for its user only, and the relay warns', async () => {
  chmodSync(dataDir, 0o755);
  sandbox.spot(1);
  const daemon = relay();
  await receiver.waitFor(1);
  daemon.kill('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });

  const entries = readdirSync(dataDir, { recursive: true, encoding: 'utf8' });
  expect(entries).toEqual(expect.arrayContaining(['redis.log', 'appendonlydir']));
  expect(entries.some((entry) => entry.endsWith('.incr.aof'))).toBe(true);
  const open = entries.filter((entry) => (statSync(join(dataDir, entry)).mode & 0o077) !== 0);
  expect(open).toEqual([]);
  // It may be a folder that others are meant to enter, so its own mode stays.
  expect(statSync(dataDir).mode & 0o777).toBe(0o755);
  expect(daemon.events('redis.data_dir_open')).toMatchObject([
    { level: 'warn', dataDir, mode: '755', command: `chmod 700 '${dataDir}'` },
  ]);
});

test('its process gets only the environment that it needs', async () => {
  // What Linux shows of a process's environment is no proof: Redis writes over it for its title.
  const environment = join(dataDir, 'environment');
  const real = execFileSync('sh', ['-c', 'command -v redis-server'], { encoding: 'utf8' }).trim();
  const program = join(dataDir, 'redis-server');
  writeFileSync(program, `#!/bin/sh\n/usr/bin/env > '${environment}'\nexec '${real}' "$@"\n`);
  chmodSync(program, 0o755);
  const daemon = relay({
    PATH: `${dataDir}:${process.env['PATH']}`,
    TZ: 'Europe/Paris',
    WEBHOOK_A_HEADERS: '{"authorization":"a-secret"}',
  });
  await daemon.waitForEvent('state.empty');
  const shown = readFileSync(environment, 'utf8');
  expect(shown).not.toMatch(/sandbox-key|a-secret/);
  // What sh adds by itself is no variable of the relay's.
  const names = new Set([...shown.matchAll(/^(\w+)=/gm)].map(([, name]) => name));
  for (const ofShell of ['PWD', 'OLDPWD', 'SHLVL', '_']) names.delete(ofShell);
  expect(names).toEqual(new Set(['PATH', 'TZ']));
});

test('its data survives a restart', async () => {
  const [mention] = sandbox.spot(1);
  const first = relay();
  await receiver.waitFor(1);
  first.kill('SIGTERM');
  await first.ended;

  const second = relay();
  await waitUntil('a poll of the second daemon', () => sandbox.requests().length >= 3);
  sandbox.spot(1);
  await receiver.waitFor(2);
  expect(receiver.mentionIds().filter((id) => id === mention?.id)).toHaveLength(1);
  expect(second.events('state.empty')).toEqual([]);
});

test('the server of a killed daemon is adopted', async () => {
  const first = relay();
  await first.waitForEvent('state.empty');
  const pid = await serverPid();
  first.kill('SIGKILL');
  await first.ended;

  const second = relay();
  await second.waitForEvent('redis.embedded_adopted');
  sandbox.spot(1);
  await receiver.waitFor(1);
  expect(await serverPid()).toBe(pid);
  second.kill('SIGINT');
  expect(await second.ended).toEqual({ code: 0, signal: null });
  expect(await serverPid()).toBeNull();
});

test('a second daemon on the same folder is refused and does no harm', async () => {
  const first = relay();
  await first.waitForEvent('state.empty');
  const second = relay();
  expect(await second.ended).toEqual({ code: 1, signal: null });
  const [line] = second.events('relay.start_failed');
  expect(line?.['reason']).toContain(`another mention-relay (process ${first.pid}) uses DATA_DIR`);
  sandbox.spot(1);
  await receiver.waitFor(1);
});

test('of five daemons that start at the same time, one runs, with one server', async () => {
  const all = Array.from({ length: 5 }, () => relay());
  const running = await waitUntil('one of them to poll', () =>
    all.find((daemon) => daemon.events('state.empty').length > 0),
  );
  const others = all.filter((daemon) => daemon !== running);
  expect(await Promise.all(others.map(({ ended }) => ended))).toEqual(
    others.map(() => ({ code: 1, signal: null })),
  );
  expect(others.every((daemon) => daemon.events('relay.start_failed').length === 1)).toBe(true);
  expect(all.flatMap((daemon) => daemon.events('redis.embedded_started')).length).toBeLessThan(2);
});

test('a server that dies is restarted, and nothing is lost', async () => {
  const daemon = relay();
  await daemon.waitForEvent('state.empty');
  await endServer();
  sandbox.spot(2);
  await receiver.waitFor(2);
  await daemon.waitForEvent('redis.back');
  expect(daemon.events('redis.lost')).toHaveLength(1);
  daemon.kill('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
});

test.runIf(process.getuid?.() === 0)(
  "a command of root uses it, but starts none in another user's folder",
  async () => {
    const nobody = 65534;
    chownSync(dataDir, nobody, nobody);
    const command = () => {
      const started = startDaemon(
        {
          GROOUPLY_API_KEY: 'sandbox-key',
          GROOUPLY_API_URL: sandbox.url.href,
          DATA_DIR: dataDir,
          WEBHOOK_A_URL: receiver.url,
        },
        ['groups'],
      );
      daemons.push(started);
      return started;
    };
    const refused = command();
    expect((await refused.ended).code).toBe(1);
    expect(refused.stderr()).toContain(`belongs to the user id ${nobody}`);
    expect(readdirSync(dataDir)).toEqual([]);

    const daemon = relay();
    await daemon.waitForEvent('state.empty');
    expect((await command().ended).code).toBe(0);
  },
);

test.each([
  ['is not installed', () => ({ PATH: '/nonexistent' }), 'redis-server is not installed'],
  [
    'is not installed, and can not have its folder',
    () => ({ PATH: '/nonexistent', DATA_DIR: '/dev/null' }),
    'redis-server is not installed',
  ],
  [
    'can not have its socket',
    () => ({ DATA_DIR: join(dataDir, 'x'.repeat(120)) }),
    'DATA_DIR is too long',
  ],
  [
    'can not have its folder',
    () => {
      writeFileSync(join(dataDir, 'file'), '');
      return { DATA_DIR: join(dataDir, 'file', 'data') };
    },
    "can't be created: ENOTDIR",
  ],
  // Elsewhere than on Linux, that folder can't be created either.
  ['can not have its folder in /proc', () => ({ DATA_DIR: '/proc/x/y' }), "can't be created: "],
  [
    'can not have a file as its folder',
    () => ({ DATA_DIR: '/dev/null' }),
    "can't be created: EEXIST",
  ],
])('a relay whose redis-server %s logs what to do and ends', async (_case, env, message) => {
  const daemon = relay(env());
  expect(await daemon.ended).toEqual({ code: 1, signal: null });
  expect(daemon.events('relay.start_failed')[0]?.['reason']).toContain(message);
});
