import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import {
  HealthServerError,
  startHealthServer,
  type HealthAnswer,
} from '../../src/monitoring/health-server.io.ts';

const OK: HealthAnswer = { status: 200, contentType: 'text/plain', body: 'fine\n' };

/** A server of one page, which ends with the test, and its address. */
async function server(page = async (): Promise<HealthAnswer> => OK) {
  const started = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    pages: new Map([['/healthz', page]]),
  });
  onTestFinished(() => started.close());
  return { ...started, url: `http://127.0.0.1:${started.port}` };
}

test('a page is served to GET, whatever its query, and never from a cache', async () => {
  const { url } = await server();
  const answer = await fetch(`${url}/healthz?verbose=1`);
  expect([answer.status, await answer.text()]).toEqual([200, 'fine\n']);
  expect(answer.headers.get('content-type')).toBe('text/plain');
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('HEAD gets the same without the body', async () => {
  const { url } = await server();
  const answer = await fetch(`${url}/healthz`, { method: 'HEAD' });
  expect([answer.status, await answer.text()]).toEqual([200, '']);
  expect(answer.headers.get('content-length')).toBe('5');
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is not allowed', async (method) => {
  const { url } = await server(() => Promise.reject(new Error('It was asked.')));
  const answer = await fetch(`${url}/healthz`, { method });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('GET, HEAD');
});

test.each(['/', '/healthz/', '/HEALTHZ', '//healthz', '/..%2fhealthz', '/metrics'])(
  'nothing is at %s',
  async (path) => {
    const { url } = await server();
    expect((await fetch(`${url}${path}`)).status).toBe(404);
  },
);

test('a page that fails is a 500 that tells nothing of the error, and the next one works', async () => {
  let failing = true;
  const { url } = await server(async () => {
    if (failing) throw new Error('a secret');
    return OK;
  });
  const answer = await fetch(`${url}/healthz`);
  expect([answer.status, await answer.text()]).toEqual([500, 'This page failed.\n']);
  failing = false;
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('it ends at once, even with a connection that is held open', async () => {
  const { port, close } = await server();
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.write('GET /healthz HTTP/1.1\r\n');
  await new Promise((resolve) => socket.once('connect', resolve));
  await close();
  await closed;
});

test('a port that is taken is told with what to do', async () => {
  const { port } = await server();
  const second = startHealthServer({ host: '127.0.0.1', port, pages: new Map() });
  await expect(second).rejects.toThrow(
    new HealthServerError(
      `port ${port} is taken on 127.0.0.1: choose another one with HEALTH_PORT, or stop what uses it`,
    ),
  );
});

test.each(['192.0.2.1', 'no-such-host.invalid'])(
  'a host that is not of this machine is told: %s',
  async (host) => {
    await expect(startHealthServer({ host, port: 0, pages: new Map() })).rejects.toThrow(
      `"${host}" is no address of this machine: HEALTH_HOST takes `,
    );
  },
);
