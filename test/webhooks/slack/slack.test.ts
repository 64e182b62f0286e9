import { describe, expect, test } from 'vitest';
import { slackWebhook } from '../../../src/webhooks/slack/slack.ts';
import { contextOf, deliveryOf, webhookOf } from '../delivery-samples.ts';
import { expectSlackMessage } from './slack-limits.ts';

describe("Slack's answers", () => {
  test.each([
    ['ok', { accepted: true }],
    ['ok\n', { accepted: true }],
    [' ok ', { accepted: true }],
    ['{"success":true}', { accepted: true }],
    ['{"success": true}\n', { accepted: true }],
    ['{"success":false}', { accepted: false, reason: 'status 200 without ok' }],
    ['', { accepted: false, reason: 'status 200 without ok' }],
    ['OK', { accepted: false, reason: 'status 200 without ok' }],
    ['ok, thanks', { accepted: false, reason: 'status 200 without ok' }],
    ['<html>ok</html>', { accepted: false, reason: 'status 200 without ok' }],
    ['{"ok":true}', { accepted: false, reason: 'status 200 without ok' }],
    ['invalid_token', { accepted: false, reason: 'status 200: invalid_token' }],
  ])('200 with %j', (body, expected) => {
    expect(slackWebhook.accepted(200, body, webhookOf().url)).toEqual(expected);
  });

  test.each([
    [400, 'invalid_blocks', 'status 400: invalid_blocks'],
    [404, 'no_service\n', 'status 404: no_service'],
    [410, 'channel_is_archived', 'status 410: channel_is_archived'],
    [500, 'ok', 'status 500: ok'],
    [500, '', 'status 500'],
    [403, 'Invalid_Token', 'status 403'],
    [403, 'no service', 'status 403'],
    [403, 'a'.repeat(61), 'status 403'],
    [404, 'no_service\nhttps://hooks.slack.com/services/T0/B0/x', 'status 404'],
  ])('%i with %j', (status, body, reason) => {
    expect(slackWebhook.accepted(status, body, webhookOf().url)).toEqual({
      accepted: false,
      reason,
    });
  });
});

test('nothing is signed: Slack would not look at it', () => {
  const { headers } = slackWebhook.request([deliveryOf()], contextOf());
  expect(Object.keys(headers).filter((name) => name.startsWith('webhook-'))).toEqual([]);
});

test('a test.ping is a message within the limits that names the webhook', () => {
  const { body } = slackWebhook.ping(contextOf({ webhook: webhookOf({ type: 'slack' }) }));
  expect(expectSlackMessage(body).text).toContain(
    'mentions for the webhook SALES will arrive here',
  );
});

test.each([
  ['refuses a message without text', 400, 'no_text', { kind: 'there' }],
  ['is unknown to Slack', 404, 'no_service', { kind: 'gone', reason: 'status 404: no_service' }],
  ['is forbidden', 403, 'invalid_token', { kind: 'gone', reason: 'status 403: invalid_token' }],
  [
    'has an archived channel',
    410,
    'channel_is_archived',
    { kind: 'gone', reason: 'status 410: channel_is_archived' },
  ],
  ['is busy', 429, '', { kind: 'unclear', reason: 'status 429' }],
  [
    'takes what Slack refuses',
    200,
    'ok',
    { kind: 'unclear', reason: 'status 200: it may not be Slack' },
  ],
  ['is down', 503, '<html>', { kind: 'unclear', reason: 'status 503' }],
])('the probe tells that a webhook %s', (_, status, body, reading) => {
  expect(slackWebhook.probe.read(status, body)).toEqual(reading);
});
