import type { Delivery } from '../../domain/delivery.ts';
import { alertLines, alertWords, type AlertWords } from '../alert-words.ts';
import {
  countWords,
  mentionWords,
  NEW_MENTION,
  recoveredNote,
  type AnyMention,
  type MentionWords,
} from '../mention-words.ts';
import { firstFitting, defused, fitted, httpLink, readableLine } from '../readable-text.ts';
import { literal, openPost, teamsTime, when, type TeamsElement } from './teams-elements.ts';

/*
 * How a mention looks in Teams, and why.
 *
 * The message holds one Adaptive Card: keyword and group, the quoted content on a tinted ground, by
 * whom, where and when, and a button to the post. A stranger's words stand only in `TextRun`s, which
 * are literal; a `TextBlock` is Markdown, and its escapes differ between the clients of Teams
 * (adaptivecards.io/explorer/TextRun.html; github.com/microsoft/AdaptiveCards/issues/5590). Our own
 * words and times stand in `TextBlock`s: times as `{{DATE()}}` and `{{TIME()}}`, which each client
 * writes in its reader's time zone (learn.microsoft.com/adaptive-cards/authoring-cards/text-features).
 *
 * The card asks for version 1.2 of the schema, the first that has all of its elements: every client
 * of Teams knows it.
 */

// A message may have 28 KB (learn.microsoft.com/connectors/teams, "Known issues and limitations with
// actions"), and Teams counts what is around it too, in UTF-16
// (learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages, which advises
// to stay at four fifths). Content is cut shorter where a batch would be over that.
const ADVISED_BYTES = 0.8 * 28 * 1024;
const CONTENT_LIMITS = [600, 300, 120] as const;
const KEYWORD_LIMIT = 70;
const GROUP_LIMIT = 76;
const AUTHOR_LIMIT = 80;
const POSITION_LIMIT = 40;
const LINK_LIMIT = 500;
const FALLBACK_CONTENT_LIMIT = 150;
const PLAIN_CONTENT_LIMIT = 300;

const COLORS = {
  severe: 'Attention',
  warning: 'Warning',
  good: 'Good',
  neutral: 'Accent',
} as const satisfies Record<AlertWords['tone'], string>;

/**
 * The message for one delivery, or for up to five that had waited, each whole, as JSON. Within the
 * documented 28 KB, whatever they hold.
 */
export function formatTeams(deliveries: readonly Delivery[]): string {
  const heading: readonly TeamsElement[] =
    deliveries.length === 1
      ? []
      : [{ type: 'TextBlock', text: countWords(deliveries), wrap: true, isSubtle: true }];
  const fallback = fallbackText(deliveries);
  return firstFitting(
    CONTENT_LIMITS,
    (limit) => {
      const items = deliveries.map((delivery) => teamsElements(delivery, limit));
      return teamsMessage(fallback, [
        ...heading,
        ...(items.length === 1 ? items.flat() : grouped(items)),
      ]);
    },
    (message) => bytesOf(message) <= ADVISED_BYTES,
  );
}

/**
 * The same as literal text alone, without buttons, with at most 300 characters of content a mention.
 * For a message that was refused.
 */
export function formatTeamsPlain(deliveries: readonly Delivery[]): string {
  const texts = deliveries.map(plainLines);
  return teamsMessage(
    fallbackText(deliveries),
    texts.flatMap((lines) => lines.map((line) => literal({ text: line }))),
  );
}

/**
 * A message's JSON.
 *
 * @param fallback - readable text for clients that can't show the card, and for notifications
 */
export function teamsMessage(fallback: string, body: readonly TeamsElement[]): string {
  return JSON.stringify({
    type: 'message',
    summary: defused(fallback),
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.2',
          fallbackText: defused(fallback),
          msteams: { width: 'Full' },
          body,
        },
      },
    ],
  });
}

/** One delivery's part of a card. */
export function teamsElements(delivery: Delivery, contentLimit = 600): readonly TeamsElement[] {
  return delivery.kind === 'alert'
    ? alertElements(alertWords(delivery.alert))
    : mentionElements(delivery, contentLimit);
}

/** How large a message is, by the larger of the ways to count. */
export function bytesOf(message: string): number {
  return Math.max(2 * message.length, Buffer.byteLength(message));
}

function mentionElements(delivery: AnyMention, contentLimit: number): readonly TeamsElement[] {
  const words = mentionWords(delivery);
  const { content, author, place, verb, atMs } = words;
  const link = httpLink(delivery.mention.link, LINK_LIMIT);
  const particulars = [fitted(author, AUTHOR_LIMIT), fitted(place, POSITION_LIMIT)];
  const known = particulars.filter((text) => text !== '').join(' · ');
  return [
    literal({ text: title(words), weight: 'Bolder', size: 'Medium' }),
    ...quoteElements(content, link, contentLimit),
    ...(known === '' ? [] : [literal({ text: known, size: 'Small', isSubtle: true }, 'Small')]),
    when(`${verb} ${teamsTime(atMs)}`, known === '' ? 'Small' : 'None'),
    ...(link === null ? [] : [openPost(link)]),
  ];
}

function quoteElements(
  content: string | null,
  link: string | null,
  limit: number,
): readonly TeamsElement[] {
  if (content === null) {
    return [
      { type: 'TextBlock', text: recoveredNote(link !== null), wrap: true, spacing: 'Small' },
    ];
  }
  if (content === '') return [];
  const quote = literal({ text: `“${fitted(content, limit)}”` });
  return [{ type: 'Container', style: 'emphasis', items: [quote], spacing: 'Small' }];
}

function alertElements(words: AlertWords): readonly TeamsElement[] {
  const { title: heading, tone, about, times, next, status, foundAtMs } = words;
  const facts = times.map(({ name, atMs }) => ({
    title: name,
    value: atMs === null ? 'not known' : teamsTime(atMs),
  }));
  return [
    {
      type: 'TextBlock',
      text: heading,
      wrap: true,
      weight: 'Bolder',
      size: 'Medium',
      color: COLORS[tone],
    },
    ...(about === null ? [] : [literal({ text: about, weight: 'Bolder' }, 'Small')]),
    ...(facts.length === 0 ? [] : [{ type: 'FactSet', facts } satisfies TeamsElement]),
    // Names of variables stand in it: in Markdown their underscores would be formatting.
    literal({ text: next }, facts.length === 0 ? 'Small' : undefined),
    ...(status === null ? [] : [literal({ text: status, size: 'Small', isSubtle: true }, 'Small')]),
    when(`found ${teamsTime(foundAtMs)}`, status === null ? 'Small' : 'None'),
  ];
}

/** Several in one card, with a line between. */
function grouped(items: readonly (readonly TeamsElement[])[]): readonly TeamsElement[] {
  return items.map((each) => ({
    type: 'Container',
    items: each,
    separator: true,
    spacing: 'Large',
  }));
}

/** One line, never empty. */
function title({ keyword, group }: MentionWords): string {
  const spotted = keyword === '' ? NEW_MENTION : fitted(keyword, KEYWORD_LIMIT);
  return group === '' ? spotted : `${spotted} in ${fitted(group, GROUP_LIMIT)}`;
}

/** One line: of a mention that comes alone with its content, of several what was spotted. */
function fallbackText(deliveries: readonly Delivery[]): string {
  const titles = deliveries.map((delivery) =>
    delivery.kind === 'alert' ? alertLines(delivery.alert)[0] : title(mentionWords(delivery)),
  );
  const [only] = deliveries;
  if (only === undefined || deliveries.length > 1) {
    return `${countWords(deliveries)}: ${titles.join('; ')}`;
  }
  const content = only.kind === 'alert' ? '' : shortContent(only, FALLBACK_CONTENT_LIMIT);
  return [...titles, content].filter((text) => text !== '').join(': ');
}

function plainLines(delivery: Delivery): readonly string[] {
  if (delivery.kind === 'alert') return alertLines(delivery.alert);
  const link = httpLink(delivery.mention.link, LINK_LIMIT) ?? '';
  const lines = [title(mentionWords(delivery)), shortContent(delivery, PLAIN_CONTENT_LIMIT), link];
  return lines.filter((line) => line !== '');
}

function shortContent(delivery: AnyMention, limit: number): string {
  return delivery.kind === 'mention'
    ? fitted(readableLine(delivery.mention.content), limit)
    : recoveredNote(httpLink(delivery.mention.link, LINK_LIMIT) !== null);
}
