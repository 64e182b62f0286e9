import { createHash } from 'node:crypto';
import got, { RequestError } from 'got';
import pRetry from 'p-retry';
import type { z } from 'zod';
import { parseMention, type Mention } from '../domain/mention.ts';
import type { ProxySettings } from '../domain/proxy.ts';
import { parseRecoveredMention, type RecoveredMention } from '../domain/recovered-mention.ts';
import { createOutgoing, type Outgoing } from '../network/outgoing.io.ts';
import type { Result } from '../domain/result.ts';
import { readAnswer, type ApiAnswer } from './groouply-answer.ts';
import {
  GroouplyError,
  accountSchema,
  groupDetailsSchema,
  groupPostsSchema,
  groupsSchema,
  windowSchema,
  type Account,
  type Group,
  type GroupDetails,
} from './groouply-shapes.ts';
import type { RequestBudget } from './request-budget.io.ts';

/** An item of a window, or of a group's posts, that could not be read. */
export interface MalformedItem {
  /** A hash of the item: the same in every answer. */
  readonly fingerprint: string;
  /** The reason, in our own words, without its content. */
  readonly reason: string;
}

/**
 * The Groouply API, after its documentation ('A REST API to retrieve groups data'): four POST
 * endpoints with the key as the form parameter `apiKey`, and an envelope with a `code` and a `status`
 * of its own. Every request, retries too, passes the budget. All methods throw GroouplyError.
 */
export interface GroouplyApi {
  /** `POST /account/info` */
  account(signal: AbortSignal): Promise<Account>;
  /** `POST /account/groups` */
  groups(signal: AbortSignal): Promise<readonly Group[]>;
  /** `POST /account/group` */
  group(groupId: string, signal: AbortSignal): Promise<GroupDetails>;
  /** `POST /account/group`, its posts read one by one: an unreadable post affects no other. */
  posts(
    groupId: string,
    signal: AbortSignal,
  ): Promise<{
    readonly name: string;
    readonly posts: readonly RecoveredMention[];
    readonly malformed: readonly MalformedItem[];
  }>;
  /** `POST /account/mentions`: the last 100 mentions, and the items that could not be read. */
  mentions(signal: AbortSignal): Promise<{
    readonly mentions: readonly Mention[];
    readonly malformed: readonly MalformedItem[];
  }>;
}

/** The time limit of a whole request. */
export const MAX_REQUEST_MS = 10_000;
// 100 posts of the greatest length that Facebook allows, 63,206 characters, each escaped as \uXXXX,
// are 38 MB.
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

// The codes of zlib (nodejs.org/api/zlib.html#constants).
const BAD_COMPRESSION = /: Z_\w+$/;

export interface GroouplyApiOptions {
  readonly apiUrl: URL;
  readonly apiKey: string;
  readonly userAgent: string;
  readonly proxy?: ProxySettings | undefined;
  readonly budget: Pick<RequestBudget, 'run' | 'block'>;
  /** Called before a failed request is retried. */
  readonly onRetry: (about: { endpoint: string; attempt: number; error: GroouplyError }) => void;
  /** Called at each readable answer with the time by the API's clock, to the second. */
  readonly onServerTime?: (serverNowMs: number) => void;
  readonly nowMs: () => number;
}

/** Creates the client of one account. Requests that fail temporarily are retried up to twice. */
export function createGroouplyApi(options: GroouplyApiOptions): GroouplyApi {
  const { budget, apiKey } = options;
  const base = options.apiUrl.href.replace(/\/+$/, '');
  const outgoing = createOutgoing({ proxy: options.proxy, timeoutMs: MAX_REQUEST_MS });
  // Some servers and proxies name a compression that they did not use, or cut it off.
  let uncompressed = false;

  async function request<Schema extends z.ZodType>(
    endpoint: string,
    parameters: Readonly<Record<string, string>>,
    field: string,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.infer<Schema>> {
    const once = async () => {
      const answer = await budget.run(
        () =>
          postForm(
            { outgoing, userAgent: options.userAgent, uncompressed },
            new URL(`${base}${endpoint}`),
            { ...parameters, apiKey },
            signal,
          ),
        signal,
      );
      const read = readAnswer(answer, field, schema, options.nowMs());
      // After reading: only the API itself has its clock.
      const serverNowMs = Date.parse(answer.date ?? '');
      if (!Number.isNaN(serverNowMs)) options.onServerTime?.(serverNowMs);
      return read;
    };
    return pRetry(once, {
      retries: 2,
      minTimeout: 1_000,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => error instanceof GroouplyError && error.transient,
      onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
        if (!(error instanceof GroouplyError) || !error.transient) return;
        uncompressed ||= BAD_COMPRESSION.test(error.message);
        if (error.retryAfterMs !== undefined) await budget.block(error.retryAfterMs);
        if (retriesLeft > 0) options.onRetry({ endpoint, attempt: attemptNumber, error });
      },
    });
  }

  return {
    account: (signal) => request('/account/info', {}, 'account', accountSchema, signal),
    groups: (signal) => request('/account/groups', {}, 'groups', groupsSchema, signal),
    group: (groupId, signal) =>
      request('/account/group', { groupId }, 'group', groupDetailsSchema, signal),
    async posts(groupId, signal) {
      const { info, posts } = await request(
        '/account/group',
        { groupId },
        'group',
        groupPostsSchema,
        signal,
      );
      const group = { id: groupId, name: info.name };
      const { readable, malformed } = readItems(posts, (post) =>
        parseRecoveredMention(post, group),
      );
      return { name: info.name, posts: readable, malformed };
    },
    async mentions(signal) {
      const items = await request('/account/mentions', {}, 'mentions', windowSchema, signal);
      const { readable, malformed } = readItems(items, parseMention);
      return { mentions: readable, malformed };
    },
  };
}

/** Reads items one by one: an unreadable one affects no other. */
function readItems<Item>(
  items: readonly unknown[],
  parse: (item: unknown) => Result<Item>,
): { readonly readable: readonly Item[]; readonly malformed: readonly MalformedItem[] } {
  const readable: Item[] = [];
  const malformed: MalformedItem[] = [];
  for (const item of items) {
    const parsed = parse(item);
    if (parsed.ok) readable.push(parsed.value);
    else malformed.push({ fingerprint: fingerprint(item), reason: parsed.error });
  }
  return { readable, malformed };
}

async function postForm(
  {
    outgoing,
    userAgent,
    uncompressed,
  }: {
    readonly outgoing: Outgoing;
    readonly userAgent: string;
    readonly uncompressed: boolean;
  },
  url: URL,
  form: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ApiAnswer> {
  const stream = got.stream.post(url, {
    form,
    request: outgoing.request,
    headers: {
      'user-agent': userAgent,
      accept: 'application/json',
      ...(uncompressed && { 'accept-encoding': 'identity' }),
    },
    // p-retry retries, through the budget. The key must not follow a redirect to another host.
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    timeout: { request: MAX_REQUEST_MS },
    signal,
  });
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) {
        throw new GroouplyError('unreadable', 'the API answered with more than 64 MB');
      }
      chunks.push(chunk);
    }
    const { response } = stream;
    if (response === undefined) throw new GroouplyError('unanswered', 'the API did not answer');
    const proxyCode = outgoing.proxyCode(url, response.statusCode);
    if (proxyCode !== null) {
      throw new GroouplyError('unanswered', `no answer from the API: ${proxyCode}`);
    }
    return {
      status: response.statusCode,
      retryAfter: response.headers['retry-after'],
      date: response.headers.date,
      body: Buffer.concat(chunks).toString('utf8'),
    };
  } catch (error) {
    signal.throwIfAborted();
    // got's errors carry the whole request and its form, with the key: only the code is passed on.
    if (error instanceof RequestError) {
      throw new GroouplyError('unanswered', `no answer from the API: ${error.code}`);
    }
    throw error;
  }
}

function fingerprint(item: unknown): string {
  return createHash('sha256').update(JSON.stringify(item)).digest('hex').slice(0, 12);
}
