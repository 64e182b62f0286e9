import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startHealthServer, type HealthAnswer } from '../../src/monitoring/health-server.io.ts';

const OK: HealthAnswer = { status: 200, contentType: 'text/plain', body: 'fine\n' };

/** Starts a server with one page, which ends with the test. */
async function server(page = async (): Promise<HealthAnswer> => OK) {
  const started = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    pages: new Map([['/healthz', page]]),
  });
  onTestFinished(() => started.close());
  return { ...started, url: `http://127.0.0.1:${started.port}` };
}

test('a page is served to GET with any query, and never cached', async () => {
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
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test.each(['/', '/healthz/', '/HEALTHZ', '//healthz', '/..%2fhealthz', '/metrics'])(
  'there is no page %s',
  async (path) => {
    const { url } = await server();
    expect((await fetch(`${url}${path}`)).status).toBe(404);
  },
);

test('a page that fails gets 500 without the error, and works again the next time', async () => {
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

test('closing ends open connections too', async () => {
  const { port, close } = await server();
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.write('GET /healthz HTTP/1.1\r\n');
  await new Promise((resolve) => socket.once('connect', resolve));
  await close();
  await closed;
});

test('a taken port is reported with what to do', async () => {
  const { port } = await server();
  const second = startHealthServer({ host: '127.0.0.1', port, pages: new Map() });
  await expect(second).rejects.toMatchObject({
    name: 'HealthServerError',
    explanation: {
      what: `port ${port} is taken on 127.0.0.1`,
      todo: 'choose another one with HEALTH_PORT, or stop the program that uses it',
    },
  });
});

test.each(['192.0.2.1', 'no-such-host.invalid'])(
  'a host that this machine does not have is reported: %s',
  async (host) => {
    await expect(startHealthServer({ host, port: 0, pages: new Map() })).rejects.toThrow(
      `"${host}" is not an address of this machine. Set HEALTH_HOST to `,
    );
  },
);
