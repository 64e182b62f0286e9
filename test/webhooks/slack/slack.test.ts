import { describe, expect, test } from 'vitest';
import { slackWebhook } from '../../../src/webhooks/slack/slack.ts';
import { contextOf, deliveryOf, webhookOf } from '../delivery-samples.ts';
import { expectSlackMessage } from './slack-limits.ts';

const SLACK = new URL('https://hooks.slack.com/services/T0/B0/secret');
const SLACK_GOV = new URL('https://hooks.slack-gov.com/services/T0/B0/secret');
const SIMILAR = new URL('https://chat.example.com/hooks/secret');
const accepted = (status: number, body: string, url: URL) =>
  slackWebhook.accepted(status, body, url);
const gone = (reason: string) => ({ kind: 'gone', reason }) as const;
const unclear = (reason: string) => ({ kind: 'unclear', reason }) as const;

const OK = [
  'ok',
  'ok\n',
  ' ok ',
  '\uFEFFok',
  'OK',
  'Ok\r\n',
  '{"ok":true}',
  '{"ok":true,"error":null}',
  '\uFEFF{"ok": true}\n',
];
const OTHER_WORDS = [
  '',
  '{"success":true}',
  '{"success": true}\n',
  '{"result":"success","msg":""}',
  '{"error":""}',
  '{"error":false}',
  '{"error":[]}',
  '{"error":{}}',
  '{}',
  '[]',
  'null',
  '"ok"',
  'Accepted',
  'ok, thanks',
  'success',
  '{"id":"1","content":"the message"}',
  '<html>Thank you</html>',
  '{"ok":false',
];
const FAILURES: readonly (readonly [body: string, reason: string])[] = [
  ['{"ok":false}', 'status 200 with an error in its JSON'],
  ['{"ok": false, "error": "channel_not_found"}', 'status 200: channel_not_found'],
  ['\uFEFF{"error":"no_text"}\n', 'status 200: no_text'],
  ['{"ok":true,"error":"Foreign words"}', 'status 200 with an error in its JSON'],
  ['{"error":{"message":"Foreign words"}}', 'status 200 with an error in its JSON'],
  ['{"error":true}', 'status 200 with an error in its JSON'],
  ['{"success":false}', 'status 200 with an error in its JSON'],
];

test.each(
  [SLACK, SLACK_GOV, SIMILAR].flatMap((url) => OK.map((body) => [url.host, body, url] as const)),
)('%s takes a message with %j', (_, body, url) => {
  expect(accepted(200, body, url)).toEqual({ accepted: true });
});

describe('a receiver that is only similar to Slack', () => {
  test.each(OTHER_WORDS)('takes a message with %j', (body) => {
    for (const status of [200, 201, 202, 204]) {
      expect(accepted(status, body, SIMILAR)).toEqual({ accepted: true });
    }
  });

  test.each(FAILURES)('refuses one with %j', (body, reason) => {
    expect(accepted(200, body, SIMILAR)).toEqual({ accepted: false, reason });
  });
});

test.each([...OTHER_WORDS, ...FAILURES.map(([body]) => body)])(
  'Slack itself does not take a message with %j: a proxy may answer so',
  (body) => {
    expect(accepted(200, body, SLACK)).toEqual({
      accepted: false,
      reason: expect.stringMatching(
        /^status 200(: [a-z_]+| without ok| with an error in its JSON)$/,
      ) as unknown,
    });
  },
);

test.each([
  [200, 'invalid_token', 'status 200: invalid_token'],
  [400, 'invalid_blocks', 'status 400: invalid_blocks'],
  [404, 'no_service\n', 'status 404: no_service'],
  [410, 'channel_is_archived', 'status 410: channel_is_archived'],
  [500, 'ok', 'status 500: ok'],
  [500, '', 'status 500'],
  [500, '{"ok":true}', 'status 500'],
  [403, 'Invalid_Token', 'status 403'],
  [403, 'no service', 'status 403'],
  [403, 'a'.repeat(61), 'status 403'],
  [404, 'no_service\nhttps://hooks.slack.com/services/T0/B0/x', 'status 404'],
])('%i with %j is no success', (status, body, reason) => {
  expect(accepted(status, body, SLACK)).toEqual({ accepted: false, reason });
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
  ['is unknown to Slack', 404, 'no_service', gone('status 404: no_service')],
  ['is forbidden', 403, 'invalid_token', gone('status 403: invalid_token')],
  ['has an archived channel', 410, 'channel_is_archived', gone('status 410: channel_is_archived')],
  ['is busy', 429, '', unclear('status 429')],
  ['accepts a message that Slack refuses', 200, 'ok', unclear('status 200: it may not be Slack')],
  ['is down', 503, '<html>', unclear('status 503')],
])('the probe shows that a webhook %s', (_, status, body, reading) => {
  expect(slackWebhook.probe.read(status, body, SLACK)).toEqual(reading);
});

test.each([
  [200, '{"success":true}', { kind: 'there' }],
  [204, '', { kind: 'there' }],
  [200, '{"ok":false,"error":"no_text"}', unclear('status 200: no_text')],
  [404, '', gone('status 404')],
])('the probe reads the answer %i %j of a similar receiver', (status, body, reading) => {
  expect(slackWebhook.probe.read(status, body, SIMILAR)).toEqual(reading);
});
