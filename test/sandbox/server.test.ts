import { describe, expect, test, vi } from 'vitest';
import { parseMention } from '../../src/domain/mention.ts';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';
import { fetchWindow, post, runningSandbox, seededRandom } from './running-sandbox.ts';

const MENTIONS = '/account/mentions';

describe('a fault of the answer', () => {
  test('status: this one, in the envelope, with Retry-After', async () => {
    const sandbox = await runningSandbox();
    sandbox.fault({ kind: 'status', status: 503, retryAfter: 7 });
    const reply = await post(sandbox, MENTIONS);
    expect(reply.status).toBe(503);
    expect(reply.headers.get('retry-after')).toBe('7');
    expect(JSON.parse(reply.body)).toMatchObject({ code: 0, status: 503 });
    expect((await post(sandbox, MENTIONS)).status).toBe(200);
    expect(sandbox.requests().map(({ status }) => status)).toEqual([503, 200]);
  });

  test.each([
    ['as documented', { status: 403 }, { status: 403, body: expect.stringContaining('"code":0') }],
    ['with its own body', { status: 502, body: '<h1>x</h1>' }, { status: 502, body: '<h1>x</h1>' }],
    ['without a body', { status: 204 }, { status: 204, body: '' }],
  ])('status: one %s', async (_, fault, expected) => {
    const sandbox = await runningSandbox();
    sandbox.fault({ kind: 'status', ...fault });
    expect(await post(sandbox, MENTIONS)).toMatchObject(expected);
  });

  test('envelope: an error under HTTP 200', async () => {
    const sandbox = await runningSandbox();
    sandbox.fault({ kind: 'envelope', status: 401 });
    const reply = await post(sandbox, MENTIONS);
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toEqual({
      code: 0,
      status: 401,
      data: 'Unauthorized: The API key provided was invalid or missing.',
      request: { user: null },
    });
  });

  test('html: a web page under HTTP 200', async () => {
    const sandbox = await runningSandbox();
    sandbox.fault({ kind: 'html' });
    const reply = await post(sandbox, MENTIONS);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toMatch(/^text\/html/);
    expect(reply.body).toMatch(/^<!doctype html>/);
  });

  test('html: a challenge page with its status', async () => {
    const sandbox = await runningSandbox();
    sandbox.fault({ kind: 'html', status: 403 });
    const reply = await post(sandbox, MENTIONS);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([
      403,
      'text/html; charset=utf-8',
    ]);
    expect(reply.body).toMatch(/^<!doctype html>/);
  });

  test('noise: a warning of PHP, or another text, before the usual JSON', async () => {
    const sandbox = await runningSandbox({ backlog: 1 });
    const usual = (await post(sandbox, MENTIONS)).body;
    sandbox.fault({ kind: 'noise' });
    sandbox.fault({ kind: 'noise', before: '?' });
    const { body } = await post(sandbox, MENTIONS);
    expect(body).toMatch(/^<br \/>\n<b>Warning<\/b>: /);
    expect(body.endsWith(usual)).toBe(true);
    expect((await post(sandbox, MENTIONS)).body).toBe(`?${usual}`);
  });

  test("php: the usual window in PHP's other forms", async () => {
    const sandbox = await runningSandbox();
    sandbox.spot(2);
    const [first, second] = sandbox.mentions();
    sandbox.fault({ kind: 'php' });
    const { body } = await post(sandbox, MENTIONS);
    expect(JSON.parse(body)).toMatchObject({
      mentions: { 0: { id: first?.id, link: first?.link }, 2: { id: second?.id } },
    });
  });

  test('truncated: the first half of the usual JSON', async () => {
    const sandbox = await runningSandbox({ backlog: 10 });
    const whole = (await post(sandbox, MENTIONS)).body;
    sandbox.fault({ kind: 'truncated' });
    const { status, body } = await post(sandbox, MENTIONS);
    expect(status).toBe(200);
    expect(body.length).toBe(Math.floor(whole.length / 2));
    expect(whole.startsWith(body)).toBe(true);
    expect(() => JSON.parse(body) as unknown).toThrow(SyntaxError);
  });

  test('malformed: the broken items among the usual ones', async () => {
    const sandbox = await runningSandbox({ backlog: 10 });
    const usual = await fetchWindow(sandbox);
    const broken = [null, 'text', { keyword: 'no id' }, { id: { nested: true } }];
    sandbox.fault({ kind: 'malformed', items: broken });
    const window = await fetchWindow(sandbox);
    expect(window).toEqual([...usual.slice(0, 5), ...broken, ...usual.slice(5)]);
    expect(window.filter((item) => !parseMention(item).ok)).toEqual(broken);
    expect(await fetchWindow(sandbox)).toEqual(usual);
  });

  test('numbers: ids, timestamps and statuses, every digit of them', async () => {
    const sandbox = await runningSandbox();
    const [made] = sandbox.spot() as [SandboxMention];
    const owner = { ...made.owner, id: '10152345678901237' };
    const content = 'It holds "id":"123" and 42';
    sandbox.setWindow([{ ...made, content, owner }]);
    sandbox.fault({ kind: 'numbers', times: 3 });
    const { body } = await post(sandbox, MENTIONS);
    expect(body).toContain('"id":10152345678901237,');
    expect((JSON.parse(body) as { mentions: unknown[] }).mentions).toMatchObject([
      {
        id: Number(made.id),
        content,
        group: { id: Number(made.group.id) },
        spotted: Number(made.spotted),
      },
    ]);
    const groups = JSON.parse((await post(sandbox, '/account/groups')).body) as object;
    expect(groups).toHaveProperty('groups.0.status', 2);
    const reply = await post(sandbox, '/account/group', { groupId: made.group.id });
    expect(reply.body).toMatch(/"sent_email":\d+,"sent_sms":null,"sent_slack":\d+/);
  });

  test('delay: the usual answer later, and no other request waits', async () => {
    const sandbox = await runningSandbox({ backlog: 1 });
    sandbox.fault({ kind: 'delay', delayMs: 40 });
    const delayed = fetchWindow(sandbox);
    await vi.waitUntil(() => sandbox.requests().length === 1, { interval: 1 });
    expect((await post(sandbox, '/account/info')).status).toBe(200);
    expect(await delayed).toEqual(sandbox.mentions());
  });
});

describe('a fault of the connection', () => {
  test.each(['before', 'after'] as const)('reset %s the body: no answer', async (when) => {
    const sandbox = await runningSandbox();
    sandbox.fault({ kind: 'reset', when });
    await expect(post(sandbox, MENTIONS)).rejects.toThrow('fetch failed');
    expect(sandbox.requests()).toMatchObject([{ endpoint: MENTIONS, status: null }]);
    expect((await post(sandbox, MENTIONS)).status).toBe(200);
  });

  test('hang: no answer as long as the sandbox runs; stop() ends it', async () => {
    const sandbox = await runningSandbox();
    sandbox.fault({ kind: 'hang' });
    let settled = false;
    const hanging = post(sandbox, MENTIONS).finally(() => {
      settled = true;
    });
    const failed = expect(hanging).rejects.toThrow('fetch failed');
    await vi.waitUntil(() => sandbox.requests().length === 1, { interval: 1 });
    expect((await post(sandbox, MENTIONS)).status).toBe(200);
    expect(settled).toBe(false);
    await sandbox.stop();
    await failed;
    expect(sandbox.requests()).toMatchObject([{ status: null }, { status: 200 }]);
  });
});

describe('the limit', () => {
  test('refuses requests above it, with the time to wait, and uses up no fault', async () => {
    let nowMs = 1000;
    const sandbox = await runningSandbox({
      requestLimit: 2,
      requestWindowMs: 10_000,
      now: () => nowMs,
    });
    await post(sandbox, MENTIONS);
    await post(sandbox, '/account/unknown');
    sandbox.fault({ kind: 'html' });

    nowMs = 3500;
    const refused = await post(sandbox, '/account/info');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('8');
    expect(JSON.parse(refused.body)).toMatchObject({ code: 0, status: 429 });

    nowMs = 11_000;
    const allowed = await post(sandbox, '/account/info');
    expect(allowed.headers.get('content-type')).toMatch(/^text\/html/);

    expect(sandbox.requests()).toEqual([
      { atMs: 1000, endpoint: MENTIONS, status: 200 },
      { atMs: 1000, endpoint: '/account/unknown', status: 404 },
      { atMs: 3500, endpoint: '/account/info', status: 429 },
      { atMs: 11_000, endpoint: '/account/info', status: 200 },
    ]);
    expect(sandbox.busiestWindow()).toBe(3);
    expect(sandbox.busiestWindow(2500)).toBe(2);
    expect(sandbox.busiestWindow(2501)).toBe(3);
    expect(sandbox.busiestWindow(10_001)).toBe(4);
  });

  test('is 60 a minute by default', async () => {
    const sandbox = await runningSandbox({ now: () => 0 });
    const replies = await Promise.all(
      Array.from({ length: 61 }, () => post(sandbox, '/account/info')),
    );
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(1);
    expect(sandbox.busiestWindow()).toBe(61);
  });
});

test('a window that JSON cannot hold is reported as a mistake, and the sandbox keeps running', async () => {
  const sandbox = await runningSandbox();
  sandbox.setWindow([1n]);
  const reply = await post(sandbox, MENTIONS);
  expect(reply.status).toBe(500);
  expect(reply.body).toContain('BigInt');
  sandbox.setWindow(null);
  expect((await post(sandbox, MENTIONS)).status).toBe(200);
});

test('the same seed and clock give the same account and the same faults', async () => {
  const run = async () => {
    const options = { backlog: 30, random: seededRandom(9), now: () => 1_700_000_000_000 };
    const sandbox = await runningSandbox(options);
    sandbox.spot(5);
    sandbox.fault({ kind: 'status', status: 500, probability: 0.5 });
    const statuses: number[] = [];
    for (let request = 0; request < 12; request += 1) {
      statuses.push((await post(sandbox, MENTIONS)).status);
    }
    return { statuses, mentions: sandbox.mentions() };
  };
  const first = await run();
  expect(await run()).toEqual(first);
  expect(new Set(first.statuses)).toEqual(new Set([200, 500]));
});
