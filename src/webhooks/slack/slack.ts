import type { Delivery } from '../../domain/delivery.ts';
import {
  jsonRequest,
  pingText,
  type Acceptance,
  type ProbeReading,
  type WebhookType,
} from '../webhook-type.ts';
import { blockAsText, slackMessage } from './slack-blocks.ts';
import {
  formatSlack,
  plainSlackText,
  formatSlackSimplified,
  slackBlocks,
} from './slack-message.ts';

/*
 * Slack's incoming webhooks: which message they get, how their answers are read, and what `check`
 * asks them. slack-message.ts holds the words and layout of a message, slack-blocks.ts the parts
 * that it is built of.
 *
 * Source: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.
 */

export const slackWebhook: WebhookType = {
  name: 'slack',
  batched: ['mention', 'recovered'],
  request: (deliveries, context) =>
    jsonRequest(context.webhook.plain ? plainBody(deliveries) : formatSlack(deliveries), context),
  simplified: (deliveries, context) =>
    jsonRequest(
      context.webhook.plain ? plainBody(deliveries) : formatSlackSimplified(deliveries),
      context,
    ),
  accepted: acceptedBySlack,
  preview: (delivery, { plain }) =>
    plain ? plainSlackText([delivery]).split('\n') : slackAsText(delivery),
  ping: (context) => jsonRequest(slackMessage(pingText(context.webhook)), context),
  // A message without text: a webhook that exists refuses it with 400, and nobody sees it. One that
  // does not exist answers that first (api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks).
  probe: {
    method: 'POST',
    request: (context) => jsonRequest('{}', context),
    read: readProbe,
  },
  renewal: 'make a new incoming webhook in Slack',
};

function plainBody(deliveries: readonly Delivery[]): string {
  return slackMessage(plainSlackText(deliveries));
}

function acceptedBySlack(status: number, body: string): Acceptance {
  const answer = body.trim();
  const success = status >= 200 && status < 300;
  if (success && (answer === 'ok' || isSuccessOfRocketChat(answer))) return { accepted: true };
  // Slack's error codes look like this. Anything else is foreign text and may repeat the URL.
  if (/^[a-z_]{1,60}$/.test(answer)) {
    return { accepted: false, reason: `status ${status}: ${answer}` };
  }
  return { accepted: false, reason: success ? `status ${status} without ok` : `status ${status}` };
}

function readProbe(status: number, body: string): ProbeReading {
  if (status === 400 || (status < 300 && isSuccessOfRocketChat(body.trim()))) {
    return { kind: 'there' };
  }
  if (status < 300) return { kind: 'unclear', reason: `status ${status}: it may not be Slack` };
  const acceptance = acceptedBySlack(status, body);
  const reason = acceptance.accepted ? `status ${status}` : acceptance.reason;
  const isTemporary = status === 429 || status >= 500;
  return { kind: isTemporary ? 'unclear' : 'gone', reason };
}

/**
 * Recognizes the answer that Rocket.Chat gives where Slack and Mattermost answer `ok`:
 * github.com/RocketChat/Rocket.Chat, apps/meteor/app/integrations/server/api/api.ts.
 */
function isSuccessOfRocketChat(answer: string): boolean {
  return /^\{\s*"success"\s*:\s*true\s*\}$/.test(answer);
}

/** Shows a delivery's blocks as lines of text. Foreign text in it is as hostile as in the mention. */
export function slackAsText(delivery: Delivery): string[] {
  return slackBlocks(delivery).flatMap(blockAsText);
}
