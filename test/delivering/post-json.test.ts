import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPostJson } from '../../src/delivering/post-json.io.ts';
import { freePort } from '../helpers/private-redis.ts';
import { startReceiver, type Receiver, type ReceiverAnswer } from '../helpers/receiver.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const SECRET_PATH = '/services/T00SECRETPATH';
const REQUEST = {
  body: '{"text":"Grüße 😀"}',
  headers: {
    'content-type': 'application/json',
    'user-agent': 'mention-relay/1.2.3',
    'x-api-key': 'SECRET-header',
  },
};
const KIB = 1024;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

interface Served {
  readonly url: URL;
  readonly requests: () => number;
  /** How many connections were ever opened, and how many are open now. */
  readonly connections: () => { readonly opened: number; readonly open: number };
}

/** A server for what a receiver of test/helpers does not do. */
async function serve(handler: Handler): Promise<Served> {
  let requests = 0;
  let opened = 0;
  let open = 0;
  const server = createServer((request, response) => {
    requests += 1;
    response.on('error', () => undefined);
    handler(request, response);
  });
  server.on('connection', (socket) => {
    opened += 1;
    open += 1;
    socket.on('close', () => (open -= 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://user:SECRET-password@127.0.0.1:${port}${SECRET_PATH}`),
    requests: () => requests,
    connections: () => ({ opened, open }),
  };
}

async function receiver(answer: ReceiverAnswer = { status: 200 }): Promise<Receiver> {
  const started = await startReceiver(SECRET_PATH);
  onTestFinished(() => started.stop());
  started.answerWith(() => answer);
  return started;
}

/** What is under test, on a clock that goes on by 250 ms whenever it is read. */
function poster(timeoutMs = 10_000) {
  let nowMs = 1_000;
  const { post, close } = createPostJson({ timeoutMs, monotonicMs: () => (nowMs += 250) });
  onTestFinished(close);
  return {
    post: (url: string | URL, signal: AbortSignal = new AbortController().signal) =>
      post(new URL(url), REQUEST, signal),
    close,
  };
}

describe('a POST that is answered', () => {
  test('sends the body and the headers as they are', async () => {
    const { url, received } = await receiver();
    await poster().post(url);
    expect(received).toMatchObject([
      {
        path: SECRET_PATH,
        text: REQUEST.body,
        headers: {
          ...REQUEST.headers,
          'content-length': String(Buffer.byteLength(REQUEST.body)),
        },
      },
    ]);
  });

  test('gives status, headers, body and how long it took', async () => {
    const { url } = await receiver({
      status: 429,
      body: 'Grüße',
      headers: { 'Retry-After': '30', 'X-Other': 'a' },
    });
    expect(await poster().post(url)).toEqual({
      kind: 'answered',
      status: 429,
      headers: expect.objectContaining({ 'retry-after': '30', 'x-other': 'a' }) as unknown,
      body: 'Grüße',
      durationMs: 250,
    });
  });

  test.each([200, 204, 400, 404, 500, 503])(
    'is made once, whatever is answered: %i',
    async (status) => {
      const { url, received } = await receiver({ status, body: '' });
      expect(await poster().post(url)).toMatchObject({ kind: 'answered', status, body: '' });
      expect(received).toHaveLength(1);
    },
  );

  test.each([301, 302, 303, 307, 308])('does not follow a redirect by %i', async (status) => {
    const elsewhere = await receiver();
    const { url, received } = await receiver({ status, headers: { location: elsewhere.url } });
    expect(await poster().post(url)).toMatchObject({ kind: 'answered', status });
    expect(received).toHaveLength(1);
    expect(elsewhere.received).toEqual([]);
  });

  test('gives several headers of one name as one', async () => {
    const { url } = await serve((_, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.end();
    });
    expect(await poster().post(url)).toMatchObject({ headers: { 'set-cookie': 'a=1, b=2' } });
  });

  test('gives the first 16 KB of a body that has no end, and ends the connection', async () => {
    const { url, connections } = await serve((_, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(KIB)));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    });
    expect(await poster().post(url)).toMatchObject({
      kind: 'answered',
      status: 200,
      body: 'x'.repeat(16 * KIB),
    });
    await waitUntil('the connection to end', () => connections().open === 0);
  });

  test('gives a body of just 16 KB whole', async () => {
    const body = `${'x'.repeat(16 * KIB - 1)}y`;
    const { url } = await receiver({ status: 500, body });
    expect(await poster().post(url)).toMatchObject({ body });
  });

  test('does not unfold a compressed body', async () => {
    const unfolded = 'x'.repeat(8 * KIB * KIB);
    const bomb = gzipSync(unfolded);
    expect(bomb.length).toBeLessThan(16 * KIB);
    const { url } = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(bomb);
    });
    expect(await poster().post(url)).toMatchObject({ body: bomb.toString('utf8') });
  });

  test('does not ask for a compressed body', async () => {
    const { url, received } = await receiver();
    await poster().post(url);
    expect(received[0]?.headers['accept-encoding']).toBeUndefined();
  });

  test('shares its connection with the next', async () => {
    const { url, requests, connections } = await serve((request, response) => {
      request.resume().on('end', () => response.end('ok'));
    });
    const { post, close } = poster();
    await post(url);
    await post(url);
    expect(requests()).toBe(2);
    expect(connections()).toEqual({ opened: 1, open: 1 });
    close();
    await waitUntil('the connection to end', () => connections().open === 0);
  });

  test('logs in with the user and the password of its URL', async () => {
    const { url, received } = await receiver();
    const target = new URL(url);
    target.username = 'user';
    target.password = 'SECRET';
    await poster().post(target);
    expect(received[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('user:SECRET').toString('base64')}`,
    );
  });
});

describe('a connection', () => {
  test('that is idle for two seconds is closed, before its receiver might do so', async () => {
    const { url, connections } = await serve((_, response) => response.end('ok'));
    await poster().post(url);
    expect(connections()).toEqual({ opened: 1, open: 1 });
    await waitUntil('the idle connection to close', () => connections().open === 0, 4_000);
  });

  test('whose receiver takes longer than that to answer is kept', async () => {
    const { url } = await serve((_, response) => {
      setTimeout(() => response.end('ok'), 2_500);
    });
    expect(await poster().post(url)).toMatchObject({ kind: 'answered', status: 200, body: 'ok' });
  });
});

describe('a receiver that leaves the connection open', () => {
  test.each<[string, Handler]>([
    ['without a length', (request) => void request.socket.write('HTTP/1.1 200 OK\r\n\r\nok')],
    ['in the middle of the body', (_, response) => response.write('ok')],
  ])(
    '%s has accepted the message long before the time of an attempt is over',
    async (_case, answer) => {
      const { url } = await serve(answer);
      const { post } = poster(600_000);
      const result = await post(url);
      expect(result).toMatchObject({ kind: 'answered', status: 200, body: 'ok' });
    },
  );
});

describe('a receiver that closes the connection behind its answer', () => {
  test('gets each message once, at once, on a connection of its own', async () => {
    const { url, requests } = await serve((request, response) => {
      response.end('ok', () => setImmediate(() => request.socket.destroy()));
    });
    const { post } = poster();
    for (let count = 0; count < 20; count += 1) {
      const result = await post(url);
      expect(result).toMatchObject({ kind: 'answered', status: 200 });
    }
    expect(requests()).toBe(20);
  });

  test('and resets every connection is not asked without end', async () => {
    const { url, requests } = await serve((request, response) => {
      if (requests() === 1) response.end('ok');
      else request.socket.destroy();
    });
    const { post } = poster();
    await post(url);
    const result = await post(url);
    expect(result).toMatchObject({ kind: 'unanswered', code: 'ECONNRESET' });
    // The reused connection, and a new one.
    expect(requests()).toBe(3);
  });
});

describe('an answer whose body breaks off', () => {
  test.each<[string, Handler, string]>([
    [
      'where the receiver stops in the middle of it',
      (_, response) => {
        response.writeHead(201).write('o');
      },
      'o',
    ],
    [
      'where the connection is closed in the middle of it',
      (request, response) => {
        response.writeHead(201).write('ok', () => request.socket.destroy());
      },
      'ok',
    ],
    [
      'where the connection is closed before the length that was announced',
      (request, response) => {
        response.writeHead(201, { 'content-length': '100' });
        response.write('ok', () => request.socket.destroy());
      },
      'ok',
    ],
  ])('counts by its status, %s', async (_, handler, body) => {
    const { url, requests } = await serve(handler);
    const result = await poster(200).post(url);
    expect(result).toMatchObject({ kind: 'answered', status: 201, body });
    expect(requests()).toBe(1);
  });
});

/** A server that answers the first bytes of a request with a text of its own. */
async function answerRaw(answer: (socket: Socket, text: string) => void): Promise<URL> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => answer(socket, data.toString('utf8')));
    socket.on('data', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${SECRET_PATH}`);
}

describe('an answer that comes before the body was sent', () => {
  const TOO_LARGE = 'HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig';

  test.each(
    [200, 2_000, 16_000].flatMap((size) => [
      [size, 'closes', (socket: Socket) => socket.destroy()] as const,
      [size, 'resets', (socket: Socket) => socket.resetAndDestroy()] as const,
      [size, 'ends', (socket: Socket) => socket.end()] as const,
    ]),
  )('is read though of %i KB the rest is refused: the receiver %s', async (size, _, end) => {
    const url = await answerRaw((socket) => {
      socket.pause();
      socket.write(TOO_LARGE, () => end(socket));
    });
    const { post, close } = createPostJson({ timeoutMs: 10_000, monotonicMs: () => 0 });
    onTestFinished(close);
    const request = { ...REQUEST, body: 'x'.repeat(size * KIB) };
    expect(await post(url, request, new AbortController().signal)).toMatchObject({
      kind: 'answered',
      status: 413,
    });
  });
});

describe('an answer that is not strictly HTTP', () => {
  const LENGTH = 'content-length: 2\r\n';

  test.each<[string, string]>([
    ['lines end in LF alone', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok'],
    ['a control character in a header', `HTTP/1.1 200 OK\r\nx-a: a\u0001b\r\n${LENGTH}\r\nok`],
    [
      'a cookie of 20 KB',
      `HTTP/1.1 200 OK\r\nset-cookie: ${'x'.repeat(20_000)}\r\n${LENGTH}\r\nok`,
    ],
    ['a folded header', `HTTP/1.1 200 OK\r\nx-a: b\r\n  c\r\n${LENGTH}\r\nok`],
    [
      'two framings',
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n${LENGTH}\r\n2\r\nok\r\n0\r\n\r\n`,
    ],
    ['two lengths', `HTTP/1.1 200 OK\r\n${LENGTH}${LENGTH}\r\nok`],
    ['a header without a name', `HTTP/1.1 200 OK\r\n<br />\r\n${LENGTH}\r\nok`],
    ['a space in a name', `HTTP/1.1 200 OK\r\nx a : b\r\n${LENGTH}\r\nok`],
    ['another version', `HTTP/2 200\r\n${LENGTH}\r\nok`],
    ['lower case', `http/1.1 200 ok\r\n${LENGTH}\r\nok`],
    ['no reason', `HTTP/1.1 200\r\n${LENGTH}\r\nok`],
    ['a continue first', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n${LENGTH}\r\nok`],
    ['early hints first', `HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n${LENGTH}\r\nok`],
    ['a compression that is none', `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n${LENGTH}\r\nok`],
    ['a length beyond its body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nok'],
  ])('is read with %s', async (_, text) => {
    const url = await answerRaw((socket) => socket.end(text));
    expect(await poster().post(url)).toMatchObject({ kind: 'answered', status: 200, body: 'ok' });
  });

  test.each<[string, string, number]>([
    ['chunks', 'HTTP/1.1 201 OK\r\ntransfer-encoding: chunked\r\n\r\nok', 201],
    ['a chunk size', 'HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 500],
    ['headers', 'HTTP/1.1 503 No\r\n<br />\r\n\r\n', 503],
  ])('counts by its status where %s cannot be read', async (_, text, status) => {
    const url = await answerRaw((socket) => socket.end(text));
    expect(await poster().post(url)).toMatchObject({ kind: 'answered', status });
  });

  test.each<[string, string, string]>([
    ['a page without headers', '<html>ok</html>', 'HPE_INVALID_CONSTANT'],
    ['another protocol', 'ICY 200 OK\r\n\r\n', 'HPE_INVALID_CONSTANT'],
    ['a status that does not exist', 'HTTP/1.1 2000 OK\r\n\r\n', 'HPE_INVALID_STATUS'],
    [
      'headers without end',
      `HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(40_000)}`,
      'HPE_HEADER_OVERFLOW',
    ],
  ])('has a code if it cannot be read at all: %s', async (_, text, code) => {
    const url = await answerRaw((socket) => socket.end(text));
    expect(await poster().post(url)).toMatchObject({ kind: 'unanswered', code });
  });
});

describe('a POST that is not answered', () => {
  const silence: Handler = () => undefined;

  test.each<[string, Handler, string]>([
    ['a receiver that says nothing', silence, 'ETIMEDOUT'],
    [
      'a receiver that never ends its headers',
      (_, response) => response.writeContinue(),
      'ETIMEDOUT',
    ],
    ['a connection that is reset', (request) => request.socket.resetAndDestroy(), 'ECONNRESET'],
    ['a connection that is closed', (request) => request.socket.destroy(), 'ECONNRESET'],
    [
      'an answer that is no HTTP',
      (request) => request.socket.end('SSH-2.0-something\r\n'),
      'HPE_INVALID_CONSTANT',
    ],
  ])('tells a code, and is made once: %s', async (_, handler, code) => {
    const { url, requests } = await serve(handler);
    const result = await poster(200).post(url);
    expect(result).toEqual({ kind: 'unanswered', code, durationMs: 250 });
    expect(requests()).toBe(1);
  });

  test('tells a code where nobody listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}${SECRET_PATH}`;
    expect(await poster().post(url)).toEqual({
      kind: 'unanswered',
      code: 'ECONNREFUSED',
      durationMs: 250,
    });
  });

  test('tells a code where TLS meets a server without', async () => {
    const { url } = await receiver();
    const result = await poster().post(url.replace('http:', 'https:'));
    expect(result).toMatchObject({
      kind: 'unanswered',
      code: expect.stringMatching(/^(EPROTO|ERR_SSL_[A-Z_]+)$/) as unknown,
    });
  });

  test('holds up no other POST', async () => {
    const hanging = await serve(silence);
    const { url } = await receiver();
    const { post, close } = poster();
    const held = post(hanging.url);
    await waitUntil('the POST that hangs', () => hanging.requests() === 1);
    expect(await post(url)).toMatchObject({ kind: 'answered', status: 200 });
    close();
    expect(await held).toMatchObject({ kind: 'unanswered', code: 'ECONNRESET' });
  });

  test('ends by an abort', async () => {
    const { url, requests, connections } = await serve(silence);
    const stop = new AbortController();
    const posted = poster().post(url, stop.signal);
    await waitUntil('the request', () => requests() === 1);
    stop.abort(new Error('the relay is stopping'));
    expect(await posted).toEqual({ kind: 'unanswered', code: 'ERR_ABORTED', durationMs: 250 });
    await waitUntil('the connection to end', () => connections().open === 0);
  });

  test('is not made at all after an abort', async () => {
    const { url, received } = await receiver();
    const result = await poster().post(url, AbortSignal.abort());
    expect(result).toMatchObject({ kind: 'unanswered', code: 'ERR_ABORTED' });
    expect(received).toEqual([]);
  });
});

test.each<[string, Handler]>([
  ['an answer', (_, response) => response.end('ok')],
  ['a reset', (request) => request.socket.resetAndDestroy()],
  ['silence', () => undefined],
])('No result holds the URL, its password or a header: %s', async (_, handler) => {
  const { url } = await serve(handler);
  const result = await poster(200).post(url);
  expect(JSON.stringify(result)).not.toContain('SECRET');
  expect(JSON.stringify(result)).not.toContain(url.host);
});

test('Headers that can not be sent throw nothing', async () => {
  const { url, received } = await receiver();
  const { post, close } = createPostJson({ timeoutMs: 10_000, monotonicMs: () => 0 });
  onTestFinished(close);
  const headers = { 'x-api-key': 'SECRET\nheader' };
  const result = await post(new URL(url), { body: '', headers }, new AbortController().signal);
  expect(result).toMatchObject({ kind: 'unanswered' });
  expect(JSON.stringify(result)).not.toContain('SECRET');
  expect(received).toEqual([]);
});

test('HEAD asks without a body', async () => {
  const seen: string[] = [];
  const { url } = await serve((request, response) => {
    let length = 0;
    request.on('data', (chunk: Buffer) => (length += chunk.length));
    request.on('end', () => {
      seen.push(`${request.method} ${length}`);
      response.writeHead(405).end();
    });
  });
  const { post, close } = createPostJson({
    timeoutMs: 5_000,
    monotonicMs: () => performance.now(),
  });
  onTestFinished(close);
  const result = await post(url, { ...REQUEST, method: 'HEAD' }, new AbortController().signal);
  expect(result).toMatchObject({ kind: 'answered', status: 405, body: '' });
  expect(seen).toEqual(['HEAD 0']);
});
