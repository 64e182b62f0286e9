import { createConnection } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startInbox, type Inbox } from '../../src/demo/inbox.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import { formatHttp } from '../../src/webhooks/http/http.ts';
import { formatDiscord } from '../../src/webhooks/discord/discord-message.ts';
import { formatTeams } from '../../src/webhooks/teams/teams-message.ts';
import { formatSlack } from '../../src/webhooks/slack/slack-message.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { contextOf, deliveryOf, SIGNING_SECRETS } from '../webhooks/delivery-samples.ts';
import { alertOf, LEFT, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const STATS = {
  spotted: 3,
  copies: 0,
  teamsClosed: false,
  requestsLastMinute: 20,
  requestBudget: 50,
};
const ACTIONS = {
  lead: async () => 'posted',
  digest: async () => Promise.reject(new Error('no relay')),
  hours: async () => 'closed',
};
const NONE = { slack: 0, discord: 0, teams: 0, http: 0, repeats: 0 };

async function runningInbox(port = 0): Promise<Inbox> {
  const inbox = await startInbox({
    host: '127.0.0.1',
    port,
    signingSecret: SIGNING_SECRETS[0],
    stats: () => STATS,
    actions: ACTIONS,
  });
  onTestFinished(() => inbox.stop());
  return inbox;
}

async function post(
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly [status: number, text: string]> {
  const response = await fetch(url, { method: 'POST', body, headers });
  return [response.status, await response.text()];
}

function signed(item: Record<string, unknown> = {}) {
  return formatHttp([deliveryOf(item)], contextOf({ nowMs: Date.now() }));
}

interface PageEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Opens a page and collects the events that it gets. */
async function openPage(inbox: Inbox): Promise<{
  readonly events: readonly PageEvent[];
  readonly ended: () => boolean;
}> {
  const response = await fetch(new URL('/events', inbox.url));
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events: PageEvent[] = [];
  let ended = false;
  async function read(): Promise<void> {
    let text = '';
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      text += Buffer.from(chunk).toString('utf8');
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? [];
        if (event === undefined || data === undefined) continue;
        events.push({ event, data: JSON.parse(data) as Record<string, unknown> });
      }
    }
  }
  read()
    .catch(() => undefined)
    .finally(() => (ended = true));
  return { events, ended: () => ended };
}

const ofKind = (events: readonly PageEvent[], name: string): Record<string, unknown>[] =>
  events.filter(({ event }) => event === name).map(({ data }) => data);

const first = (events: readonly PageEvent[], name: string): Promise<Record<string, unknown>> =>
  waitUntil(`the first ${name}`, () => ofKind(events, name)[0]);

test('a Slack message is answered as Slack does, and pushed to the page', async () => {
  const inbox = await runningInbox();
  const { events } = await openPage(inbox);
  const body = formatSlack([deliveryOf()]);

  expect(await post(inbox.chatUrls.slack, body)).toEqual([200, 'ok']);

  const pushed = await first(events, 'post');
  expect(pushed).toMatchObject({ kind: 'slack', number: 1, message: JSON.parse(body) });
  await waitUntil('the counters', () => ofKind(events, 'state').some(({ slack }) => slack === 1));
});

test('a signed request is verified, and shown with its headers and its body byte for byte', async () => {
  const inbox = await runningInbox();
  const { events } = await openPage(inbox);
  const { body, headers } = signed({ views: 2 ** 60, content: 'Grüße 🙏 <b>' });

  expect(await post(inbox.httpUrl, body, headers)).toEqual([200, 'ok']);

  const pushed = await first(events, 'post');
  expect(pushed).toMatchObject({ kind: 'http', status: 200, verification: 'verified', text: body });
  const shown = Object.fromEntries(pushed['headers'] as [string, string][]);
  expect(shown).toEqual({
    'webhook-id': headers['webhook-id'],
    'webhook-timestamp': headers['webhook-timestamp'],
    'webhook-signature': headers['webhook-signature'],
  });
});

test.each([
  ['unsigned', {}, 'unsigned'],
  ['signed by somebody else', { 'webhook-signature': 'v1,AAAA' }, 'wrong'],
  ['of last year', { 'webhook-timestamp': '1600000000' }, 'too-old'],
])('a request that is %s is refused, shown as such, and not counted', async (_, change, why) => {
  const inbox = await runningInbox();
  const { body, headers } = signed();
  const given = why === 'unsigned' ? {} : { ...headers, ...change };

  const [status] = await post(inbox.httpUrl, body, given);

  expect(status).toBe(401);
  const { events } = await openPage(inbox);
  const hello = await first(events, 'hello');
  expect(hello).toMatchObject({ posts: [{ verification: why, status: 401 }] });
  expect(inbox.counts()).toEqual(NONE);
});

test.each<[string, readonly Delivery[], number]>([
  ['a recovered mention', [recoveredOf()], 1],
  ['a message of three mentions', ['a', 'b', 'c'].map((keyword) => deliveryOf({ keyword })), 3],
  ['a gap', [alertOf()], 0],
  ['a change of a group', [alertOf(LEFT)], 0],
])('%s is accepted by each chat, and counted by its mentions', async (_, deliveries, mentions) => {
  const inbox = await runningInbox();
  const { slack, discord, teams } = inbox.chatUrls;
  const { body, headers } = formatHttp(deliveries, contextOf({ nowMs: Date.now() }));
  expect(await post(inbox.httpUrl, body, headers)).toEqual([200, 'ok']);
  expect(await post(slack, formatSlack(deliveries))).toEqual([200, 'ok']);
  expect(await post(discord, formatDiscord(deliveries))).toEqual([200, '{"type":0}']);
  expect(await post(teams, formatTeams(deliveries))).toEqual([202, '']);
  const counts = { slack: mentions, discord: mentions, teams: mentions, http: mentions };
  expect(inbox.counts()).toEqual({ ...counts, repeats: 0 });
  const { events } = await openPage(inbox);
  expect((await first(events, 'hello'))['posts']).toHaveLength(4);
});

test('a page that opens late gets all kept messages and the counters, and counters every second', async () => {
  const inbox = await runningInbox();
  const request = signed();
  await post(inbox.chatUrls.slack, formatSlack([deliveryOf()]));
  await post(inbox.httpUrl, request.body, request.headers);
  await post(inbox.httpUrl, request.body, request.headers);

  const { events } = await openPage(inbox);

  const state = { ...NONE, ...STATS, slack: 1, http: 1, repeats: 1 };
  expect(await first(events, 'hello')).toMatchObject({
    state,
    posts: [{ number: 1 }, { number: 2 }, { number: 3 }],
  });
  await waitUntil('two beats', () => ofKind(events, 'state').length >= 2);
  expect(ofKind(events, 'state').at(-1)).toEqual(state);
});

test.each([
  ['slack', 'no JSON', 'text', [400, 'invalid_payload']],
  ['slack', 'an empty body', '', [400, 'invalid_payload']],
  ['slack', 'a list', '[]', [400, 'invalid_payload']],
  ['slack', 'null', 'null', [400, 'invalid_payload']],
  ['slack', 'neither text nor blocks', '{"a":1}', [400, 'no_text']],
  ['slack', 'blocks that are none', '{"blocks":[null,1,"x"]}', [200, 'ok']],
  ['slack', 'too much', JSON.stringify({ text: 'x'.repeat(2e6) }), [413, 'The body is too long.']],
  ['discord', 'no JSON', '{', [400, expect.stringContaining('50109')]],
  ['discord', 'neither content nor embeds', '{}', [400, expect.stringContaining('50006')]],
  ['teams', 'no JSON, which starts a flow too', '{', [202, '']],
  ['http', 'no JSON', '{', [400, 'The body is not a JSON object.']],
  ['http', 'a string', '"x"', [400, 'The body is not a JSON object.']],
  ['http', 'too much', JSON.stringify({ a: 'x'.repeat(2e6) }), [413, 'The body is too long.']],
] as const)('a bad body for %s: %s', async (webhook, _, body, expected) => {
  const inbox = await runningInbox();
  const urls = { ...inbox.chatUrls, http: inbox.httpUrl };
  expect(await post(urls[webhook], body)).toEqual(expected);
  expect(await post(inbox.chatUrls.slack, '{"text":"it still works"}')).toEqual([200, 'ok']);
});

test('a sender that goes away in the middle of its body does no harm', async () => {
  const inbox = await runningInbox();
  const socket = createConnection({ host: '127.0.0.1', port: Number(inbox.url.port) });
  socket.write('POST /hooks/slack HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"te');
  await new Promise((resolve) => socket.write('xt"', resolve));
  socket.destroy();
  expect(await post(inbox.chatUrls.slack, '{"text":"next"}')).toEqual([200, 'ok']);
  expect(inbox.counts().slack).toBe(1);
});

test.each([
  ['GET', '/hooks/slack', 405, 'POST'],
  ['PUT', '/hooks/http', 405, 'POST'],
  ['POST', '/', 405, 'GET, HEAD'],
  ['DELETE', '/page.js', 405, 'GET, HEAD'],
  ['POST', '/events', 405, 'GET'],
  ['HEAD', '/events', 405, 'GET'],
  ['GET', '/nothing', 404, null],
  ['GET', '/../kept-posts.js', 404, null],
  ['GET', '/%2e%2e/kept-posts.js', 404, null],
  ['GET', '/index.html', 404, null],
  ['HEAD', '/', 200, null],
])('%s %s is answered %s', async (method, path, status, allow) => {
  const inbox = await runningInbox();
  const response = await fetch(new URL(path, inbox.url), { method });
  expect(response.status).toBe(status);
  expect(response.headers.get('allow')).toBe(allow);
});

test.each([
  ['/', 'text/html; charset=utf-8'],
  ['/page.css', 'text/css; charset=utf-8'],
  ['/page.js', 'text/javascript; charset=utf-8'],
  ['/icon.svg', 'image/svg+xml'],
])('%s is served as %s, and may load nothing from other hosts', async (path, type) => {
  const inbox = await runningInbox();
  const response = await fetch(new URL(path, inbox.url));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(type);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
  expect(await response.text()).not.toMatch(/(src|href)="(https?:)?\/\//);
});

test('a port that is taken is refused', async () => {
  const { url } = await runningInbox();
  await expect(runningInbox(Number(url.port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('stop() ends open pages and frees the port', async () => {
  const inbox = await runningInbox();
  const page = await openPage(inbox);
  await inbox.stop();
  await waitUntil('the page to end', page.ended);
  await expect(fetch(inbox.url)).rejects.toThrow('fetch failed');
});

test('a button is answered by a sentence, only on the page itself, and a digest counts no mention', async () => {
  const inbox = await runningInbox();
  const press = (name: string, from?: string) =>
    post(new URL(`/actions/${name}`, inbox.url), '', from ? { 'sec-fetch-site': from } : {});
  expect(await press('lead', 'same-origin')).toEqual([200, 'posted']);
  expect(await press('digest')).toEqual([500, 'no relay']);
  expect(await press('hours')).toEqual([200, 'closed']);
  expect((await press('lead', 'cross-site'))[0]).toBe(403);
  expect((await press('other'))[0]).toBe(404);

  expect(await post(inbox.digestUrl, formatSlack([deliveryOf()]))).toEqual([200, 'ok']);
  expect(inbox.counts()).toEqual(NONE);
});
