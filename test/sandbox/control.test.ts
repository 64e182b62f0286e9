import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { fetchWindow, post, runningSandbox, send, type Reply } from './running-sandbox.ts';

function control(sandbox: Sandbox, method: string, path: string, value?: unknown): Promise<Reply> {
  const body = value === undefined ? {} : { body: JSON.stringify(value) };
  return send(new URL(`/_sandbox/${path}`, sandbox.url).href, { method, ...body });
}

test('A fault can be added and cleared', async () => {
  const sandbox = await runningSandbox();
  const rule = { kind: 'status', status: 500, times: 'Infinity' };
  expect((await control(sandbox, 'POST', 'faults', rule)).status).toBe(200);
  expect((await post(sandbox, '/account/info')).status).toBe(500);
  expect((await post(sandbox, '/account/info')).status).toBe(500);
  expect((await control(sandbox, 'DELETE', 'faults')).status).toBe(200);
  expect((await post(sandbox, '/account/info')).status).toBe(200);
});

test.each([
  { value: { count: 3 }, spotted: 3 },
  { value: {}, spotted: 1 },
  { value: undefined, spotted: 1 },
])('Spotting $value adds $spotted', async ({ value, spotted }) => {
  const sandbox = await runningSandbox();
  const { body } = await control(sandbox, 'POST', 'spot', value);
  expect(sandbox.mentions()).toHaveLength(spotted);
  expect(JSON.parse(body)).toEqual({ mentions: sandbox.mentions().toReversed() });
});

test('Mentions can be given; what they leave out is made up', async () => {
  const sandbox = await runningSandbox({ now: () => 1_700_000_000_000 });
  const whole = { ...sandbox.spot()[0], id: '1', extra: { kept: true } };
  const reply = await control(sandbox, 'POST', 'mentions', [
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

test('The state counts API requests, but not requests to control the sandbox', async () => {
  let nowMs = 0;
  const sandbox = await runningSandbox({ backlog: 2, now: () => nowMs });
  await post(sandbox, '/account/info');
  nowMs = 59_999;
  await post(sandbox, '/account/unknown');
  nowMs = 60_000;
  await post(sandbox, '/account/info');
  await control(sandbox, 'POST', 'spot', { count: 4 });
  await control(sandbox, 'POST', 'faults', { kind: 'hang' });
  const { body } = await control(sandbox, 'GET', 'state');
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

const spot = (body: string) => ({ method: 'POST', path: 'spot', body, status: 400 });
const mentions = (body: string, status = 400) => ({
  method: 'POST',
  path: 'mentions',
  body,
  status,
});

describe('refused with a reason, without any effect:', () => {
  test.each([
    { name: 'an unknown path', method: 'POST', path: 'other', body: '{}', status: 404 },
    { name: 'an unknown method', method: 'GET', path: 'spot', status: 404 },
    { name: 'an unknown fault', method: 'POST', path: 'faults', body: '{"kind":"x"}', status: 400 },
    { name: 'no fault', method: 'POST', path: 'faults', status: 400 },
    { name: 'a body that is not JSON', ...spot('{') },
    { name: 'a count of 0', ...spot('{"count":0}') },
    { name: 'a count of 1001', ...spot('{"count":1001}') },
    { name: 'mentions that are not a list', ...mentions('{}') },
    { name: 'an invalid mention', ...mentions('[1]') },
    { name: 'a body beyond 8 MiB', ...mentions(' '.repeat(8_388_609), 413) },
  ])('$name', async ({ method, path, body, status }) => {
    const sandbox = await runningSandbox();
    const url = new URL(`/_sandbox/${path}`, sandbox.url).href;
    const reply = await send(url, body === undefined ? { method } : { method, body });
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body)).toEqual({ error: expect.stringMatching(/\w/) });
    expect(sandbox.mentions()).toEqual([]);
    const state = JSON.parse((await control(sandbox, 'GET', 'state')).body) as object;
    expect(state).toMatchObject({ faults: 0, requests: 0 });
  });
});
