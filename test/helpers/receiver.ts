import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitUntil } from './wait-until.ts';

/** One request that a receiver got. */
export interface Received {
  readonly atMs: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: () => Record<string, unknown>;
}

/** The answer of a receiver; `hang` keeps the connection open and sends nothing. */
export type ReceiverAnswer =
  | 'hang'
  | 'reset'
  | {
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    };

type Answer = (request: Received, count: number) => ReceiverAnswer | Promise<ReceiverAnswer>;

/** The receiving end of a webhook: a real HTTP server that keeps its requests. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** The ids of the mentions received so far, in order of arrival, repeats too. */
  mentionIds(): string[];
  answerWith(answer: Answer): void;
  waitFor(count: number, timeoutMs?: number): Promise<readonly Received[]>;
  stop(): Promise<void>;
}

/** Starts a receiver that answers 200 `ok`, as Slack does, until `answerWith` changes that. */
export async function startReceiver(path = '/hook/secret-path-of-the-receiver'): Promise<Receiver> {
  const received: Received[] = [];
  let answer: Answer = () => ({ status: 200 });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const entry: Received = {
        atMs: Date.now(),
        path: request.url ?? '',
        headers: request.headers,
        text,
        json: () => JSON.parse(text) as Record<string, unknown>,
      };
      received.push(entry);
      void reply(entry, request, response);
    });
  });
  async function reply(
    entry: Received,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const given = await answer(entry, received.length);
    if (given === 'hang') return;
    if (given === 'reset') {
      request.socket.destroy();
      return;
    }
    response.writeHead(given.status, given.headers);
    response.end(given.body ?? 'ok');
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}${path}`,
    received,
    mentionIds: () =>
      received.map(({ json }) => String((json()['data'] as { id?: unknown } | undefined)?.id)),
    answerWith(next) {
      answer = next;
    },
    async waitFor(count, timeoutMs) {
      await waitUntil(
        `${count} requests at the receiver`,
        () => received.length >= count,
        timeoutMs,
      );
      return received;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
