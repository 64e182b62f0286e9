import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/delivering/verdict.ts';
import { discordWebhook } from '../../../src/webhooks/discord/discord.ts';
import { contextOf, webhookOf } from '../delivery-samples.ts';
import { expectDiscordMessage } from './discord-limits.ts';

const url = new URL('https://discord.com/api/webhooks/1/secret-token');

test('messages go where Discord says whether it saved them, and into the thread of the URL', () => {
  const inThread = new URL('https://discord.com/api/webhooks/1/token?thread_id=42');
  expect(discordWebhook.endpoint?.(inThread).href).toBe(
    'https://discord.com/api/webhooks/1/token?thread_id=42&wait=true',
  );
  const asked = new URL('https://discord.com/api/webhooks/1/token?wait=false');
  expect(discordWebhook.endpoint?.(asked).search).toBe('?wait=true');
  expect(inThread.search).toBe('?thread_id=42');
});

describe("Discord's answers", () => {
  test.each([200, 204])('%i is a success, whatever the message that comes back says', (status) => {
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
  ])('%i with %s', (status, body, reason) => {
    expect(discordWebhook.accepted(status, body, url)).toEqual({ accepted: false, reason });
  });

  test('a 429 holds the webhook for as long as its body says', () => {
    const body =
      '{"message": "You are being rate limited.", "retry_after": 64.57, "global": false}';
    const answer = { kind: 'answered', status: 429, headers: {}, body, durationMs: 1 } as const;
    const { accepted } = discordWebhook;
    expect(judge(answer, (status, text) => accepted(status, text, url), 0)).toEqual({
      kind: 'hold',
      waitMs: 64_570,
      reason: 'status 429',
    });
  });
});

test('a test.ping is a message that names the webhook', () => {
  const { body } = discordWebhook.ping(contextOf({ webhook: webhookOf({ name: 'A_B' }) }));
  expect(expectDiscordMessage(body).content).toContain('for the webhook A\\_B will arrive here');
});

test.each([
  ['is there', 200, '{"type": 1}', { kind: 'there' }],
  ['is unknown', 404, '{"code": 10015}', { kind: 'gone', reason: 'status 404: unknown_webhook' }],
  [
    'has another token',
    401,
    '{"code": 50027}',
    { kind: 'gone', reason: 'status 401: invalid_webhook_token' },
  ],
  ['is busy', 429, '{}', { kind: 'unclear', reason: 'status 429' }],
  ['is down', 503, '', { kind: 'unclear', reason: 'status 503' }],
])('the probe, a GET, tells that a webhook %s', (_, status, body, reading) => {
  expect(discordWebhook.probe.method).toBe('GET');
  expect(discordWebhook.probe.read(status, body)).toEqual(reading);
});
