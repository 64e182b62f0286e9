import { describe, expect, test } from 'vitest';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';
import { fetchWindow, post, runningSandbox, send } from './running-sandbox.ts';

const ENVELOPE = {
  code: 1,
  status: 200,
  data: 'Success',
  request: { user: { name: expect.any(String), id: '1' } },
};
const DIGITS = expect.stringMatching(/^\d+$/);
const TEXT = expect.any(String);

describe('the documented answer of', () => {
  test('/account/info', async () => {
    const sandbox = await runningSandbox();
    const { status, headers, body } = await post(sandbox, '/account/info');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(JSON.parse(body)).toStrictEqual({
      ...ENVELOPE,
      account: {
        registered: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        groups: { all: 4, tracking: 3 },
      },
    });
  });

  test('/account/groups', async () => {
    const sandbox = await runningSandbox();
    const group = (id: string, status: string, statusString: string) => ({
      id,
      status,
      statusString,
      url: {
        facebook: `https://facebook.com/groups/${id}`,
        groouply: `https://groouply.com/group/${id}`,
      },
    });
    expect(JSON.parse((await post(sandbox, '/account/groups')).body)).toStrictEqual({
      ...ENVELOPE,
      groups: [
        group('965673390154514', '2', 'tracking'),
        group('1613874192275516', '2', 'tracking'),
        group('1617905175110739', '2', 'tracking'),
        group('2044902829088090', '1', 'pending access'),
      ],
    });
  });

  test('/account/group', async () => {
    const sandbox = await runningSandbox({ backlog: 60 });
    const groupId = '965673390154514';
    const answer = JSON.parse((await post(sandbox, '/account/group', { groupId })).body) as {
      group: { keywords: object[]; posts: object[] };
    };
    const { keywords, posts } = answer.group;
    expect(answer).toStrictEqual({
      ...ENVELOPE,
      group: {
        info: {
          name: TEXT,
          description: TEXT,
          owner: TEXT,
          privacy: expect.stringMatching(/^(public|private|secret)$/),
          id: groupId,
          status: '2',
          statusString: 'tracking',
        },
        keywords,
        posts,
      },
    });
    expect(keywords).toContainEqual({ name: 'white label', type: 'exact' });
    expect(posts.length).toBeGreaterThan(5);
    for (const item of posts) {
      expect(item).toStrictEqual({
        owner: { name: TEXT, id: DIGITS },
        keyword: TEXT,
        link: expect.stringContaining(`https://facebook.com/groups/${groupId}/permalink/`),
        timestamps: {
          spotted: DIGITS,
          sent_email: DIGITS,
          sent_sms: null,
          sent_slack: DIGITS,
          sent: DIGITS,
        },
      });
    }
  });

  test('/account/mentions', async () => {
    const sandbox = await runningSandbox({ backlog: 130 });
    const answer = JSON.parse((await post(sandbox, '/account/mentions')).body) as {
      mentions: SandboxMention[];
    };
    expect(answer).toStrictEqual({ ...ENVELOPE, mentions: answer.mentions });
    expect(answer.mentions).toHaveLength(100);
    for (const item of answer.mentions) {
      expect(item).toStrictEqual({
        id: DIGITS,
        keyword: TEXT,
        position: expect.stringMatching(/^(post|comment|link)$/),
        content: TEXT,
        link: expect.stringContaining('https://facebook.com/groups/'),
        owner: { name: TEXT, id: DIGITS, link: expect.stringContaining('https://facebook.com/') },
        group: { id: DIGITS, name: TEXT },
        spotted: DIGITS,
      });
    }
    const spotted = answer.mentions.map((mention) => Number(mention.spotted));
    expect(spotted).toEqual(spotted.toSorted((a, b) => b - a));
  });
});

test('the posts of all groups are the mentions of the window', async () => {
  const sandbox = await runningSandbox({ backlog: 80 });
  const window = (await fetchWindow(sandbox)) as SandboxMention[];
  for (const groupId of new Set(window.map(({ group }) => group.id))) {
    const { body } = await post(sandbox, '/account/group', { groupId });
    const { posts } = (JSON.parse(body) as { group: { posts: object[] } }).group;
    const expected = window
      .filter(({ group }) => group.id === groupId)
      .map(({ owner: { name, id }, keyword, link, spotted }) => ({
        owner: { name, id },
        keyword,
        link,
        timestamps: { spotted },
      }));
    expect(posts).toHaveLength(expected.length);
    expect(posts).toMatchObject(expected);
  }
});

describe('refused in the envelope', () => {
  const form = (parameters: Record<string, string>): RequestInit => ({
    method: 'POST',
    body: new URLSearchParams(parameters),
  });
  const key = { apiKey: 'sandbox-key' };
  const json: RequestInit = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(key),
  };
  const info = '/account/info';
  const long = form({ ...key, more: 'x'.repeat(70_000) });

  test.each<[string, string, RequestInit, number, string]>([
    ['a wrong key', info, form({ apiKey: 'other' }), 401, 'Unauthorized'],
    ['a missing key', info, form({ a: 'b' }), 401, 'Unauthorized'],
    ['no body', info, { method: 'POST' }, 401, 'Unauthorized'],
    ['a key in the query', `${info}?apiKey=sandbox-key`, { method: 'POST' }, 401, 'Unauthorized'],
    ['a body of JSON', info, json, 400, 'Bad Request'],
    ['a body beyond 64 KiB', info, long, 400, 'Bad Request'],
    ['a missing groupId', '/account/group', form(key), 400, 'Bad Request'],
    ['an unknown group', '/account/group', form({ ...key, groupId: '123' }), 404, 'Not Found'],
    ['an unknown endpoint', '/account/mention', form(key), 404, 'Not Found'],
    ['a GET', info, { method: 'GET' }, 404, 'Not Found'],
  ])('%s', async (_, path, init, status, data) => {
    const sandbox = await runningSandbox();
    const reply = await send(`${sandbox.url.href}${path}`, init);
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body)).toStrictEqual({
      code: 0,
      status,
      data: expect.stringMatching(new RegExp(`^${data}: `)),
      request: { user: null },
    });
    expect(sandbox.requests().map((request) => request.status)).toEqual([status]);
  });

  test('a documented path outside the base URL: 404', async () => {
    const sandbox = await runningSandbox();
    const reply = await send(new URL('/account/info', sandbox.url).href, form(key));
    expect(reply.status).toBe(404);
  });
});

test('a pending group has information but no posts', async () => {
  const sandbox = await runningSandbox({ backlog: 60 });
  const { body } = await post(sandbox, '/account/group', { groupId: '2044902829088090' });
  expect(JSON.parse(body)).toMatchObject({
    group: { info: { status: '1', statusString: 'pending access' }, posts: [] },
  });
});
