import { expect, test } from 'vitest';
import { judge } from '../../../src/delivering/verdict.ts';
import { googlechatWebhook } from '../../../src/webhooks/googlechat/googlechat.ts';
import { contextOf } from '../delivery-samples.ts';
import { expectGoogleChatMessage } from './googlechat-limits.ts';

const url = new URL('https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=secret');
const error = (code: number, status: string, message = 'secret', reason = 'OTHER') =>
  JSON.stringify({ error: { code, message, status, details: [{ reason }] } }, null, 2);
const WRONG_KEY = error(400, 'INVALID_ARGUMENT', 'API key not valid.', 'API_KEY_INVALID');
const EMPTY = error(400, 'INVALID_ARGUMENT', 'Message cannot be empty. Discarding it.');

test('messages ask for their thread, unless the URL says otherwise', () => {
  expect(googlechatWebhook.endpoint?.(url).href).toBe(
    `${url.href}&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD`,
  );
  const own = new URL(`${url.href}&messageReplyOption=MESSAGE_REPLY_OPTION_UNSPECIFIED`);
  expect(googlechatWebhook.endpoint?.(own).href).toBe(own.href);
});

const INVALID = 'the URL is no longer valid, or not allowed';

test.each<[string, number, string, object]>([
  ['a message', 200, '{"name":"spaces/A/messages/B"}', { kind: 'delivered' }],
  [
    'a message that it refuses',
    400,
    error(400, 'INVALID_ARGUMENT'),
    { kind: 'content-refused', reason: 'status 400: invalid_argument' },
  ],
  [
    'a wrong key',
    400,
    WRONG_KEY,
    { kind: 'fail', reason: `status 400: api_key_invalid: ${INVALID}` },
  ],
  [
    'a deleted webhook',
    403,
    error(403, 'PERMISSION_DENIED'),
    { kind: 'fail', reason: `status 403: permission_denied: ${INVALID}` },
  ],
  [
    'too many messages',
    429,
    error(429, 'RESOURCE_EXHAUSTED'),
    { kind: 'pause', waitMs: 5_000, reason: 'status 429: resource_exhausted' },
  ],
  ['an unknown word', 500, error(500, 'SECRET'), { kind: 'retry', reason: 'status 500' }],
  ['a page', 502, '<html>', { kind: 'retry', reason: 'status 502' }],
])('the answer to %s', (_, status, body, verdict) => {
  const answer = { kind: 'answered', status, headers: {}, body, durationMs: 1 } as const;
  const accepted = (...read: [number, string]) => googlechatWebhook.accepted(...read, url);
  expect(judge(answer, accepted, 0)).toEqual(verdict);
});

test('a test.ping is a text that names the webhook', () => {
  const { body } = googlechatWebhook.ping(contextOf());
  expect(expectGoogleChatMessage(body).text).toContain('for the webhook SALES will arrive here');
});

test.each([
  ['refuses a message without content', 400, EMPTY, { kind: 'there' }],
  ['has another key', 400, WRONG_KEY, { kind: 'gone', reason: 'status 400: api_key_invalid' }],
  ['is gone', 404, error(404, 'NOT_FOUND'), { kind: 'gone', reason: 'status 404: not_found' }],
  [
    'refuses for another reason',
    400,
    error(400, 'INVALID_ARGUMENT'),
    { kind: 'unclear', reason: 'status 400: invalid_argument' },
  ],
  ['is busy', 429, '', { kind: 'unclear', reason: 'status 429' }],
  [
    'accepts a message that Google refuses',
    200,
    '',
    { kind: 'unclear', reason: 'status 200: it may not be Google Chat' },
  ],
])('the probe shows that a webhook %s', (_, status, body, reading) => {
  expect(googlechatWebhook.probe.read(status, body, url)).toEqual(reading);
});
