import { quotaRestMs } from '../../domain/retry-after.ts';
import type { Acceptance } from '../webhook-type.ts';
import { escapeDiscord } from './discord-text.ts';
import {
  discordMessage,
  formatDiscord,
  formatDiscordPlain,
  discordEmbed,
  headline,
} from './discord-message.ts';
import { pingText, jsonHeaders, type ProbeReading, type WebhookType } from '../webhook-type.ts';
import type { Delivery } from '../../domain/delivery.ts';
import { utcText } from '../readable-text.ts';

/** Discord's webhooks: docs.discord.com/developers/resources/webhook, "Execute Webhook". */
export const discordWebhook: WebhookType = {
  name: 'discord',
  batched: ['mention', 'recovered'],
  // Without it, a message that Discord does not save is answered like one that it does.
  endpoint: (url) => {
    const endpoint = new URL(url);
    endpoint.searchParams.set('wait', 'true');
    return endpoint;
  },
  request: (deliveries, context) => ({
    body: formatDiscord(deliveries),
    headers: jsonHeaders(context),
  }),
  simplified: (deliveries, context) => ({
    body: formatDiscordPlain(deliveries),
    headers: jsonHeaders(context),
  }),
  accepted: acceptedByDiscord,
  restMs: quotaRestMs,
  preview: discordAsText,
  ping: (context) => ({
    body: discordMessage(escapeDiscord(pingText(context.webhook))),
    headers: jsonHeaders(context),
  }),
  // "Get Webhook with Token" on the same page: it shows the webhook and leaves nothing there.
  probe: {
    method: 'GET',
    request: (context) => ({ body: '', headers: jsonHeaders(context) }),
    read: readProbe,
  },
  renewal: 'make a new webhook in the settings of the Discord channel',
};

// docs.discord.com/developers/topics/opcodes-and-status-codes, "JSON Error Codes".
const CODES: ReadonlyMap<unknown, string> = new Map([
  [10003, 'unknown_channel'],
  [10015, 'unknown_webhook'],
  [50006, 'empty_message'],
  [50027, 'invalid_webhook_token'],
  [50035, 'invalid_form_body'],
  [220001, 'forum_needs_thread'],
]);

function acceptedByDiscord(status: number, body: string): Acceptance {
  if (status >= 200 && status < 300) return { accepted: true };
  const code = codeOf(body);
  return { accepted: false, reason: `status ${status}${code === undefined ? '' : `: ${code}`}` };
}

function readProbe(status: number, body: string): ProbeReading {
  const acceptance = acceptedByDiscord(status, body);
  if (acceptance.accepted) return { kind: 'there' };
  const passing = status === 429 || status >= 500;
  return { kind: passing ? 'unclear' : 'gone', reason: acceptance.reason };
}

/** Our word for the code in an error's body; what else stands there is foreign text. */
function codeOf(body: string): string | undefined {
  try {
    const error: unknown = JSON.parse(body);
    return typeof error === 'object' && error !== null && 'code' in error
      ? CODES.get(error.code)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * How a delivery's Discord message looks, as lines of text: what stands in it, unescaped, with times
 * in UTC and links written out. Foreign text in it is as hostile as in the mention.
 */
export function discordAsText(delivery: Delivery): string[] {
  const { author, title, description, fields = [], footer, timestamp } = discordEmbed(delivery);
  const time = timestamp === undefined ? [] : [utcText(Date.parse(timestamp))];
  return [
    plain(headline([delivery])),
    author?.name ?? '',
    plain(title ?? ''),
    ...plain(description ?? '').split('\n'),
    ...fields.map(({ name, value }) => `${name}: ${plain(value)}`),
    [footer?.text ?? '', ...time].filter((text) => text !== '').join(' · '),
  ].filter((line) => line !== '');
}

function plain(markdown: string): string {
  return markdown
    .replaceAll(/(?<!\\)\*\*/g, '')
    .replaceAll(/(?<!\\)\[([^\]]*)\]\(([^)]*)\)/g, '$1: $2')
    .replaceAll(/(?<!\\)<t:(\d+):f>/g, (_, seconds: string) => utcText(Number(seconds) * 1000))
    .replaceAll(/\\([^A-Za-z0-9\s])/g, '$1');
}
