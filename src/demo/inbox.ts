import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../domain/mention.ts';
import { CHAT_NAMES, CHATS, type Answer, type ChatName } from './chats.ts';
import { createEventStream, readPageFiles } from './page-server.ts';
import { createKeptPosts, type HttpPost, type InboxCounts, type InboxPost } from './kept-posts.ts';
import { verifySignature, type Verification } from './verify-signature.ts';

/** What the page tells besides what arrives. */
export interface DemoStats {
  /** Mentions that the sandbox spotted. */
  readonly spotted: number;
  /** API requests that reached the sandbox in the last 60 seconds. */
  readonly requestsLastMinute: number;
  /** The most of them that the relay may make. */
  readonly requestBudget: number;
}

export interface InboxOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** `whsec_...`: what signed requests are checked with. */
  readonly signingSecret: string;
  readonly stats: () => DemoStats;
  /** Milliseconds since 1970. The system's clock by default. */
  readonly nowMs?: () => number;
}

/** A running inbox: the receiving end of a webhook of each type, and a page that shows what arrives. */
export interface Inbox {
  /** The page. */
  readonly url: URL;
  /** Each takes what a webhook of that chat takes, and answers as it does. */
  readonly chatUrls: Readonly<Record<ChatName, URL>>;
  /** Takes signed JSON. */
  readonly httpUrl: URL;
  readonly counts: () => InboxCounts;
  /** Ends every connection and frees the port. */
  readonly stop: () => Promise<void>;
}

const HTTP_PATH = '/hooks/http';
const CHAT_PATHS: ReadonlyMap<string, ChatName> = new Map(
  CHAT_NAMES.map((name) => [`/hooks/${name}`, name]),
);
const MAX_BODY_BYTES = 1_000_000;
// Events without a mention in them.
const OTHER_EVENTS = /^(?:gap|group|relay|test)\./;

// Nothing comes from elsewhere, nothing goes elsewhere, and no text can become script or style.
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
} as const;

const REPLIES: Readonly<Record<Verification, string>> = {
  verified: 'ok',
  unsigned: 'The signature is missing.',
  wrong: 'The signature is wrong.',
  'too-old': 'The signature is of another time.',
};

// What a receiver looks at; the rest is the connection's business.
const SHOWN_HEADERS = /^webhook-/;

/** Starts the inbox. Rejects with the error of `listen`, such as EADDRINUSE. */
export async function startInbox(options: InboxOptions): Promise<Inbox> {
  const { host, port, signingSecret, stats, nowMs = Date.now } = options;
  const files = readPageFiles();
  const posts = createKeptPosts();

  const state = () => ({ ...stats(), ...posts.counts() });
  const events = createEventStream(
    () => ['hello', { state: state(), posts: posts.all() }],
    () => ['state', state()],
  );

  function keep(post: InboxPost, identity: string, characters: number): void {
    events.send('post', posts.keep(post, identity, characters));
    events.send('state', state());
  }

  function takeChat(kind: ChatName, text: string): Answer {
    const { accepts, refuses, finds, mentionsIn } = CHATS[kind];
    const message = jsonObject(text);
    if (message === null) return refuses;
    const fault = finds(message);
    if (fault !== null) return fault;
    const [status] = accepts;
    const mentions = mentionsIn(message);
    keep({ kind, atMs: nowMs(), status, mentions, message }, text, text.length);
    return accepts;
  }

  function takeHttp(text: string, headers: IncomingMessage['headers']): Answer {
    const payload = jsonObject(text);
    if (payload === null) return [400, 'The body is no JSON object.'];
    const verification = verifySignature({ headers, body: text }, signingSecret, nowMs());
    const post: HttpPost = {
      kind: 'http',
      atMs: nowMs(),
      status: verification === 'verified' ? 200 : 401,
      mentions: mentionsOf(payload),
      verification,
      headers: Object.entries(headers)
        .filter(([name]) => SHOWN_HEADERS.test(name))
        .map(([name, value]) => [name, String(value)]),
      text,
    };
    keep(post, String(headers['webhook-id']), text.length);
    return [post.status, REPLIES[verification]];
  }

  async function receive(
    request: IncomingMessage,
    response: ServerResponse,
    take: (text: string, headers: IncomingMessage['headers']) => Answer,
  ): Promise<void> {
    const text = await readText(request, MAX_BODY_BYTES).catch(() => undefined);
    if (text === undefined) {
      // The sender went away: nobody is left to be answered.
      response.destroy();
    } else if (text === null) {
      sendText(response, 413, 'The body is too long.');
    } else {
      sendText(response, ...take(text, request.headers));
    }
  }

  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] as string;
    const chat = CHAT_PATHS.get(path);
    if (chat !== undefined || path === HTTP_PATH) {
      if (!allow(['POST'], request, response)) return;
      const take = chat === undefined ? takeHttp : (text: string) => takeChat(chat, text);
      void receive(request, response, take);
      return;
    }
    const file = files.get(path);
    if (file === undefined && path !== '/events') return sendText(response, 404, 'Not found.');
    if (!allow(file === undefined ? ['GET'] : ['GET', 'HEAD'], request, response)) return;
    if (file === undefined) return events.open(response);
    response
      .writeHead(200, { ...PAGE_HEADERS, 'content-type': file.contentType })
      .end(request.method === 'HEAD' ? undefined : file.content);
  });
  server.listen(port, host);
  await once(server, 'listening');
  const url = reachableAt(host, (server.address() as AddressInfo).port);

  return {
    url,
    chatUrls: {
      slack: new URL('/hooks/slack', url),
      discord: new URL('/hooks/discord', url),
      teams: new URL('/hooks/teams', url),
    },
    httpUrl: new URL(HTTP_PATH, url),
    counts: posts.counts,
    async stop() {
      events.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function allow(
  methods: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (methods.includes(request.method ?? '')) return true;
  response.setHeader('allow', methods.join(', '));
  sendText(response, 405, `Only ${methods.join(' and ')}.`);
  return false;
}

function sendText(response: ServerResponse, status: number, words: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
    .end(words);
}

/** The body, or null if it is longer than that; what is too long is read to its end, but not kept. */
async function readText(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  return bytes <= maxBytes ? Buffer.concat(chunks).toString('utf8') : null;
}

function jsonObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : null;
  } catch {
    return null;
  }
}

function mentionsOf({ type, data }: JsonObject): number {
  if (typeof type === 'string' && OTHER_EVENTS.test(type)) return 0;
  return Array.isArray(data) ? data.length : 1;
}

/** A server on all addresses is reached on loopback. */
function reachableAt(host: string, port: number): URL {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return new URL(`http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/`);
}
