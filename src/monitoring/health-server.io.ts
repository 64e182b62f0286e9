import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { explainListenError, ExplainedError } from '../domain/explanation.ts';

/** The answer to one request. */
export interface HealthAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The pages by path. */
type Pages = ReadonlyMap<string, () => Promise<HealthAnswer>>;

/** A running server for health and metrics. */
export interface HealthServer {
  /** The configured port, or the free one that was taken for 0. */
  readonly port: number;
  /** Ends the server immediately, including open connections. */
  readonly close: () => Promise<void>;
}

/** The port cannot be served. */
export class HealthServerError extends ExplainedError {
  override readonly name = 'HealthServerError';
}

// Clients send a few lines at once. A slower one only occupies a connection.
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 100;
const SETTINGS = { hostSetting: 'HEALTH_HOST', portSetting: 'HEALTH_PORT' };

/**
 * Serves these pages to GET and HEAD. Other methods get 405, other paths 404, and a page that throws
 * gets 500 without the error's text. Throws HealthServerError if it can't listen.
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
  // This server alone must not keep the process alive.
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
  if (page === undefined) return plain(404, `Pages: ${[...pages.keys()].join(', ')}.`);
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
