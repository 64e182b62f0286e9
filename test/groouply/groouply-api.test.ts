import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, test, type TestContext } from 'vitest';
import {
  createGroouplyApi,
  type GroouplyApi,
  type GroouplyApiOptions,
} from '../../src/groouply/groouply-api.io.ts';
import { GroouplyError, type GroouplyErrorKind } from '../../src/groouply/groouply-shapes.ts';
import type { FaultRule } from '../../src/sandbox/faults.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { startProxy } from '../helpers/proxy.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const KEY = 'the-api-key-7Q9';
const NOW_MS = Date.parse('2023-11-08T16:04:48Z');
const GROUP_ID = '1617905175110739';

type Context = Pick<TestContext, 'onTestFinished'>;

/** A client, and its calls of the budget. Every request passes at once. */
function client(options: Pick<GroouplyApiOptions, 'apiUrl'> & Partial<GroouplyApiOptions>) {
  const budget = { runs: 0, blockedMs: [] as number[] };
  const retries: { endpoint: string; attempt: number; error: GroouplyError }[] = [];
  const api = createGroouplyApi({
    apiKey: KEY,
    userAgent: 'mention-relay/1.2.3',
    budget: {
      run: (send) => {
        budget.runs += 1;
        return send();
      },
      block: async (durationMs) => {
        budget.blockedMs.push(durationMs);
      },
    },
    onRetry: (about) => retries.push(about),
    nowMs: () => NOW_MS,
    ...options,
  });
  return { api, budget, retries };
}

/** A client of a sandbox of its own, with these faults. */
async function sandboxed({ onTestFinished }: Context, ...faults: FaultRule[]) {
  const sandbox = await startSandbox({ apiKey: KEY, backlog: 3 });
  onTestFinished(() => sandbox.stop());
  for (const fault of faults) sandbox.fault(fault);
  return { sandbox, ...client({ apiUrl: sandbox.url }) };
}

/** A server for answers that the sandbox does not give. */
async function serve(
  { onTestFinished }: Context,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<URL> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api`);
}

const never = () => new AbortController().signal;

async function errorOf(call: Promise<unknown>): Promise<GroouplyError> {
  const error: unknown = await call.then(
    () => new Error('The call came through.'),
    (reason: unknown) => reason,
  );
  if (error instanceof GroouplyError) return error;
  throw error;
}

/** Everything that a log, a terminal or a crash report could show of an error. */
function everythingOf(error: Error): string {
  return [
    error.message,
    error.stack,
    String(error.cause),
    JSON.stringify(error),
    inspect(error, { depth: null, showHidden: true, getters: true }),
  ].join('\n');
}

const forever = { times: Infinity };

// Concurrent, because the pauses between tries are real.
describe.concurrent('the API', () => {
  test('is asked by a proxy, and a refusal of the proxy is temporary', async ({
    expect,
    ...context
  }) => {
    const { sandbox } = await sandboxed(context);
    const proxy = await startProxy();
    context.onTestFinished(() => proxy.stop());
    const settings = { http: proxy.url, https: null, noProxy: [] };
    const { api, retries } = client({ apiUrl: sandbox.url, proxy: settings });
    expect((await api.groups(never())).length).toBe(4);
    expect(proxy.requests.map(({ target }) => target)).toEqual([
      `${sandbox.url.href}/account/groups`,
    ]);
    proxy.refuseWith(407);
    const error = await errorOf(api.groups(never()));
    expect(error).toMatchObject({
      kind: 'unanswered',
      transient: true,
      message: `no answer from the API: PROXY_407 at ${proxy.url.host}`,
    });
    expect(everythingOf(error)).not.toContain('SECRET');
    expect(retries).toHaveLength(2);
  });

  test('is understood though its HTTP is sloppy', async ({ expect, ...context }) => {
    const body = JSON.stringify({ code: 1, status: 200, groups: [] });
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () =>
        socket.end(`HTTP/1.1 200 OK\nx-a: \u0001\ncontent-length: ${body.length}\n\n${body}`),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    context.onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { api } = client({ apiUrl: new URL(`http://127.0.0.1:${port}/api`) });
    expect(await api.groups(never())).toEqual([]);
  });

  test('gives the account', async ({ expect, ...context }) => {
    const { api, sandbox, budget } = await sandboxed(context);
    expect(await api.account(never())).toEqual({
      registered: '2019-02-03',
      groups: { all: 4, tracking: 3 },
    });
    expect(sandbox.requests()).toMatchObject([{ endpoint: '/account/info', status: 200 }]);
    expect(budget.runs).toBe(1);
  });

  test('gives the groups', async ({ expect, ...context }) => {
    const { api, sandbox, budget } = await sandboxed(context);
    const groups = await api.groups(never());
    expect(groups.map(({ id, statusString }) => `${id} ${statusString}`)).toEqual([
      '965673390154514 tracking',
      '1613874192275516 tracking',
      '1617905175110739 tracking',
      '2044902829088090 pending access',
    ]);
    expect(groups[0]).toEqual({
      id: '965673390154514',
      status: '2',
      statusString: 'tracking',
      url: {
        facebook: 'https://facebook.com/groups/965673390154514',
        groouply: 'https://groouply.com/group/965673390154514',
      },
    });
    expect(sandbox.requests()).toMatchObject([{ endpoint: '/account/groups', status: 200 }]);
    expect(budget.runs).toBe(1);
  });

  test('gives one group with its keywords and its mentions', async ({ expect, ...context }) => {
    const { api, sandbox, budget } = await sandboxed(context);
    sandbox.spot(30);
    const spotted = sandbox.mentions().filter(({ group }) => group.id === GROUP_ID);
    const { info, keywords, posts } = await api.group(GROUP_ID, never());
    expect(info).toMatchObject({
      id: GROUP_ID,
      name: 'Real Estate Referral Network',
      privacy: 'private',
      statusString: 'tracking',
    });
    expect(keywords).toContainEqual({ name: 'property manager', type: 'broad' });
    expect(posts.map(({ link }) => link)).toEqual(spotted.map(({ link }) => link));
    expect(posts.length).toBeGreaterThan(0);
    expect(posts[0]?.timestamps).toMatchObject({ spotted: spotted[0]?.spotted, sent_sms: null });
    expect(sandbox.requests()).toMatchObject([{ endpoint: '/account/group', status: 200 }]);
    expect(budget.runs).toBe(1);
  });

  test('gives the mentions of the window, in its order', async ({ expect, ...context }) => {
    const { api, sandbox, budget } = await sandboxed(context);
    const { mentions, malformed } = await api.mentions(never());
    expect(mentions.map(({ raw }) => raw)).toEqual(sandbox.mentions());
    expect(mentions).toHaveLength(3);
    expect(malformed).toEqual([]);
    expect(sandbox.requests()).toMatchObject([{ endpoint: '/account/mentions', status: 200 }]);
    expect(budget.runs).toBe(1);
  });

  test('gives no mentions if the window is empty', async ({ expect, ...context }) => {
    const { api, sandbox } = await sandboxed(context);
    sandbox.setWindow([]);
    expect(await api.mentions(never())).toEqual({ mentions: [], malformed: [] });
  });

  const ONE = { id: '1', keyword: 'crm', owner: { id: '7' }, group: { id: '8' } };

  /** A client of a server that gives this in an envelope of success. */
  async function answering(context: Context, content: object | string) {
    const envelope = { code: 1, status: 200, data: 'Success', request: { user: null } };
    const body =
      typeof content === 'string' ? content : JSON.stringify({ ...envelope, ...content });
    return client({ apiUrl: await serve(context, (_, response) => void response.end(body)) }).api;
  }

  test.for<[string, object, string[]]>([
    ['as an object with numbers for names', { '0': { id: '1' }, '2': { id: '2' } }, ['1', '2']],
    ['in the order of these numbers', { '10': { id: '10' }, '9': { id: '9' } }, ['9', '10']],
    ['by names that are ids', { p7: { id: '7' }, p8: { id: '8' } }, ['7', '8']],
    ['without its brackets around a single item', ONE, ['1']],
    ['without its brackets around a link alone', { link: 'https://facebook.com/1' }, ['']],
    ['without anything in it', {}, []],
  ])('reads a list that PHP wrote %s', async ([, mentions, ids], { expect, ...context }) => {
    const api = await answering(context, { mentions });
    const window = await api.mentions(never());
    expect(window.mentions.map(({ id }) => id)).toEqual(ids);
    expect(window.malformed).toEqual([]);
  });

  test.for([[null], [false], [''], [[]], [{}], [undefined]])(
    'takes mentions of %j in an envelope of success for an empty window',
    async ([mentions], { expect, ...context }) => {
      const api = await answering(context, { mentions });
      expect(await api.mentions(never())).toEqual({ mentions: [], malformed: [] });
      const groups = await answering(context, { groups: mentions });
      expect(await groups.groups(never())).toEqual([]);
    },
  );

  test.for<[string, object]>([
    ['false and []', { owner: [], content: false, group: [], link: false, spotted: false }],
    ['"" and {}', { owner: '', content: {}, group: {}, link: '', spotted: {} }],
    ['nothing at all', {}],
  ])('reads a mention with an id and %s', async ([, rest], { expect, ...context }) => {
    const api = await answering(context, { mentions: [{ id: 5, ...rest }] });
    const { mentions, malformed } = await api.mentions(never());
    expect(malformed).toEqual([]);
    expect(mentions).toMatchObject([{ id: '5', content: '', spottedAtMs: null }]);
  });

  test('reads an answer with a byte order mark, in another charset, of another type', async ({
    expect,
    ...context
  }) => {
    const apiUrl = await serve(context, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-16' });
      const [before, after] = JSON.stringify({ mentions: [{ ...ONE, content: 'Caf\u0000' }] })
        .replace('\\u0000', '\0')
        .split('\0');
      response.write(`\ufeff${before}`);
      // An e with an acute accent, as ISO 8859-1 writes it.
      response.write(Buffer.from([0xe9]));
      response.end(after);
    });
    const { mentions } = await client({ apiUrl }).api.mentions(never());
    expect(mentions).toMatchObject([{ id: '1', content: 'Caf\ufffd' }]);
  });

  test('reads groups in the forms of PHP', async ({ expect, ...context }) => {
    const url = { facebook: 'https://facebook.com/groups/12', groouply: false };
    const groups = { '0': { id: 11, status: 2, url: [] }, '3': { id: false, url }, '4': null };
    const api = await answering(context, { groups });
    expect(await api.groups(never())).toMatchObject([
      { id: '11', status: '2', statusString: '', url: { facebook: '', groouply: '' } },
      { id: '12', status: '', url: { facebook: 'https://facebook.com/groups/12', groouply: '' } },
    ]);
    const single = await answering(context, { groups: { id: '11', status: '2' } });
    expect(await single.groups(never())).toMatchObject([{ id: '11', status: '2' }]);
  });

  test('reads a group in the forms of PHP', async ({ expect, ...context }) => {
    const post = { owner: [], keyword: 'crm', link: 'https://facebook.com/groups/1/permalink/2' };
    const group = {
      info: { id: 1, name: false, description: [], owner: { a: 1 }, privacy: null },
      keywords: { '1': 'crm', '2': { name: 'seo', type: false } },
      posts: { ...post, timestamps: false },
    };
    const api = await answering(context, { group });
    expect(await api.group('1', never())).toMatchObject({
      info: { id: '1', name: '', description: '', owner: '{"a":1}', privacy: '', status: '' },
      keywords: [
        { name: 'crm', type: '' },
        { name: 'seo', type: '' },
      ],
      posts: [{ ...post, owner: { id: '', name: '' }, timestamps: { spotted: '' } }],
    });
    const { name, posts, malformed } = await api.posts('1', never());
    expect([name, malformed]).toEqual(['', []]);
    expect(posts).toMatchObject([{ ...post, owner: { id: '' }, spottedAtMs: null }]);
    const bare = await answering(context, { group: { info: [], keywords: false, posts: '' } });
    expect(await bare.group('1', never())).toMatchObject({ keywords: [], posts: [] });
    expect(await bare.posts('1', never())).toEqual({ name: '', posts: [], malformed: [] });
  });

  test('reads an account in the forms of PHP', async ({ expect, ...context }) => {
    const account = await answering(context, { account: { registered: false, groups: [] } });
    const groups = { all: null, tracking: null };
    expect(await account.account(never())).toEqual({ registered: '', groups });
    const empty = await answering(context, { account: [] });
    expect(await empty.account(never())).toEqual({ registered: '', groups });
    const texts = await answering(context, { account: { groups: { all: ' 4', tracking: '3' } } });
    expect((await texts.account(never())).groups).toEqual({ all: 4, tracking: 3 });
  });

  test.for<[string, object | string]>([
    ['a group that is missing', {}],
    ['a group that is empty', { group: [] }],
    ['posts that are a text', { group: { info: { name: 'A' }, posts: 'words' } }],
    ['the JSON of a portal', '{"ok":true}'],
    ['the JSON of a portal that calls itself a success', '{"status":200,"message":"Welcome"}'],
  ])(
    'does not take for an empty list of posts: %s',
    async ([, content], { expect, ...context }) => {
      const api = await answering(context, content);
      expect((await errorOf(api.posts('1', never()))).kind).toBe('unreadable');
    },
  );

  test('sets malformed items aside one by one', async ({ expect, ...context }) => {
    const words = 'Words of a stranger';
    const items = [null, words, { content: words }, { id: ['x', 'y'], content: words }, null];
    const { api, sandbox } = await sandboxed(context, { kind: 'malformed', items, times: 2 });
    const first = await api.mentions(never());
    expect(first.mentions.map(({ raw }) => raw)).toEqual(sandbox.mentions());
    expect(first.malformed.map(({ reason }) => reason.split(':')[0])).toEqual([
      'the item',
      'the item',
      'id, link',
      'id, link',
      'the item',
    ]);
    const prints = first.malformed.map(({ fingerprint }) => fingerprint);
    expect(prints[4]).toBe(prints[0]);
    expect(new Set(prints).size).toBe(4);
    for (const print of prints) expect(print).toMatch(/^[0-9a-f]{12}$/);
    expect(JSON.stringify(first.malformed)).not.toContain(words);
    expect((await api.mentions(never())).malformed).toEqual(first.malformed);
  });

  test('gives ids beyond 2^53 that come as numbers exactly', async ({ expect, ...context }) => {
    const { api, sandbox } = await sandboxed(context, { kind: 'numbers' });
    const [newest] = sandbox.spot();
    if (newest === undefined) throw new Error('Nothing was spotted.');
    sandbox.addMentions({
      ...newest,
      id: '10150000000000000001',
      owner: { ...newest.owner, id: '10150000000000000003' },
      group: { ...newest.group, id: '9007199254740993' },
    });
    const { mentions } = await api.mentions(never());
    expect(mentions[0]).toMatchObject({
      id: '10150000000000000001',
      owner: { id: '10150000000000000003' },
      group: { id: '9007199254740993' },
      spottedAtMs: Number(newest.spotted) * 1000,
      raw: {
        id: '10150000000000000001',
        owner: { id: '10150000000000000003' },
        group: { id: '9007199254740993' },
      },
    });
    expect(mentions.map(({ id }) => id)).toEqual(sandbox.mentions().map(({ id }) => id));
  });

  test.for<FaultRule>([
    { kind: 'php', ...forever },
    { kind: 'noise', ...forever },
    { kind: 'noise', before: '\ufeff', ...forever },
  ])('gives the same of everything with the fault %j', async (fault, { expect, ...context }) => {
    const { api, sandbox } = await sandboxed(context);
    const all = async () => ({
      account: await api.account(never()),
      groups: await api.groups(never()),
      posts: (await api.posts(GROUP_ID, never())).posts.map(({ raw: _raw, ...post }) => post),
      mentions: (await api.mentions(never())).mentions.map(({ raw: _raw, ...each }) => each),
    });
    const usual = await all();
    sandbox.fault(fault);
    expect(await all()).toEqual(usual);
  });

  test('gives everything whose unknown fields are thousands of levels deep', async ({
    expect,
    ...context
  }) => {
    const { api, sandbox } = await sandboxed(context);
    const all = async () => ({
      account: await api.account(never()),
      groups: await api.groups(never()),
      group: await api.group(GROUP_ID, never()),
      posts: await api.posts(GROUP_ID, never()),
      window: await api.mentions(never()),
    });
    const usual = await all();
    sandbox.fault({ kind: 'nested', ...forever });
    const given = await all();
    expect(given).toMatchObject(usual);
    for (const { raw } of given.window.mentions) {
      const nested = JSON.stringify(raw['nested']);
      expect(nested).toMatch(/^\{"a":\[.*null/);
      // With the three levels around it.
      expect(nested.match(/[[{]/g)).toHaveLength(47);
    }
  });

  test('gives the same account, groups and group if texts come as numbers', async ({
    expect,
    ...context
  }) => {
    const { api } = await sandboxed(context, { kind: 'numbers', ...forever });
    expect((await api.groups(never()))[0]).toMatchObject({ id: '965673390154514', status: '2' });
    const { info } = await api.group(GROUP_ID, never());
    expect(info).toMatchObject({ id: GROUP_ID, status: '2' });
    expect((await api.account(never())).groups).toEqual({ all: 4, tracking: 3 });
  });
});

describe.concurrent('a request to the API', () => {
  test('is a form with the key and a user agent', async ({ expect, ...context }) => {
    const got: Record<string, unknown>[] = [];
    const apiUrl = await serve(context, (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const { method, url, headers } = request;
        got.push({ method, url, body, type: headers['content-type'], by: headers['user-agent'] });
        response.end(
          JSON.stringify({ mentions: [], group: { info: { id: '1' }, keywords: [], posts: [] } }),
        );
      });
    });
    const apiKey = 'a&b=c d+é';
    for (const href of [apiUrl.href, `${apiUrl.href}/`]) {
      await client({ apiUrl: new URL(href), apiKey }).api.mentions(never());
    }
    await client({ apiUrl, apiKey }).api.group('1&x=y', never());
    const usual = {
      method: 'POST',
      type: 'application/x-www-form-urlencoded',
      by: 'mention-relay/1.2.3',
    };
    const body = new URLSearchParams({ apiKey }).toString();
    const mentions = { ...usual, url: '/api/account/mentions', body };
    const group = { ...usual, url: '/api/account/group', body: `groupId=1%26x%3Dy&${body}` };
    expect(got).toEqual([mentions, mentions, group]);
  });

  test.for<[string, FaultRule, GroouplyErrorKind]>([
    ['a connection that was reset', { kind: 'reset' }, 'unanswered'],
    ['a connection that was reset late', { kind: 'reset', when: 'after' }, 'unanswered'],
    ['a 500', { kind: 'status', status: 500 }, 'server'],
    ['a 500 inside HTTP 200', { kind: 'envelope', status: 500 }, 'server'],
    ['an answer that was cut', { kind: 'truncated' }, 'unreadable'],
    ['a web page', { kind: 'html' }, 'unreadable'],
    ['a challenge page with 403', { kind: 'html', status: 403 }, 'unreadable'],
    ['an empty 401', { kind: 'status', status: 401, body: '' }, 'unreadable'],
    ['a page with 404', { kind: 'html', status: 404 }, 'unreadable'],
  ])('is retried after %s, through the budget', async ([, fault, kind], { expect, ...context }) => {
    const { api, sandbox, budget, retries } = await sandboxed(context, fault);
    const { mentions } = await api.mentions(never());
    expect(mentions).toHaveLength(3);
    expect(budget).toEqual({ runs: 2, blockedMs: [] });
    expect(sandbox.requests()).toHaveLength(2);
    expect(retries).toMatchObject([{ endpoint: '/account/mentions', attempt: 1, error: { kind } }]);
  });

  test('is tried three times at most', async ({ expect, ...context }) => {
    const { api, sandbox, budget, retries } = await sandboxed(context, {
      kind: 'status',
      status: 500,
      ...forever,
    });
    expect((await errorOf(api.mentions(never()))).kind).toBe('server');
    expect(budget.runs).toBe(3);
    expect(sandbox.requests()).toHaveLength(3);
    expect(retries.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  test.for<[string, FaultRule, GroouplyErrorKind]>([
    ['400', { kind: 'status', status: 400 }, 'refused'],
    ['401', { kind: 'status', status: 401 }, 'key-rejected'],
    ['403', { kind: 'status', status: 403 }, 'key-rejected'],
    ['404', { kind: 'status', status: 404 }, 'refused'],
    ['302', { kind: 'status', status: 302 }, 'refused'],
    ['401 inside HTTP 200', { kind: 'envelope', status: 401 }, 'key-rejected'],
  ])('is not retried after %s', async ([, fault, kind], { expect, ...context }) => {
    const { api, sandbox, budget, retries } = await sandboxed(context, { ...fault, ...forever });
    expect((await errorOf(api.mentions(never()))).kind).toBe(kind);
    expect(budget).toEqual({ runs: 1, blockedMs: [] });
    expect(sandbox.requests()).toHaveLength(1);
    expect(retries).toEqual([]);
  });

  test('with a wrong key is rejected, and the error does not hold the key', async ({
    expect,
    ...context
  }) => {
    const { sandbox } = await sandboxed(context);
    const { api } = client({ apiUrl: sandbox.url, apiKey: 'the-wrong-key-3Z8' });
    const error = await errorOf(api.account(never()));
    expect(error.kind).toBe('key-rejected');
    expect(everythingOf(error)).not.toContain('the-wrong-key');
  });

  test('blocks the budget for as long as a 429 says, and is then retried', async ({
    expect,
    ...context
  }) => {
    const { api, budget, retries } = await sandboxed(context, {
      kind: 'status',
      status: 429,
      retryAfter: 7,
    });
    expect((await api.mentions(never())).mentions).toHaveLength(3);
    expect(budget).toEqual({ runs: 2, blockedMs: [7_000] });
    expect(retries.map(({ error }) => error.kind)).toEqual(['rate-limited']);
  });

  test('blocks the budget after the last 429 too', async ({ expect, ...context }) => {
    const { api, budget } = await sandboxed(context, {
      kind: 'status',
      status: 429,
      retryAfter: 9,
      ...forever,
    });
    expect((await errorOf(api.mentions(never()))).kind).toBe('rate-limited');
    expect(budget).toEqual({ runs: 3, blockedMs: [9_000, 9_000, 9_000] });
  });

  test('does not follow a redirect with the key', async ({ expect, ...context }) => {
    const elsewhere: string[] = [];
    const target = await serve(context, (request, response) => {
      elsewhere.push(request.url ?? '');
      response.end('{}');
    });
    for (const status of [301, 302, 303, 307, 308]) {
      const apiUrl = await serve(context, (_, response) => {
        response.writeHead(status, { location: target.href }).end();
      });
      expect((await errorOf(client({ apiUrl }).api.mentions(never()))).kind).toBe('refused');
    }
    expect(elsewhere).toEqual([]);
  });

  test('ends an endless answer', async ({ expect, ...context }) => {
    const stop = new AbortController();
    const enough = new Error('one try is enough');
    const block = Buffer.alloc(1024 * 1024, ' ');
    let closed = 0;
    const apiUrl = await serve(context, (_, response) => {
      response.on('close', () => (closed += 1));
      const pour = (): void => {
        while (!response.destroyed && response.write(block));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    });
    const errors: GroouplyError[] = [];
    const { api } = client({
      apiUrl,
      onRetry: ({ error }) => {
        errors.push(error);
        stop.abort(enough);
      },
    });
    await expect(api.mentions(stop.signal)).rejects.toBe(enough);
    expect(errors).toMatchObject([{ kind: 'unreadable' }]);
    await waitUntil('the connection to end', () => closed === 1);
  });
});

describe.concurrent('an error', () => {
  /** Servers that answer in a way that is not HTTP. */
  const broken: [string, (request: IncomingMessage, response: ServerResponse) => void][] = [
    ['is closed without an answer', (request) => request.socket.destroy()],
    ['is reset', (request) => request.socket.resetAndDestroy()],
    ['answers no HTTP', (request) => request.socket.end('SSH-2.0-something\r\n')],
    [
      'ends in the middle of an answer',
      (request, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"code":1', () => request.socket.destroy());
      },
    ],
    [
      'sends what is no gzip',
      (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end('{"code":1,"mentions":[]}');
      },
    ],
  ];

  test.for(broken)(
    'holds no key if the connection %s',
    async ([, handler], { expect, ...context }) => {
      const apiUrl = await serve(context, handler);
      await expectUnansweredWithoutKey(apiUrl, expect);
    },
  );

  test('holds no key if nobody listens', async ({ expect, ...context }) => {
    const { sandbox } = await sandboxed(context);
    await sandbox.stop();
    await expectUnansweredWithoutKey(sandbox.url, expect);
  });

  test.for<[string, FaultRule]>([
    ['400', { kind: 'status', status: 400, body: `what is ${KEY}?` }],
    ['401', { kind: 'status', status: 401, body: `what is ${KEY}?` }],
    ['a page', { kind: 'status', status: 200, body: `what is ${KEY}?` }],
    ['429', { kind: 'status', status: 429, body: KEY, retryAfter: KEY }],
    ['500', { kind: 'status', status: 500, body: `what is ${KEY}?` }],
  ])('holds no key if %s repeats it', async ([, fault], { expect, ...context }) => {
    const { sandbox } = await sandboxed(context, { ...fault, ...forever });
    const error = await firstErrorOf(sandbox.url);
    expect(error).toBeInstanceOf(GroouplyError);
    expect(everythingOf(error)).not.toContain(KEY);
  });

  async function expectUnansweredWithoutKey(
    apiUrl: URL,
    expect: TestContext['expect'],
  ): Promise<void> {
    const error = await firstErrorOf(apiUrl);
    expect(error.kind).toBe('unanswered');
    expect(error.message).toMatch(/^no answer from the API: [A-Z][A-Z0-9_]+$/);
    expect(everythingOf(error)).not.toContain(KEY);
  }

  /** Returns the error of the first try, retried or not. */
  async function firstErrorOf(apiUrl: URL): Promise<GroouplyError> {
    const stop = new AbortController();
    let first: GroouplyError | undefined;
    const { api } = client({
      apiUrl,
      onRetry: ({ error }) => {
        first = error;
        stop.abort();
      },
    });
    const thrown = await api.mentions(stop.signal).then(
      () => new Error('The call came through.'),
      (reason: unknown) => reason,
    );
    if (first !== undefined) return first;
    if (thrown instanceof GroouplyError) return thrown;
    throw thrown;
  }
});

describe.concurrent('aborting', () => {
  const reason = new Error('the relay is stopping');

  async function arrived(sandbox: Sandbox): Promise<void> {
    await waitUntil('a request', () => sandbox.requests().length === 1);
  }

  test('ends a request that hangs, with the reason of the abort', async ({
    expect,
    ...context
  }) => {
    const { api, sandbox, budget } = await sandboxed(context, { kind: 'hang', ...forever });
    const stop = new AbortController();
    const asked = expect(api.mentions(stop.signal)).rejects.toBe(reason);
    await arrived(sandbox);
    stop.abort(reason);
    await asked;
    expect(budget.runs).toBe(1);
    expect(sandbox.requests()).toHaveLength(1);
  });

  test('ends the pause before the next try', async ({ expect, ...context }) => {
    const { sandbox } = await sandboxed(context, { kind: 'status', status: 500, ...forever });
    const stop = new AbortController();
    const { api, budget } = client({
      apiUrl: sandbox.url,
      onRetry: () => setImmediate(() => stop.abort(reason)),
    });
    await expect(api.mentions(stop.signal)).rejects.toBe(reason);
    expect(budget.runs).toBe(1);
    expect(sandbox.requests()).toHaveLength(1);
  });

  test('before a request prevents it', async ({ expect, ...context }) => {
    const { api, sandbox, budget } = await sandboxed(context);
    const calls: ((by: GroouplyApi) => Promise<unknown>)[] = [
      (by) => by.account(AbortSignal.abort(reason)),
      (by) => by.groups(AbortSignal.abort(reason)),
      (by) => by.group(GROUP_ID, AbortSignal.abort(reason)),
      (by) => by.mentions(AbortSignal.abort(reason)),
    ];
    for (const call of calls) await expect(call(api)).rejects.toBe(reason);
    expect(budget.runs).toBe(0);
    expect(sandbox.requests()).toEqual([]);
  });
});

test.for<[string, (json: Buffer) => Buffer]>([
  ['is none', (json) => json],
  ['is cut off', (json) => gzipSync(json).subarray(0, -20)],
])('a compression that %s is not asked for again', async ([, compressed], context) => {
  const asked: (string | undefined)[] = [];
  const json = Buffer.from(JSON.stringify({ code: 1, status: 200, mentions: [] }));
  const apiUrl = await serve(context, ({ headers }, response) => {
    asked.push(headers['accept-encoding']);
    const plain = headers['accept-encoding'] === 'identity';
    if (!plain) response.setHeader('content-encoding', 'gzip');
    response.end(plain ? json : compressed(json));
  });
  const { api } = client({ apiUrl });
  await api.mentions(never());
  await api.mentions(never());
  context.expect(asked.slice(1)).toEqual(['identity', 'identity']);
});
