import type { Delivery } from '../../domain/delivery.ts';
import { digestLine, DIGEST_LINK_LIMIT, fittingCount, perMention } from '../digest-words.ts';
import { countWords, NEW_MENTION, type AnyMention } from '../mention-words.ts';
import { httpLink } from '../readable-text.ts';
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
  elementAsText,
  ownWords,
  teamsMessage,
  ADVISED_BYTES,
  bytesOf,
  literalRuns,
  type TeamsElement,
} from './teams-elements.ts';
import { formatTeams, formatTeamsSimplified, teamsElements } from './teams-message.ts';

/*
 * Workflows webhooks of Microsoft Teams: how answers are read, and what `check` asks.
 * teams-message.ts holds the words and layout of a card, teams-elements.ts the parts that it is built
 * of.
 *
 * A flow answers when it is started, before it posts. Later errors stand in the flow's run history
 * alone.
 *
 * Source: support.microsoft.com, "Create incoming webhooks with Workflows for Microsoft Teams".
 */

/** The digest of Teams. */
const teamsDigest: DigestForm = {
  maxSize: 30,
  fitting: (mentions) =>
    fittingCount(mentions, (some) => bytesOf(formatTeamsDigest(some)) <= ADVISED_BYTES),
  request: (mentions, context) => jsonRequest(formatTeamsDigest(mentions), context),
  preview: (mention) => digestElements([mention]).flatMap(elementAsText),
};

function formatTeamsDigest(mentions: readonly AnyMention[]): string {
  return teamsMessage(countWords(mentions), digestElements(mentions));
}

function digestElements(mentions: readonly AnyMention[]): readonly TeamsElement[] {
  return [
    ownWords(countWords(mentions), { weight: 'Bolder', size: 'Medium' }),
    ...mentions.map(paragraphOf),
  ];
}

const paragraphOf = perMention((mention): TeamsElement => {
  const url = httpLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: url !== null });
  return literalRuns(
    [
      ...(keyword === ''
        ? [{ text: NEW_MENTION }]
        : [{ text: keyword, weight: 'Bolder' as const }]),
      ...(rest === '' ? [] : [{ text: rest }]),
      ...(url === null
        ? []
        : [
            { text: ' ' },
            { text: 'Open post', selectAction: { type: 'Action.OpenUrl', url } as const },
          ]),
    ],
    'Small',
  );
});

export const teamsWebhook: WebhookType = {
  name: 'teams',
  batched: ['mention', 'recovered'],
  request: (deliveries, context) =>
    jsonRequest(formatTeams(deliveries, whomToPing(deliveries, context)), context),
  simplified: (deliveries, context) => jsonRequest(formatTeamsSimplified(deliveries), context),
  accepted: acceptedByTeams,
  preview: teamsAsText,
  digest: teamsDigest,
  ping: (context) => {
    const text = pingText(context.webhook);
    return jsonRequest(teamsMessage(text, [ownWords(text)]), context);
  },
  // No question to a flow is documented that does not start it.
  probe: {
    method: 'HEAD',
    request: (context) => jsonRequest('', context),
    read: readProbe,
  },
  renewal: 'make a new webhook in the Workflows app of Teams',
};

// A retired connector reports an error in the body of a 200: learn.microsoft.com/microsoftteams/
// platform/webhooks-and-connectors/how-to/connectors-using, "Rate limiting for connectors".
const ERROR_OF_CONNECTOR = /\bMicrosoft Teams endpoint returned HTTP error (\d{3})\b/;

function acceptedByTeams(status: number, body: string): Acceptance {
  if (status < 200 || status >= 300) return { accepted: false, reason: `status ${status}` };
  const [, meant] = ERROR_OF_CONNECTOR.exec(body) ?? [];
  return meant === undefined
    ? { accepted: true }
    : { accepted: false, reason: `status ${meant}`, meantStatus: Number(meant) };
}

function readProbe(status: number): ProbeReading {
  return status < 300 ? { kind: 'there' } : { kind: 'unclear', reason: `status ${status}` };
}

/** Shows a delivery's card as lines of text. Foreign text in it is as hostile as in the mention. */
export function teamsAsText(delivery: Delivery): string[] {
  return teamsElements(delivery).flatMap(elementAsText);
}
