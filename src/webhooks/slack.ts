import type { Acceptance } from '../pipeline/verdict.ts';
import { pingText } from './ping-text.ts';
import { jsonHeaders } from './request-headers.ts';
import { formatSlack, formatSlackPlain, slackMessage } from './slack-message.ts';
import { plainText } from './slack-plain.ts';
import { slackAsText } from './slack-preview.ts';
import type { ProbeReading, WebhookType } from './webhook-type.ts';

/** Slack's incoming webhooks: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. */
export const slackWebhook: WebhookType = {
  name: 'slack',
  batched: ['mention', 'recovered'],
  request: (deliveries, context) => ({
    body: context.webhook.plain ? slackMessage(plainText(deliveries)) : formatSlack(deliveries),
    headers: jsonHeaders(context),
  }),
  simplified: (deliveries, context) => ({
    body: context.webhook.plain
      ? slackMessage(plainText(deliveries))
      : formatSlackPlain(deliveries),
    headers: jsonHeaders(context),
  }),
  accepted: acceptedBySlack,
  preview: (delivery, { plain }) =>
    plain ? plainText([delivery]).split('\n') : slackAsText(delivery),
  ping: (context) => ({
    body: slackMessage(pingText(context.webhook)),
    headers: jsonHeaders(context),
  }),
  // A message without text: a webhook that exists refuses it with 400, and nobody sees it. One that
  // does not exist says so first (api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks).
  probe: {
    method: 'POST',
    request: (context) => ({ body: '{}', headers: jsonHeaders(context) }),
    read: readProbe,
  },
  renewal: 'make a new incoming webhook in Slack',
};

function readProbe(status: number, body: string): ProbeReading {
  if (status === 400 || (status < 300 && isSuccessOfRocketChat(body.trim()))) {
    return { kind: 'there' };
  }
  if (status < 300) return { kind: 'unclear', reason: `status ${status}: it may not be Slack` };
  const acceptance = acceptedBySlack(status, body);
  const reason = acceptance.accepted ? `status ${status}` : acceptance.reason;
  const passing = status === 429 || status >= 500;
  return { kind: passing ? 'unclear' : 'gone', reason };
}

function acceptedBySlack(status: number, body: string): Acceptance {
  const answer = body.trim();
  const success = status >= 200 && status < 300;
  if (success && (answer === 'ok' || isSuccessOfRocketChat(answer))) return { accepted: true };
  // Slack's error codes look like this. Anything else is foreign text and may repeat the URL.
  if (/^[a-z_]{1,60}$/.test(answer))
    return { accepted: false, reason: `status ${status}: ${answer}` };
  return { accepted: false, reason: success ? `status ${status} without ok` : `status ${status}` };
}

/**
 * What Rocket.Chat says where Slack and Mattermost say `ok`: github.com/RocketChat/Rocket.Chat,
 * apps/meteor/app/integrations/server/api/api.ts, and its answers of all endpoints.
 */
function isSuccessOfRocketChat(answer: string): boolean {
  return /^\{\s*"success"\s*:\s*true\s*\}$/.test(answer);
}
