import { createServer, request as requestHttp } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** One request that a proxy got: `CONNECT` with `host:port`, or another method with a whole URL. */
export interface ProxyRequest {
  readonly method: string;
  readonly target: string;
  readonly authorization: string | undefined;
}

/** A real proxy on loopback: it forwards http requests, and opens tunnels for https ones. */
export interface Proxy {
  readonly url: URL;
  readonly requests: readonly ProxyRequest[];
  /** Answers all that follows with this status, or hangs, or resets the connection after the status. */
  refuseWith(how: number | 'hang' | 'reset'): void;
  stop(): Promise<void>;
}

export async function startProxy(): Promise<Proxy> {
  const requests: ProxyRequest[] = [];
  const sockets = new Set<Socket>();
  let refusal: number | 'hang' | 'reset' | null = null;
  const server = createServer((request, response) => {
    const { method = '', url: target = '', headers } = request;
    requests.push({ method, target, authorization: headers['proxy-authorization'] });
    if (refusal === 'hang') return;
    if (refusal !== null) {
      response.writeHead(refusal === 'reset' ? 407 : refusal).end('words of the proxy');
      return;
    }
    const { 'proxy-authorization': _, 'proxy-connection': __, ...passedOn } = headers;
    const onward = requestHttp(target, { method, headers: passedOn }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on('connect', (request, socket: Socket, head: Buffer) => {
    const target = request.url ?? '';
    const authorization = request.headers['proxy-authorization'];
    requests.push({ method: 'CONNECT', target, authorization });
    socket.on('error', () => undefined);
    if (refusal === 'hang') return;
    if (refusal !== null) {
      socket.write(`HTTP/1.1 ${refusal === 'reset' ? 407 : refusal} Refused\r\n\r\n`, () => {
        if (refusal === 'reset') setImmediate(() => socket.resetAndDestroy());
        else socket.end();
      });
      return;
    }
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(target) ?? [];
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    sockets.add(onward);
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://user:p%40ss-SECRET@127.0.0.1:${port}`),
    requests,
    refuseWith(how) {
      refusal = how;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
