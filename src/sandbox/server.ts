import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CONTROL_PATH, control, type Controlled } from './control.ts';
import { putOnWire, type FaultList, type WireAnswer } from './faults.ts';
import type { RequestLog, RequestRecord } from './request-log.ts';
import { failure, route, type AccountState } from './router.ts';

/** The base path of the API on the sandbox's server. */
export const BASE_PATH = '/api';

const MAX_FORM_BYTES = 65_536;
const MAX_CONTROL_BYTES = 8_388_608;

interface Parts {
  readonly log: RequestLog;
  readonly onRequest: (request: RequestRecord) => void;
  readonly faults: FaultList;
  readonly account: AccountState;
  readonly controlled: Controlled;
}

/** Creates the sandbox's HTTP server, not yet listening. */
export function createSandboxServer(parts: Parts): Server {
  return createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] as string;
    const handled = path.startsWith(CONTROL_PATH)
      ? handleControl(request, response, path, parts)
      : handleApi(request, response, path, parts);
    handled.catch((error: unknown) => answerError(request, response, error));
  });
}

function answerError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  // The client went away while its body was read: nobody is left to answer.
  if (!request.complete || response.headersSent) {
    response.destroy();
    return;
  }
  // For example a window that JSON can't hold: a mistake of whoever controls the sandbox.
  const why = error instanceof Error ? error.message : 'unknown';
  send(response, putOnWire(failure(500, {}, `Internal Server Error: ${why}`)));
}

async function handleControl(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  { controlled }: Parts,
): Promise<void> {
  const body = await readBody(request, MAX_CONTROL_BYTES);
  send(response, control(request.method ?? '', path, body, controlled));
}

async function handleApi(
  request: IncomingMessage,
  response: ServerResponse,
  fullPath: string,
  { log, onRequest, faults, account }: Parts,
): Promise<void> {
  // Outside the base path every path is unknown, also a documented one.
  const path = fullPath.startsWith(`${BASE_PATH}/`) ? fullPath.slice(BASE_PATH.length) : '';
  const { atMs, answered } = log.arrive(path || fullPath);
  response.once('close', () => {
    const status = response.writableFinished ? response.statusCode : null;
    onRequest({ atMs, endpoint: (path || fullPath).slice(0, 100), status });
  });
  // Decided on arrival, like the count: a slow body must not change it.
  const waitMs = log.waitMs(atMs);
  // The limit comes first: a request that it refuses uses up no fault.
  const fault = waitMs === null ? faults.take(path) : undefined;

  if (fault?.kind === 'reset' && fault.when !== 'after') {
    request.socket.resetAndDestroy();
    return;
  }
  const body = await readBody(request, MAX_FORM_BYTES);
  if (fault?.kind === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  if (fault?.kind === 'hang') return;

  if (fault?.kind === 'delay') {
    await delay(fault.delayMs, response);
    if (response.destroyed) return;
  }

  const form = parseForm(request.headers['content-type'], body);
  const usual =
    waitMs === null
      ? route({ method: request.method ?? '', path, form }, account)
      : failure(429, { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) });
  const onWire = putOnWire(usual, fault);
  answered(onWire.status);
  send(response, onWire);
}

/** Resolves after the delay, or as soon as the connection ends, so that no timer outlives it. */
function delay(delayMs: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function send(response: ServerResponse, { status, headers, body }: WireAnswer): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}

/** Returns the address of a listening server. A server on all addresses is reached on loopback. */
export function urlOfServer(server: Server, host: string, path: string): URL {
  const { port } = server.address() as AddressInfo;
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const authority = reachable.includes(':') ? `[${reachable}]` : reachable;
  return new URL(`http://${authority}:${port}${path}`);
}

/**
 * Reads a request's body as UTF-8. Returns null if it is longer than `maxBytes`; it is read to its
 * end, so that an answer can follow. Rejects when the client goes away.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  return bytes <= maxBytes ? Buffer.concat(chunks).toString('utf8') : null;
}

/** Returns the parameters of a urlencoded form, or null for another body. No body is an empty form. */
function parseForm(contentType: string | undefined, body: string | null): URLSearchParams | null {
  if (body === '') return new URLSearchParams();
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (body === null || mediaType !== 'application/x-www-form-urlencoded') return null;
  return new URLSearchParams(body);
}
