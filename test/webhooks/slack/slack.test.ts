import { expect, test } from 'vitest';
import { slackWebhook } from '../../../src/webhooks/slack/slack.ts';
import { contextOf, deliveryOf, webhookOf } from '../delivery-samples.ts';
import { expectSlackMessage } from './slack-limits.ts';

const accepted = (status: number, body: string) =>
  slackWebhook.accepted(status, body, webhookOf().url);
const gone = (reason: string) => ({ kind: 'gone', reason }) as const;
const unclear = (reason: string) => ({ kind: 'unclear', reason }) as const;

test.each(['ok', 'ok\n', ' ok ', '{"success":true}', '{"success": true}\n'])(
  '200 with %j is a success',
  (body) => {
    expect(accepted(200, body)).toEqual({ accepted: true });
  },
);

test.each([
  [200, '{"success":false}', 'status 200 without ok'],
  [200, '', 'status 200 without ok'],
  [200, 'OK', 'status 200 without ok'],
  [200, 'ok, thanks', 'status 200 without ok'],
  [200, '<html>ok</html>', 'status 200 without ok'],
  [200, '{"ok":true}', 'status 200 without ok'],
  [200, 'invalid_token', 'status 200: invalid_token'],
  [400, 'invalid_blocks', 'status 400: invalid_blocks'],
  [404, 'no_service\n', 'status 404: no_service'],
  [410, 'channel_is_archived', 'status 410: channel_is_archived'],
  [500, 'ok', 'status 500: ok'],
  [500, '', 'status 500'],
  [403, 'Invalid_Token', 'status 403'],
  [403, 'no service', 'status 403'],
  [403, 'a'.repeat(61), 'status 403'],
  [404, 'no_service\nhttps://hooks.slack.com/services/T0/B0/x', 'status 404'],
])('%i with %j is no success', (status, body, reason) => {
  expect(accepted(status, body)).toEqual({ accepted: false, reason });
});

test('nothing is signed: Slack would not check it', () => {
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
  ['is Rocket.Chat', 200, '{"success":true}', { kind: 'there' }],
  ['is unknown to Slack', 404, 'no_service', gone('status 404: no_service')],
  ['is forbidden', 403, 'invalid_token', gone('status 403: invalid_token')],
  ['has an archived channel', 410, 'channel_is_archived', gone('status 410: channel_is_archived')],
  ['is busy', 429, '', unclear('status 429')],
  ['accepts a message that Slack refuses', 200, 'ok', unclear('status 200: it may not be Slack')],
  ['is down', 503, '<html>', unclear('status 503')],
])('the probe shows that a webhook %s', (_, status, body, reading) => {
  expect(slackWebhook.probe.read(status, body)).toEqual(reading);
});
