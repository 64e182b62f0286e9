import type { Acceptance } from '../webhook-type.ts';
import { pingText, jsonHeaders, type ProbeReading, type WebhookType } from '../webhook-type.ts';
import { formatTeams, formatTeamsPlain, teamsMessage, teamsElements } from './teams-card.ts';
import type { Delivery } from '../../domain/delivery.ts';
import type { TeamsElement } from './teams-elements.ts';
import { utcText } from '../readable-text.ts';

/**
 * Workflows webhooks of Microsoft Teams: support.microsoft.com, "Create incoming webhooks with
 * Workflows for Microsoft Teams". A flow answers when it is started, before it posts: what goes
 * wrong after that is told in the flow's run history, and nowhere here.
 */
export const teamsWebhook: WebhookType = {
  name: 'teams',
  batched: ['mention', 'recovered'],
  request: (deliveries, context) => ({
    body: formatTeams(deliveries),
    headers: jsonHeaders(context),
  }),
  simplified: (deliveries, context) => ({
    body: formatTeamsPlain(deliveries),
    headers: jsonHeaders(context),
  }),
  accepted: acceptedByTeams,
  preview: teamsAsText,
  ping: (context) => {
    const text = pingText(context.webhook);
    return {
      body: teamsMessage(text, [{ type: 'TextBlock', text, wrap: true }]),
      headers: jsonHeaders(context),
    };
  },
  // No question to a flow is documented that does not start it.
  probe: {
    method: 'HEAD',
    request: (context) => ({ body: '', headers: jsonHeaders(context) }),
    read: readProbe,
  },
  renewal: 'make a new webhook in the Workflows app of Teams',
};

// A retired connector says so in the body of a 200: learn.microsoft.com/microsoftteams/platform/
// webhooks-and-connectors/how-to/connectors-using, "Rate limiting for connectors".
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

/**
 * How a delivery's card looks in Teams, as lines of text: what stands in its elements, with times in
 * UTC and links written out. Foreign text in it is as hostile as in the mention.
 */
export function teamsAsText(delivery: Delivery): string[] {
  return teamsElements(delivery).flatMap(linesOf);
}

function linesOf(element: TeamsElement): string[] {
  switch (element.type) {
    case 'TextBlock':
      return [plain(element.text)];
    case 'RichTextBlock':
      return element.inlines
        .map(({ text }) => text.replaceAll('\u2060', ''))
        .join('')
        .split('\n');
    case 'Container':
      return element.items.flatMap(linesOf);
    case 'FactSet':
      return element.facts.map(({ title, value }) => `${title}: ${plain(value)}`);
    case 'ActionSet':
      return element.actions.map(({ title, url }) => `${title}: ${url}`);
  }
}

function plain(text: string): string {
  return text.replaceAll(/\{\{DATE\(([^,]*), SHORT\)\}\} at \{\{TIME\([^)]*\)\}\}/g, (_, time) =>
    utcText(Date.parse(String(time))),
  );
}
