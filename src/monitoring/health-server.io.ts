import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { explainListenError } from '../domain/explanation.ts';

/** What is answered to one request. */
export interface HealthAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What is served, by path. */
type Pages = ReadonlyMap<string, () => Promise<HealthAnswer>>;

/** A running server of health and metrics. */
export interface HealthServer {
  /** The one that was asked for, or the free one that was taken for 0. */
  readonly port: number;
  /** Ends it at once, with the connections that are open. */
  readonly close: () => Promise<void>;
}

/** Why the port can't be served, in words for the operator. */
export class HealthServerError extends Error {
  override readonly name = 'HealthServerError';
}

// Those who ask send a few lines at once. Whoever is slower than this only holds a connection.
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 100;
const SETTINGS = { hostSetting: 'HEALTH_HOST', portSetting: 'HEALTH_PORT' };

/**
 * Serves each of these paths to GET and HEAD. Other methods get 405, other paths 404, and a page
 * that throws 500 without a word of the error. Throws HealthServerError if it can't listen.
 */
export async function startHealthServer(options: {
  readonly host: string;
  readonly port: number;
  readonly pages: Pages;
}): Promise<HealthServer> {
  const { host, port, pages } = options;
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => void answer(pages, request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new HealthServerError(explainListenError(error, { host, port, ...SETTINGS }))),
    );
    server.listen(port, host, resolve);
  });
  // Nobody waits for a relay to end that does nothing but tell of its health.
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  pages: Pages,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const method = request.method ?? '';
  const { status, contentType, body, headers } = await answerTo(pages, method, path);
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : body);
}

type Answer = HealthAnswer & { readonly headers?: Readonly<Record<string, string>> };

async function answerTo(pages: Pages, method: string, path: string): Promise<Answer> {
  const page = pages.get(path);
  if (page === undefined) return plain(404, `There is ${[...pages.keys()].join(', ')}.`);
  if (method !== 'GET' && method !== 'HEAD') {
    return { ...plain(405, 'GET and HEAD only.'), headers: { allow: 'GET, HEAD' } };
  }
  try {
    return await page();
  } catch {
    return plain(500, 'This page failed.');
  }
}

function plain(status: number, text: string): HealthAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}
