import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitUntil } from '../helpers/wait-until.ts';
import { epochMs } from './processes.ts';

/** One POST that a receiver took. */
export interface Arrival {
  /** When its body was complete, in milliseconds since 1970 with fractions. */
  readonly atMs: number;
  readonly mentions: number;
}

/** Receivers in the process of the bench, which has nothing else to do while it measures. */
export interface Receivers {
  /** Returns the URLs of this many receivers, the same ones each time. */
  open(count: number): Promise<readonly string[]>;
  /** Forgets all arrivals. */
  clear(): void;
  /** Resolves with all arrivals when this many mentions have come; throws after `timeoutMs`. */
  waitFor(mentions: number, timeoutMs: number): Promise<readonly Arrival[]>;
  stop(): void;
}

// A name that each mention has once: parsing the body would cost more.
const COUNTED = Buffer.from('"spotted":');

/** Returns receivers that accept everything at once. */
export function startReceivers(): Receivers {
  let arrivals: Arrival[] = [];
  let mentions = 0;

  async function listen() {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('error', () => undefined);
      request.on('end', () => {
        const count = occurrences(Buffer.concat(chunks));
        arrivals.push({ atMs: epochMs(), mentions: count });
        mentions += count;
        response.end('ok');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  const servers: Awaited<ReturnType<typeof listen>>[] = [];
  return {
    async open(count) {
      while (servers.length < count) servers.push(await listen());
      return servers
        .slice(0, count)
        .map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
    },
    clear() {
      arrivals = [];
      mentions = 0;
    },
    async waitFor(wanted, timeoutMs) {
      await waitUntil(`${wanted} mentions`, () => mentions >= wanted, timeoutMs);
      return [...arrivals];
    },
    stop() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function occurrences(body: Buffer): number {
  let count = 0;
  for (let at = body.indexOf(COUNTED); at !== -1; at = body.indexOf(COUNTED, at + 1)) count += 1;
  return count;
}
