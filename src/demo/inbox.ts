import { objectInJson } from '../domain/foreign/foreign-values.ts';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { JsonObject } from '../domain/mention.ts';
import { readBody, urlOfServer } from '../sandbox/server.ts';
import { CHAT_NAMES, CHATS, type Answer, type ChatName } from './chats.ts';
import { createEventStream, readPageFiles } from './page-server.ts';
import { createKeptPosts, type HttpPost, type InboxCounts, type InboxPost } from './kept-posts.ts';
import { verifySignature, type Verification } from './verify-signature.ts';

/** The state that the page shows beside the counts of the inbox. */
export interface DemoStats {
  /** Mentions made up by the sandbox. */
  readonly spotted: number;
  /** The number of them that repeat a lead: its message lists them. */
  readonly copies: number;
  /** True while the Teams channel is outside its working hours. */
  readonly teamsClosed: boolean;
  /** API requests that reached the sandbox in the last 60 seconds. */
  readonly requestsLastMinute: number;
  /** The most requests per minute that the relay may make. */
  readonly requestBudget: number;
}

export interface InboxOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** `whsec_...`, which verifies signed requests. */
  readonly signingSecret: string;
  readonly stats: () => DemoStats;
  readonly actions: DemoActions;
  /** Milliseconds since 1970. The system's clock by default. */
  readonly nowMs?: () => number;
}

/** The actions of the page's buttons. Each returns a sentence about it. */
export interface DemoActions {
  readonly lead: () => Promise<string>;
  readonly digest: () => Promise<string>;
  /** Closes the Teams channel, or opens it again. */
  readonly hours: () => Promise<string>;
}

/** A running inbox: a receiver for each type of webhook, and a page that shows the messages. */
export interface Inbox {
  /** The page. */
  readonly url: URL;
  /** Each accepts the messages of that chat, and answers like it. */
  readonly chatUrls: Readonly<Record<ChatName, URL>>;
  /** Accepts the digests for the Slack channel, whose mentions were counted before. */
  readonly digestUrl: URL;
  /** Accepts signed JSON. */
  readonly httpUrl: URL;
  readonly counts: () => InboxCounts;
  /** Ends every connection and frees the port. */
  readonly stop: () => Promise<void>;
}

const HTTP_PATH = '/hooks/http';
const DIGEST_PATH = '/hooks/slack/digest';
const CHAT_PATHS: ReadonlyMap<string, ChatName> = new Map([
  ...CHAT_NAMES.map((name) => [`/hooks/${name}`, name] as const),
  [DIGEST_PATH, 'slack'],
]);
const ACTION_PATH = /^\/actions\/(lead|digest|hours)$/;
const MAX_BODY_BYTES = 1_000_000;
// Events without mentions.
const OTHER_EVENTS = /^(?:gap|group|relay|test)\./;

const REPLIES: Readonly<Record<Verification, string>> = {
  verified: 'ok',
  unsigned: 'The signature is missing.',
  wrong: 'The signature is wrong.',
  'too-old': 'The signature is too old.',
};

// The headers that a receiver checks. The others concern the connection.
const SHOWN_HEADERS = /^webhook-/;

/** Starts the inbox. Rejects with the error of `listen`, such as EADDRINUSE. */
export async function startInbox(options: InboxOptions): Promise<Inbox> {
  const { host, port, signingSecret, stats, actions, nowMs = Date.now } = options;
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

  // One action at a time: a digest would find no relay while that restarts.
  let lastAction: Promise<unknown> = Promise.resolve();
  async function act(name: keyof DemoActions, response: ServerResponse): Promise<void> {
    const action = lastAction.then(actions[name]);
    lastAction = action.catch(() => undefined);
    const answer = await action.then<Answer, Answer>(
      (words) => [200, words],
      (error: Error) => [500, error.message],
    );
    events.send('state', state());
    sendText(response, ...answer);
  }

  function takeChat(kind: ChatName, isDigest: boolean, text: string): Answer {
    const { accepts, refuses, finds, mentionsIn } = CHATS[kind];
    const message = objectInJson(text);
    if (message === null) return refuses;
    const fault = finds(message);
    if (fault !== null) return fault;
    const [status] = accepts;
    const mentions = isDigest ? 0 : mentionsIn(message);
    keep({ kind, atMs: nowMs(), status, mentions, message }, text, text.length);
    return accepts;
  }

  function takeHttp(text: string, headers: IncomingMessage['headers']): Answer {
    const payload = objectInJson(text);
    if (payload === null) return [400, 'The body is not a JSON object.'];
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
    const text = await readBody(request, MAX_BODY_BYTES).catch(() => undefined);
    if (text === undefined) {
      // The sender went away: nobody is left to answer.
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
      const isDigest = path === DIGEST_PATH;
      const take = chat === undefined ? takeHttp : (text: string) => takeChat(chat, isDigest, text);
      void receive(request, response, take);
      return;
    }
    const action = ACTION_PATH.exec(path)?.[1] as keyof DemoActions | undefined;
    if (action !== undefined) {
      if (!allow(['POST'], request, response)) return;
      // Another site's page presses no button here.
      const from = request.headers['sec-fetch-site'] ?? 'same-origin';
      if (from !== 'same-origin') return sendText(response, 403, 'Only from the page.');
      void act(action, response);
      return;
    }
    const file = files.get(path);
    if (file === undefined && path !== '/events') return sendText(response, 404, 'Not found.');
    if (!allow(file === undefined ? ['GET'] : ['GET', 'HEAD'], request, response)) return;
    if (file === undefined) return events.open(response);
    response.writeHead(200, file.headers).end(request.method === 'HEAD' ? undefined : file.content);
  });
  server.listen(port, host);
  await once(server, 'listening');
  const url = urlOfServer(server, host, '/');

  return {
    url,
    chatUrls: {
      slack: new URL('/hooks/slack', url),
      discord: new URL('/hooks/discord', url),
      teams: new URL('/hooks/teams', url),
    },
    digestUrl: new URL(DIGEST_PATH, url),
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

function mentionsOf({ type, data }: JsonObject): number {
  if (typeof type === 'string' && OTHER_EVENTS.test(type)) return 0;
  return Array.isArray(data) ? data.length : 1;
}
