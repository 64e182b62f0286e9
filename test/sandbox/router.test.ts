import { describe, expect, test } from 'vitest';
import { parseMention } from '../../src/domain/mention.ts';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';
import { fetchWindow, post, runningSandbox, send } from './running-sandbox.ts';

const ENVELOPE = {
  code: 1,
  status: 200,
  data: 'Success',
  request: { user: { name: expect.any(String), id: '1' } },
};
const DIGITS = /^\d+$/;

/** What the documentation shows, as far as a JSON value can show it. */
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
    const answer = JSON.parse((await post(sandbox, '/account/groups')).body) as {
      groups: { id: string; statusString: string }[];
    };
    const group = (id: string, status: string, statusString: string) => ({
      id,
      status,
      statusString,
      url: {
        facebook: `https://facebook.com/groups/${id}`,
        groouply: `https://groouply.com/group/${id}`,
      },
    });
    expect(answer).toStrictEqual({
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
      group: { posts: unknown[] };
    };
    expect(answer).toStrictEqual({
      ...ENVELOPE,
      group: {
        info: {
          name: expect.any(String),
          description: expect.any(String),
          owner: expect.any(String),
          privacy: expect.stringMatching(/^(public|private|secret)$/),
          id: groupId,
          status: '2',
          statusString: 'tracking',
        },
        keywords: expect.any(Array),
        posts: expect.any(Array),
      },
    });
    expect(answer).toHaveProperty(
      'group.keywords',
      expect.arrayContaining([{ name: 'white label', type: 'exact' }]),
    );
    expect(answer.group.posts.length).toBeGreaterThan(5);
    for (const item of answer.group.posts) {
      expect(item).toStrictEqual({
        owner: { name: expect.any(String), id: expect.stringMatching(DIGITS) },
        keyword: expect.any(String),
        link: expect.stringContaining(`https://facebook.com/groups/${groupId}/permalink/`),
        timestamps: {
          spotted: expect.stringMatching(DIGITS),
          sent_email: expect.stringMatching(DIGITS),
          sent_sms: null,
          sent_slack: expect.stringMatching(DIGITS),
          sent: expect.stringMatching(DIGITS),
        },
      });
    }
  });

  test('/account/mentions', async () => {
    const sandbox = await runningSandbox({ backlog: 130 });
    const answer = JSON.parse((await post(sandbox, '/account/mentions')).body) as {
      mentions: SandboxMention[];
    };
    expect(answer).toStrictEqual({ ...ENVELOPE, mentions: expect.any(Array) });
    expect(answer.mentions).toHaveLength(100);
    for (const item of answer.mentions) {
      expect(item).toStrictEqual({
        id: expect.stringMatching(DIGITS),
        keyword: expect.any(String),
        position: expect.stringMatching(/^(post|comment|link)$/),
        content: expect.any(String),
        link: expect.stringContaining('https://facebook.com/groups/'),
        owner: {
          name: expect.any(String),
          id: expect.stringMatching(DIGITS),
          link: expect.stringContaining('https://facebook.com/profile.php?id='),
        },
        group: { id: expect.stringMatching(DIGITS), name: expect.any(String) },
        spotted: expect.stringMatching(DIGITS),
      });
      expect(parseMention(item)).toMatchObject({ ok: true });
    }
    const spotted = answer.mentions.map((mention) => Number(mention.spotted));
    expect(spotted).toEqual(spotted.toSorted((a, b) => b - a));
  });
});

test('The posts of all groups are the mentions of the window', async () => {
  const sandbox = await runningSandbox({ backlog: 80 });
  const window = (await fetchWindow(sandbox)) as SandboxMention[];
  const { groups } = JSON.parse((await post(sandbox, '/account/groups')).body) as {
    groups: { id: string }[];
  };
  for (const { id } of groups) {
    const { body } = await post(sandbox, '/account/group', { groupId: id });
    const { posts } = (
      JSON.parse(body) as {
        group: {
          posts: {
            owner: object;
            keyword: string;
            link: string;
            timestamps: { spotted: string };
          }[];
        };
      }
    ).group;
    const ofWindow = window
      .filter(({ group }) => group.id === id)
      .map(({ owner, keyword, link, spotted }) => ({
        owner: { name: owner.name, id: owner.id },
        keyword,
        link,
        spotted,
      }));
    expect(
      posts.map(({ owner, keyword, link, timestamps }) => ({
        owner,
        keyword,
        link,
        spotted: timestamps.spotted,
      })),
    ).toEqual(ofWindow);
  }
});

describe('refused in the envelope', () => {
  const form = (parameters: Record<string, string>): RequestInit => ({
    method: 'POST',
    body: new URLSearchParams(parameters),
  });
  const key = { apiKey: 'sandbox-key' };
  const json = { 'content-type': 'application/json' };
  const cases: readonly {
    name: string;
    path?: string;
    init: RequestInit;
    status: number;
    data: string;
  }[] = [
    { name: 'a wrong key', init: form({ apiKey: 'other' }), status: 401, data: 'Unauthorized' },
    { name: 'a missing key', init: form({ a: 'b' }), status: 401, data: 'Unauthorized' },
    { name: 'no body', init: { method: 'POST' }, status: 401, data: 'Unauthorized' },
    {
      name: 'a key in the query',
      path: '/account/info?apiKey=sandbox-key',
      init: { method: 'POST' },
      status: 401,
      data: 'Unauthorized',
    },
    {
      name: 'a body of JSON',
      init: { method: 'POST', headers: json, body: JSON.stringify(key) },
      status: 400,
      data: 'Bad Request',
    },
    {
      name: 'a body beyond 64 KiB',
      init: form({ ...key, more: 'x'.repeat(70_000) }),
      status: 400,
      data: 'Bad Request',
    },
    {
      name: 'a missing groupId',
      path: '/account/group',
      init: form(key),
      status: 400,
      data: 'Bad Request',
    },
    {
      name: 'an unknown group',
      path: '/account/group',
      init: form({ ...key, groupId: '123' }),
      status: 404,
      data: 'Not Found',
    },
    {
      name: 'an unknown endpoint',
      path: '/account/mention',
      init: form(key),
      status: 404,
      data: 'Not Found',
    },
    { name: 'a GET', init: { method: 'GET' }, status: 404, data: 'Not Found' },
  ];
  test.each(cases)('$name: $status', async ({ path = '/account/info', init, status, data }) => {
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

test('A pending group has information and no posts', async () => {
  const sandbox = await runningSandbox({ backlog: 60 });
  const { body } = await post(sandbox, '/account/group', { groupId: '2044902829088090' });
  expect(JSON.parse(body)).toMatchObject({
    group: { info: { status: '1', statusString: 'pending access' }, posts: [] },
  });
});
