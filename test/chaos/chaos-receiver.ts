import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind } from './plan.ts';
import { mentionsIn } from './posted-mentions.ts';
import type { Post, PostEnd } from './record.ts';

/** A webhook's receiving end whose troubles can be switched on and off. */
export interface ChaosReceiver {
  readonly url: string;
  /** Begins a trouble, or ends it (null). Resolves when it is so. */
  suffer(kind: FaultKind | null): Promise<void>;
  stop(): Promise<void>;
}

const MAX_ANSWER_MS = 250;
const BIND_TRIES = 300;

/**
 * Starts a receiver that takes up to a quarter of a second for its answer, so that faults meet
 * POSTs under way. `onPost` is told of each POST when it has ended.
 */
export async function startChaosReceiver(options: {
  readonly name: string;
  readonly onPost: (post: Post) => void;
  readonly nowMs: () => number;
  readonly random: () => number;
}): Promise<ChaosReceiver> {
  const { nowMs, random } = options;
  let trouble: FaultKind | null = null;

  const server = createServer((request, response) => {
    readWhole(request).then(
      (text) => receive(text, request, response),
      // Whoever sent it was gone before it was read: nothing was taken.
      () => response.destroy(),
    );
  });

  function receive(text: string, request: IncomingMessage, response: ServerResponse): void {
    const atMs = nowMs();
    const mentions = mentionsIn(text);
    const suffered = trouble;
    let ended = false;
    const end = (how: PostEnd): void => {
      if (ended) return;
      ended = true;
      options.onPost({ receiver: options.name, atMs, endedAtMs: nowMs(), end: how, mentions });
    };
    const refused = suffered === '500' || suffered === '429';
    response.once('finish', () => end(refused ? 'refused' : 'accepted'));
    response.once('close', () => {
      if (refused) end('refused');
      else end(trouble === 'down' ? 'unanswered' : 'gone');
    });

    if (suffered === 'reset' || suffered === 'hang') {
      end('unanswered');
      if (suffered === 'reset') request.socket.resetAndDestroy();
    } else if (refused) {
      const seconds = 1 + Math.floor(random() * 4);
      if (suffered === '429') response.setHeader('retry-after', String(seconds));
      response.writeHead(Number(suffered)).end('no');
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
        // Somebody's outgoing connection may have been given this port meanwhile.
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
      const before = trouble;
      trouble = kind;
      if (kind === 'down') await close();
      else if (before === 'down') await listen(port);
      // Those that hang are let go, so that a keep-alive connection starts afresh.
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
