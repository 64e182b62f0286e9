import { createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startDaemon, type Daemon } from '../helpers/daemon.ts';
import { waitUntil } from '../helpers/wait-until.ts';

function command(...args: readonly string[]): Daemon {
  const running = startDaemon({}, ['sandbox', ...args]);
  onTestFinished(() => running.dispose());
  return running;
}

async function urlOf(running: Daemon): Promise<string> {
  return waitUntil('the URL', () => /URL +(http:\S+)/.exec(running.stdout())?.[1]);
}

function ask(url: string, apiKey: string): Promise<Response> {
  return fetch(`${url}/account/mentions`, {
    method: 'POST',
    body: new URLSearchParams({ apiKey }),
  });
}

test('it prints the address of the API and how to point a relay at it, and serves it', async () => {
  const running = command('--port', '0', '--backlog', '7', '--rate', '0', '--api-key', 'my key');
  const url = await urlOf(running);
  expect(running.stdout()).toContain(`GROOUPLY_API_URL=${url}`);
  expect(running.stdout()).toContain("GROOUPLY_API_KEY='my key'");
  expect(running.stdout()).toContain(`curl -s ${url}/account/mentions -d 'apiKey=my key'`);

  const answer = (await (await ask(url, 'my key')).json()) as { mentions: unknown[] };

  expect(answer.mentions).toHaveLength(7);
});

test('each request is one line, and a stranger’s path cannot control the terminal', async () => {
  const running = command('--port', '0');
  const url = await urlOf(running);
  await ask(url, 'sandbox-key');
  await ask(url, 'wrong');
  await fetch(`${url}/%1b[31m/\u009b31m`);
  await waitUntil('three lines', () => running.stdout().includes(' 404  '));
  expect(running.stdout()).toMatch(/\d\d:\d\d:\d\d {2}200 {2}\/account\/mentions\n/);
  expect(running.stdout()).toMatch(/\d\d:\d\d:\d\d {2}401 {2}\/account\/mentions\n/);
  // oxlint-disable-next-line no-control-regex
  expect(running.stdout()).not.toMatch(/[\u001b\u0080-\u009f]/);
});

test('a request that got no answer has its line as well', async () => {
  const running = command('--port', '0');
  const url = await urlOf(running);
  await fetch(new URL('/_sandbox/faults', url), { method: 'POST', body: '{"kind":"reset"}' });
  await expect(ask(url, 'sandbox-key')).rejects.toThrow('fetch failed');
  await waitUntil('the line', () => running.stdout().includes('none  /account/mentions'));
});

test('its examples for mentions and faults work', async () => {
  const running = command('--port', '0', '--backlog', '0', '--rate', '0');
  const url = await urlOf(running);
  const lines = running.stdout().split('\n');
  for (const action of ['spot', 'faults']) {
    const example = lines.find((line) => line.includes(`_sandbox/${action}`)) ?? '';
    const [, target = '', body = ''] = /curl -s (\S+) -d '(.*)'$/.exec(example) ?? [];
    const response = await fetch(target, { method: 'POST', body });
    expect(response.status).toBe(200);
  }
  expect((await ask(url, 'sandbox-key')).status).toBe(500);
  expect((await ask(url, 'sandbox-key')).status).toBe(500);
  const answer = (await (await ask(url, 'sandbox-key')).json()) as { mentions: unknown[] };
  expect(answer.mentions).toHaveLength(3);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it cleanly', async (signal) => {
  const running = command('--port', '0');
  await urlOf(running);
  running.kill(signal);
  expect(await running.ended).toEqual({ code: 0, signal: null });
  expect(running.stderr()).toBe('');
});

test('a port that is taken is reported in one line', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const running = command('--port', `${port}`);
  expect(await running.ended).toEqual({ code: 1, signal: null });
  expect(running.stderr()).toBe(
    `Port ${port} is taken on 127.0.0.1. Choose another one with --port, or stop the program that uses it.\n`,
  );
});
