import { execFile, spawn } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  connect,
  createServer as createTcpServer,
  getDefaultAutoSelectFamilyAttemptTimeout,
  type AddressInfo,
} from 'node:net';
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createPostJson } from '../../src/delivering/post-json.io.ts';
import { DIRECT, type ProxySettings } from '../../src/domain/proxy.ts';
import { createOutgoing } from '../../src/network/outgoing.io.ts';
import { freePort } from '../helpers/private-redis.ts';
import { startProxy, type Proxy } from '../helpers/proxy.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const KEY = readFileSync(new URL('./localhost-key.pem', import.meta.url), 'utf8');
const CERT = readFileSync(new URL('./localhost-cert.pem', import.meta.url), 'utf8');
const LOGIN = `Basic ${Buffer.from('user:p@ss-SECRET').toString('base64')}`;

const trusted = getCACertificates('default');
beforeAll(() => setDefaultCACertificates([...trusted, CERT]));
afterAll(() => setDefaultCACertificates(trusted));

interface Received {
  readonly path: string;
  readonly text: string;
  readonly proxyHeaders: readonly string[];
}

async function serve(scheme: string) {
  const received: Received[] = [];
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const proxyHeaders = Object.keys(request.headers).filter((name) => name.startsWith('proxy-'));
      received.push({ path: request.url ?? '', text, proxyHeaders });
      response.end('ok');
    });
  };
  const server: Server =
    scheme === 'https'
      ? createHttpsServer({ key: KEY, cert: CERT }, listener)
      : createHttpServer(listener);
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const url = new URL(`${scheme}://localhost:${port}/hook/SECRET-path`);
  return { url, received, connections: () => connections };
}

async function proxy(): Promise<Proxy> {
  const started = await startProxy();
  onTestFinished(() => started.stop());
  return started;
}

const by = (url: URL, noProxy: readonly string[] = []): ProxySettings => ({
  http: url,
  https: url,
  noProxy,
});

function poster(settings: ProxySettings, timeoutMs = 10_000) {
  const { post, close } = createPostJson({ timeoutMs, proxy: settings, monotonicMs: () => 0 });
  onTestFinished(close);
  return (url: URL) => {
    const request = { body: '{"text":"Grüße"}', headers: { 'content-type': 'application/json' } };
    return post(url, request, new AbortController().signal);
  };
}

describe.each(['http', 'https'])('a request to an %s URL', (scheme) => {
  test('goes through the proxy, with its password, and reuses its connection', async () => {
    const receiver = await serve(scheme);
    const { url, requests } = await proxy();
    const post = poster(by(url));
    expect(await post(receiver.url)).toMatchObject({ kind: 'answered', status: 200, body: 'ok' });
    expect(await post(receiver.url)).toMatchObject({ kind: 'answered', status: 200, body: 'ok' });
    expect(receiver.received).toEqual(
      [1, 2].map(() => ({ path: '/hook/SECRET-path', text: '{"text":"Grüße"}', proxyHeaders: [] })),
    );
    const { host, href } = receiver.url;
    expect(requests).toEqual(
      scheme === 'https'
        ? [{ method: 'CONNECT', target: host, authorization: LOGIN }]
        : [1, 2].map(() => ({ method: 'POST', target: href, authorization: LOGIN })),
    );
    expect(receiver.connections()).toBe(1);
  });

  test('goes directly if NO_PROXY names its host', async () => {
    const receiver = await serve(scheme);
    const { url, requests } = await proxy();
    const post = poster(by(url, ['localhost']));
    expect(await post(receiver.url)).toMatchObject({ kind: 'answered', status: 200 });
    expect(receiver.received).toHaveLength(1);
    expect(requests).toEqual([]);
  });

  test('names the proxy if nothing listens there, and not the password', async () => {
    const receiver = await serve(scheme);
    const away = new URL(`http://user:SECRET@127.0.0.1:${await freePort()}`);
    const post = poster(by(away));
    expect(await post(receiver.url)).toEqual({
      kind: 'unanswered',
      code: `PROXY_ECONNREFUSED at ${away.host}`,
      durationMs: 0,
    });
  });

  test('names the proxy if its name is unknown', async () => {
    const receiver = await serve(scheme);
    const post = poster(by(new URL('http://proxy.invalid:3128')));
    expect(await post(receiver.url)).toMatchObject({
      kind: 'unanswered',
      code: expect.stringMatching(/^PROXY_(ENOTFOUND|EAI_AGAIN) at proxy.invalid:3128$/) as unknown,
    });
  });

  test('names the proxy if it wants another password', async () => {
    const receiver = await serve(scheme);
    const started = await proxy();
    started.refuseWith(407);
    expect(await poster(by(started.url))(receiver.url)).toMatchObject({
      kind: 'unanswered',
      code: `PROXY_407 at ${started.url.host}`,
    });
    expect(receiver.received).toEqual([]);
  });

  test('ends in time if the proxy hangs', async () => {
    const receiver = await serve(scheme);
    const started = await proxy();
    started.refuseWith('hang');
    expect(await poster(by(started.url), 1_000)(receiver.url)).toMatchObject({
      kind: 'unanswered',
      // A proxy that forwards a request may be waiting for the receiver.
      code: scheme === 'https' ? `PROXY_ETIMEDOUT at ${started.url.host}` : 'ETIMEDOUT',
    });
  });

  test('keeps the code of a receiver that is away', async () => {
    const url = new URL(`${scheme}://localhost:${await freePort()}/`);
    expect(await poster(DIRECT)(url)).toMatchObject({ kind: 'unanswered', code: 'ECONNREFUSED' });
  });
});

describe('a tunnel', () => {
  test.each([403, 502, 503])('that the proxy refuses with %i names the proxy', async (status) => {
    const receiver = await serve('https');
    const started = await proxy();
    started.refuseWith(status);
    expect(await poster(by(started.url))(receiver.url)).toMatchObject({
      kind: 'unanswered',
      code: `PROXY_${status} at ${started.url.host}`,
    });
  });

  test('that the proxy refuses and then resets does not end the process', async () => {
    const receiver = await serve('https');
    const started = await proxy();
    started.refuseWith('reset');
    const post = poster(by(started.url));
    for (let tries = 0; tries < 5; tries += 1) {
      expect(await post(receiver.url)).toMatchObject({
        kind: 'unanswered',
        code: expect.stringMatching(/^PROXY_(407|ECONNRESET) at 127/) as unknown,
      });
    }
  });

  test('may take longer to open than an idle connection is kept', async () => {
    const receiver = await serve('https');
    const slow = createHttpServer();
    slow.on('connect', (_, socket) => {
      setTimeout(() => socket.end('HTTP/1.1 503 Busy\r\n\r\n'), 2_500);
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void slow.close());
    const { port } = slow.address() as AddressInfo;
    const post = poster(by(new URL(`http://127.0.0.1:${port}`)));
    expect(await post(receiver.url)).toMatchObject({
      kind: 'unanswered',
      code: `PROXY_503 at 127.0.0.1:${port}`,
    });
  });

  test('to a receiver that never answers does not name the proxy', async () => {
    const silent = createTcpServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const post = poster(by((await proxy()).url), 300);
    expect(await post(new URL(`https://127.0.0.1:${port}/`))).toMatchObject({
      kind: 'unanswered',
      code: 'ETIMEDOUT',
    });
  });

  test('that is being opened ends when the relay stops', async () => {
    const started = await proxy();
    started.refuseWith('hang');
    const { post, close } = createPostJson({
      timeoutMs: 60_000,
      proxy: by(started.url),
      monotonicMs: () => 0,
    });
    const request = { body: '', headers: {} };
    const posted = post(new URL('https://localhost/'), request, new AbortController().signal);
    await waitUntil('the tunnel', () => started.requests.length === 1);
    close();
    expect(await posted).toMatchObject({ kind: 'unanswered' });
  });

  test('does not hide the receiver’s certificate error', async () => {
    setDefaultCACertificates(trusted);
    onTestFinished(() => setDefaultCACertificates([...trusted, CERT]));
    const receiver = await serve('https');
    const { url } = await proxy();
    expect(await poster(by(url))(receiver.url)).toMatchObject({
      kind: 'unanswered',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });
});

/**
 * Starts a server on an address of loopback in a stopped process whose queue is full, so that the
 * kernel drops connections until `thaw`; it answers 200.
 */
async function frozenServer(host: string) {
  const script = `
    const server = require('node:http').createServer((_, response) => response.end('ok'));
    server.listen({ port: 0, host: '${host}', backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  child.kill('SIGSTOP');
  const fillers = Array.from({ length: 4 }, () => connect(port, host).on('error', () => undefined));
  onTestFinished(() => {
    for (const filler of fillers) filler.destroy();
  });
  const [first, second] = fillers;
  await waitUntil(
    'a full queue',
    () => first?.connecting === false && second?.connecting === false,
  );
  return { port, thaw: () => void child.kill('SIGCONT') };
}

describe('the time for one address of a name', () => {
  test('is enough for a line whose first packet is lost, where the other address is dead', async () => {
    const [slow, dead] = ['127.0.0.2', '127.0.0.3'];
    const { port, thaw } = await frozenServer(slow);
    vi.spyOn(dns, 'lookup').mockImplementation(((
      _host: string,
      _options: object,
      callback: (error: null, addresses: readonly object[]) => void,
    ) => {
      callback(
        null,
        [slow, dead].map((address) => ({ address, family: 4 })),
      );
    }) as unknown as typeof dns.lookup);
    onTestFinished(() => void vi.restoreAllMocks());
    const posted = poster(DIRECT)(new URL(`http://slow.example:${port}/`));
    setTimeout(thaw, 600);
    expect(await posted).toMatchObject({ kind: 'answered', status: 200 });
  });

  test('is 2.5 seconds', () => {
    createOutgoing({ timeoutMs: 1_000 }).close();
    expect(getDefaultAutoSelectFamilyAttemptTimeout()).toBe(2_500);
  });

  const flag = '--network-family-autoselection-attempt-timeout=700';
  test.each([
    ['on the command line', [flag], {}],
    ['in NODE_OPTIONS', [], { NODE_OPTIONS: flag }],
  ])('stays as it was set %s', async (_, args, env) => {
    const script = `
      const { createOutgoing } = await import('${new URL('../../src/network/outgoing.io.ts', import.meta.url).href}');
      createOutgoing({ timeoutMs: 1_000 });
      process.stdout.write(String((await import('node:net')).getDefaultAutoSelectFamilyAttemptTimeout()));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...args, '--input-type=module', '--eval', script],
      { env: { PATH: process.env['PATH'], ...env } },
    );
    expect(stdout).toBe('700');
  });
});
