import type { ServerResponse } from 'node:http';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/**
 * Server-Sent Events to all open pages: html.spec.whatwg.org/multipage/server-sent-events.html.
 */
export interface EventStream {
  /** Keeps a response open for events. It begins with the event of `greet`. */
  readonly open: (response: ServerResponse) => void;
  readonly send: (event: string, data: unknown) => void;
  readonly close: () => void;
}

const RECONNECT_MS = 1_000;
const MAX_PAGES = 50;
// A page that falls this far behind is disconnected: it reconnects by itself and starts over.
const MAX_UNREAD_BYTES = 16_000_000;

/**
 * Creates an event stream. `greet` returns the event that a page starts with, so that one that
 * reconnects misses nothing. `beat` is sent every second and keeps the connections alive.
 */
export function createEventStream(
  greet: () => readonly [event: string, data: unknown],
  beat: () => readonly [event: string, data: unknown],
): EventStream {
  const pages = new Set<ServerResponse>();
  let timer: NodeJS.Timeout | undefined;

  function write(page: ServerResponse, event: string, data: unknown): void {
    // JSON has no line breaks, which would end the event.
    page.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (page.writableLength > MAX_UNREAD_BYTES) page.destroy();
  }

  function send(event: string, data: unknown): void {
    for (const page of pages) write(page, event, data);
  }

  return {
    send,
    open(response) {
      if (pages.size >= MAX_PAGES) {
        response.writeHead(503).end();
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(`retry: ${RECONNECT_MS}\n\n`);
      write(response, ...greet());
      pages.add(response);
      timer ??= setInterval(() => send(...beat()), 1_000);
      response.once('close', () => {
        pages.delete(response);
        if (pages.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      });
    },
    close() {
      clearInterval(timer);
      for (const page of pages) page.end();
    },
  };
}

/** A file of the inbox's page, with the headers that it is served with. */
export interface PageFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Buffer;
}

// The page loads nothing from other hosts and sends nothing there, and no text can become script or
// style.
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
} as const;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads the files of the page, by the paths at which they are served; `index.html` is at `/`. No
 * request's path ever reaches the file system.
 */
export function readPageFiles(
  folder = join(import.meta.dirname, 'page'),
): ReadonlyMap<string, PageFile> {
  return new Map(
    readdirSync(folder).flatMap((name) => {
      const contentType = CONTENT_TYPES[extname(name)];
      if (contentType === undefined) return [];
      const path = name === 'index.html' ? '/' : `/${name}`;
      const headers = { ...PAGE_HEADERS, 'content-type': contentType };
      return [[path, { headers, content: readFileSync(join(folder, name)) }]];
    }),
  );
}
