import type { ServerResponse } from 'node:http';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/**
 * Server-Sent Events to all pages that are open:
 * html.spec.whatwg.org/multipage/server-sent-events.html.
 */
export interface EventStream {
  /** Takes over a response. The first thing it gets is what `greet` makes. */
  readonly open: (response: ServerResponse) => void;
  readonly send: (event: string, data: unknown) => void;
  readonly close: () => void;
}

const RECONNECT_MS = 1_000;
const MAX_PAGES = 50;
// A page that reads this much too slowly is let go: it comes back by itself and starts anew.
const MAX_UNREAD_BYTES = 16_000_000;

/**
 * `greet` gives the event that a page starts with, so that one that connects again misses nothing;
 * `beat` is sent every second while a page is open, and keeps the connection alive.
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

/** A file of the inbox's page, as it is served. */
export interface PageFile {
  readonly contentType: string;
  readonly content: Buffer;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The files of the page by the paths they are served at; `index.html` is at `/`. They are read
 * once: no request's path ever reaches the file system.
 */
export function readPageFiles(
  folder = join(import.meta.dirname, 'page'),
): ReadonlyMap<string, PageFile> {
  return new Map(
    readdirSync(folder).flatMap((name) => {
      const contentType = CONTENT_TYPES[extname(name)];
      if (contentType === undefined) return [];
      const path = name === 'index.html' ? '/' : `/${name}`;
      return [[path, { contentType, content: readFileSync(join(folder, name)) }]];
    }),
  );
}
