import type { Delivery } from '../../domain/delivery.ts';
import { quotaRestMs } from '../../domain/foreign/retry-after.ts';
import { digestLine, DIGEST_LINK_LIMIT, fittingCount, perMention } from '../digest-words.ts';
import { countWords, NEW_MENTION, type AnyMention } from '../mention-words.ts';
import { markdownLink } from '../readable-text.ts';
import {
  jsonRequest,
  pingText,
  whomToPing,
  type Acceptance,
  type ProbeReading,
  type WebhookType,
  type DigestForm,
} from '../webhook-type.ts';
import {
  discordMessage,
  embedAsText,
  escapeDiscord,
  markdownAsText,
  charactersOf,
  COLORS,
  TOTAL_LIMIT,
  type DiscordEmbed,
} from './discord-embeds.ts';
import {
  discordEmbed,
  formatDiscord,
  formatDiscordSimplified,
  headline,
} from './discord-message.ts';

/*
 * Discord's webhooks: where messages go, how answers are read, and what `check` asks.
 * discord-message.ts holds the words and layout of a message, discord-embeds.ts the parts that it is
 * built of.
 *
 * Source: docs.discord.com/developers/resources/webhook, "Execute Webhook".
 */

const DESCRIPTION_LIMIT = 4_096;

/** The digest of Discord. */
const discordDigest: DigestForm = {
  maxSize: 50,
  fitting: (mentions) =>
    fittingCount(mentions, (some) => charactersOf(digestEmbeds(some)) <= TOTAL_LIMIT),
  request: (mentions, context) =>
    jsonRequest(discordMessage(countWords(mentions), { embeds: digestEmbeds(mentions) }), context),
  preview: (mention) => [countWords([mention]), ...digestEmbeds([mention]).flatMap(embedAsText)],
};

function digestEmbeds(mentions: readonly AnyMention[]): readonly DiscordEmbed[] {
  const descriptions: string[] = [];
  for (const line of mentions.map(lineOf)) {
    const last = descriptions.at(-1);
    if (last === undefined || last.length + 1 + line.length > DESCRIPTION_LIMIT) {
      descriptions.push(line);
    } else descriptions[descriptions.length - 1] = `${last}\n${line}`;
  }
  return descriptions.map((description) => ({ description, color: COLORS.mention }));
}

const lineOf = perMention((mention) => {
  const link = markdownLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: link !== null, escape: escapeDiscord });
  const title = keyword === '' ? NEW_MENTION : `**${keyword}**`;
  return `• ${title}${rest}${link === null ? '' : ` [Open post](${link})`}`;
});

export const discordWebhook: WebhookType = {
  name: 'discord',
  batched: ['mention', 'recovered'],
  // Without it, Discord answers a message that it does not save like one that it does.
  endpoint: (url) => {
    const endpoint = new URL(url);
    endpoint.searchParams.set('wait', 'true');
    return endpoint;
  },
  request: (deliveries, context) =>
    jsonRequest(formatDiscord(deliveries, whomToPing(deliveries, context)), context),
  simplified: (deliveries, context) => jsonRequest(formatDiscordSimplified(deliveries), context),
  accepted: acceptedByDiscord,
  restMs: quotaRestMs,
  preview: discordAsText,
  digest: discordDigest,
  ping: (context) => jsonRequest(discordMessage(escapeDiscord(pingText(context.webhook))), context),
  // "Get Webhook with Token" on the same page: it shows the webhook and leaves nothing there.
  probe: {
    method: 'GET',
    request: (context) => jsonRequest('', context),
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
  const isTemporary = status === 429 || status >= 500;
  return { kind: isTemporary ? 'unclear' : 'gone', reason: acceptance.reason };
}

/** Returns our word for the code in an error's body. The rest of the body is foreign text. */
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

/** Shows a delivery's message as lines of text. Foreign text in it is as hostile as in the mention. */
export function discordAsText(delivery: Delivery): string[] {
  return [markdownAsText(headline([delivery])), ...embedAsText(discordEmbed(delivery))];
}
