import { expect, test } from 'vitest';
import { discordWebhook } from '../../../src/webhooks/discord/discord.ts';
import { contextOf, webhookOf } from '../delivery-samples.ts';
import { expectDiscordMessage } from './discord-limits.ts';

const url = new URL('https://discord.com/api/webhooks/1/secret-token');
const gone = (reason: string) => ({ kind: 'gone', reason }) as const;

test('messages ask Discord to confirm that it saved them, and keep the thread of the URL', () => {
  const inThread = new URL('https://discord.com/api/webhooks/1/token?thread_id=42');
  expect(discordWebhook.endpoint?.(inThread).href).toBe(
    'https://discord.com/api/webhooks/1/token?thread_id=42&wait=true',
  );
  const asked = new URL('https://discord.com/api/webhooks/1/token?wait=false');
  expect(discordWebhook.endpoint?.(asked).search).toBe('?wait=true');
  expect(inThread.search).toBe('?thread_id=42');
});

test.each([200, 204])('%i is a success, whatever the returned message holds', (status) => {
  expect(discordWebhook.accepted(status, '{"code":10015}', url)).toEqual({ accepted: true });
});

test.each([
  [404, '{"message": "Unknown Webhook", "code": 10015}', 'status 404: unknown_webhook'],
  [401, '{"code": 50027}', 'status 401: invalid_webhook_token'],
  [400, '{"code": 50035, "errors": {}}', 'status 400: invalid_form_body'],
  [400, '{"code": 220001}', 'status 400: forum_needs_thread'],
  [400, '{"code": 99999, "message": "secret-token"}', 'status 400'],
  [400, '{"code": "10015"}', 'status 400'],
  [500, 'null', 'status 500'],
  [502, '<html>', 'status 502'],
])('%i with %s is no success', (status, body, reason) => {
  expect(discordWebhook.accepted(status, body, url)).toEqual({ accepted: false, reason });
});

test('a test.ping is a message that names the webhook', () => {
  const { body } = discordWebhook.ping(contextOf({ webhook: webhookOf({ name: 'A_B' }) }));
  expect(expectDiscordMessage(body).content).toContain('for the webhook A\\_B will arrive here');
});

test.each([
  ['is there', 200, '{"type": 1}', { kind: 'there' }],
  ['is unknown', 404, '{"code": 10015}', gone('status 404: unknown_webhook')],
  ['has another token', 401, '{"code": 50027}', gone('status 401: invalid_webhook_token')],
  ['is busy', 429, '{}', { kind: 'unclear', reason: 'status 429' }],
  ['is down', 503, '', { kind: 'unclear', reason: 'status 503' }],
])('the probe, a GET, shows that a webhook %s', (_, status, body, reading) => {
  expect(discordWebhook.probe.method).toBe('GET');
  expect(discordWebhook.probe.read(status, body, webhookOf().url)).toEqual(reading);
});
