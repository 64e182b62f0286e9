import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind } from './plan.ts';
import type { Post, PostEnd } from './record.ts';

/** The receiving end of a webhook, with faults that can be switched on and off. */
export interface ChaosReceiver {
  readonly url: string;
  /** Begins a fault, or ends it (null). Resolves when this has happened. */
  suffer(kind: FaultKind | null): Promise<void>;
  stop(): Promise<void>;
}

const MAX_ANSWER_MS = 250;
const BIND_TRIES = 300;

/**
 * Starts a receiver that takes up to a quarter of a second for its answer, so that faults hit
 * POSTs in flight. `onPost` gets each POST when it has ended.
 */
export async function startChaosReceiver(options: {
  readonly name: string;
  readonly onPost: (post: Post) => void;
  readonly nowMs: () => number;
  readonly random: () => number;
}): Promise<ChaosReceiver> {
  const { nowMs, random } = options;
  let fault: FaultKind | null = null;
  /** The one mention that it refuses during the fault `picky`, alone or in a batch: the first to come. */
  let indigestible: string | undefined;

  const server = createServer((request, response) => {
    readWhole(request).then(
      (text) => receive(text, request, response),
      // The sender was gone before the body was read: nothing was taken.
      () => response.destroy(),
    );
  });

  function receive(text: string, request: IncomingMessage, response: ServerResponse): void {
    const atMs = nowMs();
    const mentions = mentionsIn(text);
    const current = fault;
    let ended = false;
    const end = (how: PostEnd): void => {
      if (ended) return;
      ended = true;
      options.onPost({ receiver: options.name, atMs, endedAtMs: nowMs(), end: how, mentions });
    };
    if (current === 'picky') indigestible ??= mentions[0];
    const fails =
      current === '500' || (indigestible !== undefined && mentions.includes(indigestible));
    const refused = fails || current === '429';
    response.once('finish', () => end(refused ? 'refused' : 'accepted'));
    response.once('close', () => {
      if (refused) end('refused');
      else end(fault === 'down' ? 'unanswered' : 'gone');
    });

    if (current === 'reset' || current === 'hang') {
      end('unanswered');
      if (current === 'reset') request.socket.resetAndDestroy();
    } else if (refused) {
      const seconds = 1 + Math.floor(random() * 4);
      if (current === '429') response.setHeader('retry-after', String(seconds));
      response.writeHead(fails ? 500 : 429).end('no');
    } else {
      const timer = setTimeout(() => response.end('ok'), random() * MAX_ANSWER_MS);
      response.once('close', () => clearTimeout(timer));
    }
  }

  async function listen(port: number): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await new Promise<void>((resolve, reject) => {
          server.once('error', reject);
          server.listen(port, '127.0.0.1', () => {
            server.off('error', reject);
            resolve();
          });
        });
        return;
      } catch (error) {
        // An outgoing connection may have this port for a while.
        if (tries === BIND_TRIES) throw error;
        await sleep(100);
      }
    }
  }

  async function close(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    async suffer(kind) {
      const before = fault;
      fault = kind;
      indigestible = undefined;
      if (kind === 'down') await close();
      else if (before === 'down') await listen(port);
      // Hanging requests are closed, so that keep-alive connections start afresh.
      else if (before === 'hang') server.closeAllConnections();
    },
    stop: close,
  };
}

async function readWhole(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

interface Posted {
  readonly data?: { readonly id: string } | readonly { readonly id: string }[];
  readonly blocks?: readonly { readonly elements?: readonly { readonly text: string }[] }[];
}

const POST_LINK = /\/permalink\/(\d+)[^|]*\|Open post>/;

/** Returns the ids of the sandbox's mentions in the body of a POST, be it http or Slack, one mention or a batch. */
function mentionsIn(body: string): string[] {
  const { data, blocks } = JSON.parse(body) as Posted;
  if (data !== undefined) return [data].flat().map(({ id }) => id);
  return (blocks ?? []).flatMap(({ elements }) =>
    (elements ?? []).flatMap(({ text }) => POST_LINK.exec(text)?.[1] ?? []),
  );
}
