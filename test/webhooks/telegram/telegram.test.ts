import { expect, test } from 'vitest';
import { judge } from '../../../src/delivering/verdict.ts';
import { telegramWebhook } from '../../../src/webhooks/telegram/telegram.ts';
import { contextOf, webhookOf } from '../delivery-samples.ts';
import { expectTelegramMessage } from './telegram-limits.ts';

const url = new URL(
  'https://api.telegram.org/bot1:secret/sendMessage?chat_id=-100&message_thread_id=7',
);
const error = (code: number, description: string, parameters?: object) =>
  JSON.stringify({ ok: false, error_code: code, description, parameters });
const verdictOn = (status: number, body: string, headers = {}) =>
  judge(
    { kind: 'answered', status, headers, body, durationMs: 1 },
    (...answer) => telegramWebhook.accepted(...answer, url),
    0,
  );
const INVALID = 'the URL is no longer valid, or not allowed';

test('messages go to the URL, without parameters that would replace those of the message', () => {
  expect(telegramWebhook.endpoint?.(url).href).toBe(url.href);
  const more = new URL(`${url.href}&parse_mode=Markdown&text=a&disable_notification=true`);
  expect(telegramWebhook.endpoint?.(more).href).toBe(`${url.href}&disable_notification=true`);
});

test('a long answer, of which only the beginning was read, is a success', () => {
  expect(verdictOn(200, '{"ok":true,"result":{"text":"\\u65e5')).toEqual({ kind: 'delivered' });
});

test.each<[string, number, string, object]>([
  ['a log-in page', 200, '<html>', { kind: 'retry', reason: 'status 200 without ok' }],
  [
    'an error in a success',
    200,
    error(400, 'Bad Request: message is too long'),
    { kind: 'content-refused', reason: 'status 200 without ok: message_too_long' },
  ],
  [
    'broken markup',
    400,
    error(400, "Bad Request: can't parse entities: Unsupported start tag"),
    { kind: 'content-refused', reason: 'status 400: cannot_parse_entities' },
  ],
  [
    'an unknown chat',
    400,
    error(400, 'Bad Request: chat not found'),
    { kind: 'fail', reason: `status 400: chat_not_found: ${INVALID}` },
  ],
  [
    'a group that has become a supergroup',
    400,
    error(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: -1001,
    }),
    { kind: 'fail', reason: `status 400: group_has_new_chat_id: ${INVALID}` },
  ],
  [
    'a bot that was removed',
    403,
    error(403, 'Forbidden: bot was kicked from the supergroup chat'),
    { kind: 'fail', reason: `status 403: bot_was_kicked: ${INVALID}` },
  ],
  [
    'a wrong token',
    401,
    error(401, 'Unauthorized'),
    { kind: 'fail', reason: `status 401: unknown_token: ${INVALID}` },
  ],
  [
    'an error that is not known here',
    400,
    error(400, 'Bad Request: bot1:secret'),
    { kind: 'content-refused', reason: 'status 400' },
  ],
  [
    'too many requests',
    429,
    error(429, 'Too Many Requests: retry after 14', { retry_after: 14 }),
    { kind: 'pause', waitMs: 14_000, reason: 'status 429: too_many_requests' },
  ],
  [
    'too many requests, for a day',
    429,
    error(429, 'Too Many Requests: retry after 86400', { retry_after: 86_400 }),
    { kind: 'pause', waitMs: 3_600_000 },
  ],
])('the answer to %s', (_, status, body, verdict) => {
  expect(verdictOn(status, body)).toMatchObject(verdict);
});

test('Retry-After comes before the pause in the body', () => {
  const body = error(429, '', { retry_after: 14 });
  expect(verdictOn(429, body, { 'retry-after': '3' })).toMatchObject({ waitMs: 3_000 });
});

test('a test.ping is a message that names the webhook', () => {
  const { body } = telegramWebhook.ping(contextOf({ webhook: webhookOf({ name: 'A_B' }) }));
  expect(expectTelegramMessage(body)).toContain('for the webhook A_B will arrive here');
});

test('the probe asks for the chat, by the same token', () => {
  expect(telegramWebhook.probe.method).toBe('GET');
  expect(telegramWebhook.probe.endpoint?.(url).href).toBe(
    'https://api.telegram.org/bot1:secret/getChat?chat_id=-100',
  );
});

test.each([
  ['knows the chat', 200, '{"ok":true,"result":{"id":-100}}', { kind: 'there' }],
  [
    'does not know the chat',
    400,
    error(400, 'Bad Request: chat not found'),
    { kind: 'gone', reason: 'status 400: chat_not_found' },
  ],
  ['has another token', 404, error(404, 'Not Found'), { kind: 'gone', reason: 'status 404' }],
  ['is busy', 429, '{}', { kind: 'unclear', reason: 'status 429' }],
  ['is down', 502, '', { kind: 'unclear', reason: 'status 502' }],
  ['is a web page', 200, '<html>', { kind: 'unclear', reason: 'status 200 without ok' }],
])('the probe shows that a bot %s', (_, status, body, reading) => {
  expect(telegramWebhook.probe.read(status, body, url)).toEqual(reading);
});
