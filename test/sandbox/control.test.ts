import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { fetchWindow, post, runningSandbox, send, type Reply } from './running-sandbox.ts';

function steer(sandbox: Sandbox, method: string, path: string, value?: unknown): Promise<Reply> {
  const body = value === undefined ? {} : { body: JSON.stringify(value) };
  return send(new URL(`/_sandbox/${path}`, sandbox.url).href, { method, ...body });
}

test('A fault can be added and cleared', async () => {
  const sandbox = await runningSandbox();
  const rule = { kind: 'status', status: 500, times: 'Infinity' };
  expect((await steer(sandbox, 'POST', 'faults', rule)).status).toBe(200);
  expect((await post(sandbox, '/account/info')).status).toBe(500);
  expect((await post(sandbox, '/account/info')).status).toBe(500);
  expect((await steer(sandbox, 'DELETE', 'faults')).status).toBe(200);
  expect((await post(sandbox, '/account/info')).status).toBe(200);
});

test.each([
  { value: { count: 3 }, spotted: 3 },
  { value: {}, spotted: 1 },
  { value: undefined, spotted: 1 },
])('Spotting $value adds $spotted', async ({ value, spotted }) => {
  const sandbox = await runningSandbox();
  const { body } = await steer(sandbox, 'POST', 'spot', value);
  expect(sandbox.mentions()).toHaveLength(spotted);
  expect(JSON.parse(body)).toEqual({ mentions: sandbox.mentions().toReversed() });
});

test('Mentions can be given; what they leave out is made up', async () => {
  const sandbox = await runningSandbox({ now: () => 1_700_000_000_000 });
  const whole = { ...sandbox.spot()[0], id: '1', extra: { kept: true } };
  const reply = await steer(sandbox, 'POST', 'mentions', [
    whole,
    { content: 'Only <text>', owner: { name: 'Ada B.' } },
  ]);
  expect(reply.status).toBe(200);
  expect(await fetchWindow(sandbox)).toMatchObject([
    {
      id: expect.stringMatching(/^\d{16}$/),
      content: 'Only <text>',
      owner: { name: 'Ada B.', id: expect.stringMatching(/^\d+$/) },
      spotted: '1700000000',
    },
    whole,
    {},
  ]);
});

test('The state counts API requests, and steering is none', async () => {
  let nowMs = 0;
  const sandbox = await runningSandbox({ backlog: 2, now: () => nowMs });
  await post(sandbox, '/account/info');
  nowMs = 59_999;
  await post(sandbox, '/account/unknown');
  nowMs = 60_000;
  await post(sandbox, '/account/info');
  await steer(sandbox, 'POST', 'spot', { count: 4 });
  await steer(sandbox, 'POST', 'faults', { kind: 'hang' });
  const { body } = await steer(sandbox, 'GET', 'state');
  expect(JSON.parse(body)).toEqual({
    requests: 3,
    busiestWindow: 2,
    requestWindowMs: 60_000,
    requestLimit: 60,
    mentions: 6,
    faults: 1,
  });
  expect(sandbox.requests()).toHaveLength(3);
});

describe('refused with a reason, and nothing changes:', () => {
  test.each([
    { name: 'an unknown path', method: 'POST', path: 'other', body: '{}', status: 404 },
    { name: 'a method that is not known there', method: 'GET', path: 'spot', status: 404 },
    { name: 'a body that is no JSON', method: 'POST', path: 'spot', body: '{', status: 400 },
    { name: 'an unknown fault', method: 'POST', path: 'faults', body: '{"kind":"x"}', status: 400 },
    { name: 'no fault', method: 'POST', path: 'faults', status: 400 },
    { name: 'a count of 0', method: 'POST', path: 'spot', body: '{"count":0}', status: 400 },
    { name: 'a count of 1001', method: 'POST', path: 'spot', body: '{"count":1001}', status: 400 },
    {
      name: 'mentions that are no list',
      method: 'POST',
      path: 'mentions',
      body: '{}',
      status: 400,
    },
    { name: 'a mention that is none', method: 'POST', path: 'mentions', body: '[1]', status: 400 },
    {
      name: 'a body beyond 8 MiB',
      method: 'POST',
      path: 'mentions',
      body: ' '.repeat(8_388_609),
      status: 413,
    },
  ])('$name', async ({ method, path, body, status }) => {
    const sandbox = await runningSandbox();
    const url = new URL(`/_sandbox/${path}`, sandbox.url).href;
    const reply = await send(url, body === undefined ? { method } : { method, body });
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body)).toEqual({ error: expect.stringMatching(/\w/) });
    expect(sandbox.mentions()).toEqual([]);
    const state = JSON.parse((await steer(sandbox, 'GET', 'state')).body) as object;
    expect(state).toMatchObject({ faults: 0, requests: 0 });
  });
});
