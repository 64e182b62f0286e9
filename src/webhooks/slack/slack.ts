import { objectInJson } from '../../domain/foreign/foreign-values.ts';
import type { Delivery } from '../../domain/delivery.ts';
import { webhookTypeOf } from '../../domain/webhook.ts';
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

function acceptedBySlack(status: number, body: string, url: URL): Acceptance {
  const success = status >= 200 && status < 300;
  // trim() removes a byte order mark, too.
  const answer = body.trim();
  const json = success ? objectInJson(answer) : null;
  if (success && saysOk(answer, json, isSlackItself(url))) return { accepted: true };
  // Slack's error codes look like this. Anything else is foreign text and may repeat the URL.
  const code = [answer, json?.['error']].find(isErrorCode);
  if (code !== undefined) return { accepted: false, reason: `status ${status}: ${code}` };
  const missing = json === null ? ' without ok' : ' with an error in its JSON';
  return { accepted: false, reason: `status ${status}${success ? missing : ''}` };
}

/**
 * Returns whether the answer of a success means one. Slack itself answers `ok` (`{"ok":true}` in its
 * other APIs), and any other text is that of a proxy or a log-in page. Receivers that are only similar
 * answer in their own words: Mattermost `ok`, Rocket.Chat `{"success":true}`, others `OK` or nothing.
 * Of those only JSON that reports an error is a failure.
 */
function saysOk(answer: string, json: JsonObject | null, isSlack: boolean): boolean {
  if (json === null) return !isSlack || answer.toLowerCase() === 'ok';
  const failed = json['ok'] === false || json['success'] === false || isSomething(json['error']);
  return !failed && (!isSlack || json['ok'] === true);
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Returns whether a value names an error: PHP's nothing and other empty values do not. */
function isSomething(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function isErrorCode(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z_]{1,60}$/.test(value);
}

function isSlackItself(url: URL): boolean {
  return webhookTypeOf(url) === 'slack';
}

function readProbe(status: number, body: string, url: URL): ProbeReading {
  if (status === 400) return { kind: 'there' };
  if (status < 300 && isSlackItself(url)) {
    return { kind: 'unclear', reason: `status ${status}: it may not be Slack` };
  }
  const acceptance = acceptedBySlack(status, body, url);
  if (acceptance.accepted) return { kind: 'there' };
  const isUnclear = status < 300 || status === 429 || status >= 500;
  return { kind: isUnclear ? 'unclear' : 'gone', reason: acceptance.reason };
}

/** Shows a delivery's blocks as lines of text. Foreign text in it is as hostile as in the mention. */
export function slackAsText(delivery: Delivery): string[] {
  return slackBlocks(delivery).flatMap(blockAsText);
}
