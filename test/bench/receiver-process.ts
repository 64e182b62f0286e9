/** The receivers of a bench, in a process of their own: its parent speaks to it by messages. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { epochMs } from './epoch.ts';
import type { Arrival, ReceiverOrder, ReceiverReport } from './receivers.ts';

const COUNTED = Buffer.from('"spotted":');
const FIRST_ID = /"id":"([^"]+)"/;

let arrivals: Arrival[] = [];
let mentions = 0;
let delayMs = 0;
let keepsIds = false;
let awaited = Infinity;
const servers: Server[] = [];

function report(message: ReceiverReport): void {
  process.send?.(message);
}

function arrived(receiver: number, body: Buffer): void {
  const count = occurrences(body);
  const id = keepsIds ? (FIRST_ID.exec(body.toString('utf8'))?.[1] ?? null) : null;
  arrivals.push({ atMs: epochMs(), receiver, mentions: count, id });
  mentions += count;
  reportIfComplete();
}

/** How many mentions a body has, by a name that each has once: to parse it would cost more. */
function occurrences(body: Buffer): number {
  let count = 0;
  for (let at = body.indexOf(COUNTED); at !== -1; at = body.indexOf(COUNTED, at + 1)) count += 1;
  return count;
}

function reportIfComplete(): void {
  if (mentions < awaited) return;
  awaited = Infinity;
  report({ kind: 'complete', arrivals });
}

async function open(count: number): Promise<void> {
  while (servers.length < count) {
    const receiver = servers.length;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('error', () => undefined);
      request.on('end', () => {
        arrived(receiver, chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
        if (delayMs === 0) response.end('ok');
        else setTimeout(() => response.end('ok'), delayMs);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  report({ kind: 'open', ports: ports.slice(0, count) });
}

process.on('message', (order: ReceiverOrder) => {
  switch (order.kind) {
    case 'open':
      void open(order.count);
      break;
    case 'begin':
      ({ delayMs, keepsIds } = order);
      arrivals = [];
      mentions = 0;
      awaited = Infinity;
      report({ kind: 'begun' });
      break;
    case 'await':
      awaited = order.mentions;
      reportIfComplete();
      break;
    case 'look':
      report({ kind: 'complete', arrivals });
  }
});
process.on('disconnect', () => process.exit());
