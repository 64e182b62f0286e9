import { expect, test } from 'vitest';
import { judge } from '../../../src/delivering/verdict.ts';
import { ntfyWebhook } from '../../../src/webhooks/ntfy/ntfy.ts';
import { contextOf, deliveryOf, webhookOf } from '../delivery-samples.ts';
import { expectNtfyMessage } from './ntfy-limits.ts';

const url = new URL('https://me:pass@ntfy.example/my-topic/?auth=x');
const context = contextOf({ webhook: webhookOf({ url }) });
const error = (code: number, words = 'secret') =>
  JSON.stringify({ code, http: Math.floor(code / 100), error: words });

test('messages go to the root of the server and name the topic', () => {
  expect(ntfyWebhook.endpoint?.(url).href).toBe('https://me:pass@ntfy.example/?auth=x');
  expect(expectNtfyMessage(ntfyWebhook.request([deliveryOf()], context).body).topic).toBe(
    'my-topic',
  );
});

const INVALID = 'the URL is no longer valid, or not allowed';

test.each<[string, number, string, object]>([
  ['a message', 200, '{"id":"a","event":"message"}', { kind: 'delivered' }],
  [
    'a web page',
    200,
    '<html>',
    { kind: 'retry', reason: 'status 200, but not as ntfy answers: check the URL' },
  ],
  [
    'a wrong topic',
    400,
    error(40009),
    { kind: 'fail', reason: `status 400: topic_invalid: ${INVALID}` },
  ],
  [
    'buttons that an older server refuses',
    400,
    error(40018),
    { kind: 'content-refused', reason: 'status 400: invalid_actions' },
  ],
  [
    'a token without rights',
    403,
    error(40301),
    { kind: 'fail', reason: `status 403: forbidden: ${INVALID}` },
  ],
  [
    'too many requests',
    429,
    error(42901),
    { kind: 'pause', waitMs: 5_000, reason: 'status 429: too_many_requests' },
  ],
  [
    'more messages than a day has',
    429,
    error(42908),
    { kind: 'pause', waitMs: 3_600_000, reason: 'status 429: daily_quota_reached' },
  ],
  ['an unknown error', 500, error(50999), { kind: 'retry', reason: 'status 500' }],
])('the answer to %s', (_, status, body, verdict) => {
  const answer = { kind: 'answered', status, headers: {}, body, durationMs: 1 } as const;
  const accepted = (...read: [number, string]) => ntfyWebhook.accepted(...read, url);
  expect(judge(answer, accepted, 0)).toEqual(verdict);
});

test('a test.ping is a message that names the webhook', () => {
  const { message } = expectNtfyMessage(ntfyWebhook.ping(context).body);
  expect(message).toContain('for the webhook SALES will arrive here');
});

test('the probe asks for the health of the server', () => {
  expect(ntfyWebhook.probe.method).toBe('GET');
  expect(ntfyWebhook.probe.endpoint?.(url).pathname).toBe('/v1/health');
});

test.each([
  [200, '{"healthy":true}', { kind: 'there' }],
  [200, '{"healthy":false}', { kind: 'unclear', reason: 'status 200' }],
  [200, '<html>', { kind: 'unclear', reason: 'status 200' }],
  [404, '', { kind: 'unclear', reason: 'status 404' }],
])('the probe reads a %i with %j as %j', (status, body, reading) => {
  expect(ntfyWebhook.probe.read(status, body, url)).toEqual(reading);
});
