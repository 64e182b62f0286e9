import { createServer, type AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startDaemon } from '../helpers/daemon.ts';
import { isAlive, startDemo, type RunningDemo } from '../helpers/demo.ts';
import { startPrivateRedis } from '../helpers/private-redis.ts';
import { waitUntil } from '../helpers/wait-until.ts';

async function runningDemo(...args: Parameters<typeof startDemo>): Promise<RunningDemo> {
  const demo = await startDemo(...args);
  onTestFinished(() => demo.dispose());
  return demo;
}

/** Waits for deliveries, then names the processes at work: the relay, its watchdog and its Redis. */
async function atWork(demo: RunningDemo): Promise<readonly number[]> {
  await waitUntil('deliveries', () => demo.stdout().includes('delivery.succeeded'));
  return demo.descendants();
}

async function expectEndedInOrder(demo: RunningDemo, processes: readonly number[]): Promise<void> {
  expect(await demo.ended).toEqual({ code: 0, signal: null });
  expect(demo.stdout()).toContain('relay.stopped');
  expect(demo.stdout()).toContain('The demo has ended.');
  expect(demo.stderr()).toBe('');
  await expectNothingLeft(demo, processes);
}

async function expectNothingLeft(demo: RunningDemo, processes: readonly number[]): Promise<void> {
  await waitUntil('the processes to be gone', () => !processes.some(isAlive));
  expect(demo.leftFiles()).toEqual([]);
}

test('it prints what runs, where to look, how to end it, and how to start for real', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;

  // Nothing of a relay that is configured in the shell reaches the demo.
  const demo = await runningDemo(['--port', `${port}`], {
    GROOUPLY_API_KEY: 'real-key',
    GROOUPLY_MISSPELLED: 'x',
    WEBHOOK_REAL_URL: 'http://127.0.0.1:9/real',
    BACKLOG: 'none',
    LOG_LEVEL: 'silent',
  });
  const page = await fetch(demo.inboxUrl);
  expect(await page.text()).toContain('<title>mention-relay demo</title>');
  expect(Number(new URL(demo.inboxUrl).port)).toBeGreaterThan(port);
  expect(demo.stdout()).toContain(`Port ${port} is taken`);
  expect(demo.stdout()).toContain('embedded Redis in a temporary folder');
  expect(demo.stdout()).toContain('Ctrl-C');
  expect(demo.stdout()).toContain('config/example.env');

  const processes = await atWork(demo);
  expect(demo.stdout()).not.toMatch(/REAL|real-key|MISSPELLED/);
  demo.kill('SIGTERM');
  await expectEndedInOrder(demo, processes);
});

test('a Ctrl-C, which npm passes on a second time, ends all of it, and nothing is left', async () => {
  const demo = await runningDemo();
  const processes = await atWork(demo);
  expect(processes.length).toBeGreaterThanOrEqual(2);
  demo.kill('SIGINT');
  demo.kill('SIGINT');
  await expectEndedInOrder(demo, processes);
});

test('a second Ctrl-C ends a relay that does not stop, and its Redis, immediately', async () => {
  const demo = await runningDemo();
  const processes = await atWork(demo);
  const [relay = 0] = processes;
  process.kill(relay, 'SIGSTOP');
  demo.kill('SIGINT');

  // Repeats it until one does not count as an echo of the first.
  let end: unknown;
  void demo.ended.then((ended) => (end = ended));
  await waitUntil('the demo to end', () => {
    if (end === undefined) demo.kill('SIGINT');
    return end;
  });

  expect(end).toEqual({ code: 1, signal: null });
  await expectNothingLeft(demo, processes);
});

test('a relay that dies is reported with its last output, and ends the demo', async () => {
  const demo = await runningDemo();
  const processes = await atWork(demo);
  const [relay = 0] = processes;

  process.kill(relay, 'SIGKILL');

  expect(await demo.ended).toEqual({ code: 1, signal: null });
  expect(demo.stderr()).toContain('the relay ended by itself (SIGKILL)');
  await expectNothingLeft(demo, processes);
});

test('without a redis-server, the last line explains how to get one', async () => {
  const bin = mkdtempSync(join(tmpdir(), 'bin-'));
  onTestFinished(() => rmSync(bin, { recursive: true, force: true }));
  symlinkSync(process.execPath, join(bin, 'node'));

  const demo = await runningDemo([], { PATH: bin });

  expect(await demo.ended).toEqual({ code: 1, signal: null });
  expect(demo.stderr().trimEnd().split('\n').at(-1)).toContain(
    'redis-server is not installed. Install redis-server 6.2 or newer, use the image',
  );
  expect(demo.leftFiles()).toEqual([]);
});

test.each([
  ['an address of another machine', ['--host', '192.0.2.1'], 1, 'not an address of this machine'],
  ['an invalid port', ['--port', '70000'], 1, 'a whole number from 0 to 65535'],
  ['an invalid rate', ['--rate', 'fast'], 1, 'a number from 0 to 6000'],
])('%s is refused, with the allowed values', async (_, args, code, words) => {
  const refused = startDaemon({}, ['demo', ...args]);
  onTestFinished(() => refused.dispose());
  expect(await refused.ended).toEqual({ code, signal: null });
  expect(refused.stderr()).toContain(words);
  expect(refused.stderr()).not.toContain('    at ');
});

test('a REDIS_URL is used, under a prefix of the demo’s own, until the terminal is closed', async () => {
  const redis = await startPrivateRedis();
  onTestFinished(() => redis.stop());

  const demo = await runningDemo([], { REDIS_URL: redis.url, REDIS_PREFIX: 'mine' });
  const processes = await atWork(demo);
  demo.kill('SIGHUP');

  await expectEndedInOrder(demo, processes);
  const keys = await redis.client.keys('*');
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter((key) => !key.startsWith('{mine-demo}'))).toEqual([]);
  // The relay and its watchdog.
  expect(processes).toHaveLength(2);
});
