import type { Delivery } from '../../domain/delivery.ts';
import type { Ping } from '../../domain/webhook.ts';
import { alertLines, alertWords, type AlertWords } from '../alert-words.ts';
import {
  alsoFound,
  AUTHOR_LIMIT,
  countWords,
  mentionTitle,
  mentionWords,
  PLACE_LIMIT,
  recoveredNote,
  shortContent,
  type AnyMention,
  type MentionWords,
} from '../mention-words.ts';
import { excerpt, quoted, type Piece } from '../excerpt.ts';
import type { MarkedText } from '../keyword-marks.ts';
import { firstFitting, fitted, httpLink } from '../readable-text.ts';
import {
  ADVISED_BYTES,
  bytesOf,
  literal,
  literalRuns,
  openPost,
  ownWords,
  teamsMessage,
  teamsTime,
  when,
  type Run,
  type TeamsElement,
} from './teams-elements.ts';

/*
 * The message that people see in Teams: one Adaptive Card with keyword and group, the quoted content
 * on a tinted ground with the keyword in bold, author and place, further keywords and groups, the time,
 * and a button to the post. A stranger's words stand only in `TextRun`s, which are literal; a `TextBlock`
 * is Markdown, and its escapes differ between the clients of Teams (adaptivecards.io/explorer/TextRun.html;
 * github.com/microsoft/AdaptiveCards/issues/5590). Our own words and times stand in `TextBlock`s: times
 * as `{{DATE()}}` and `{{TIME()}}`, which each client writes in its reader's time zone
 * (learn.microsoft.com/adaptive-cards/authoring-cards/text-features).
 *
 * The card asks for version 1.2 of the schema, the first that has all of its elements: every client
 * of Teams knows it.
 */

// In a larger batch the content is cut shorter.
const CONTENT_LIMITS = [600, 300, 120, 60] as const;
const MIN_ALSO_LIMIT = 20;
const SIMPLIFIED_ALSO_LIMIT = 150;
const LINK_LIMIT = 500;
const PROFILE_LIMIT = 150;
const FALLBACK_CONTENT_LIMIT = 150;
const SIMPLIFIED_CONTENT_LIMIT = 300;

const COLORS = {
  severe: 'Attention',
  warning: 'Warning',
  good: 'Good',
  neutral: 'Accent',
} as const satisfies Record<AlertWords['tone'], string>;

/**
 * Returns the message for one delivery, or for up to five that had waited, each whole, as JSON. It
 * pings on its first line. Within the documented 28 KB, whatever the deliveries hold.
 */
export function formatTeams(deliveries: readonly Delivery[], ping: Ping | null = null): string {
  const heading: readonly TeamsElement[] =
    deliveries.length === 1 ? [] : [ownWords(countWords(deliveries), { isSubtle: true })];
  const fallback = fallbackText(deliveries);
  return firstFitting(
    CONTENT_LIMITS,
    (limit) => {
      const items = deliveries.map((delivery) => teamsElements(delivery, limit));
      const body = items.length === 1 ? items.flat() : grouped(items);
      return teamsMessage(fallback, [...heading, ...body], ping);
    },
    (message) => bytesOf(message) <= ADVISED_BYTES,
  );
}

/**
 * Returns the message of {@link formatTeams} as literal text without buttons, with at most 300
 * characters of content per mention. It pings nobody. Used after a refusal.
 */
export function formatTeamsSimplified(deliveries: readonly Delivery[]): string {
  const texts = deliveries.map(simplifiedLines);
  return teamsMessage(
    fallbackText(deliveries),
    texts.flatMap((lines) => lines.map((line) => literal({ text: line }))),
  );
}

/** Returns one delivery's part of a card. */
export function teamsElements(delivery: Delivery, contentLimit = 600): readonly TeamsElement[] {
  return delivery.kind === 'alert'
    ? alertElements(alertWords(delivery.alert))
    : mentionElements(delivery, contentLimit);
}

function mentionElements(delivery: AnyMention, contentLimit: number): readonly TeamsElement[] {
  const words = mentionWords(delivery);
  const { content, verb, atMs } = words;
  const link = httpLink(delivery.mention.link, LINK_LIMIT);
  const known = particulars(words);
  const also = alsoFound(words, Math.max(MIN_ALSO_LIMIT, contentLimit / 3));
  return [
    literal({ text: mentionTitle(words, fitted), weight: 'Bolder', size: 'Medium' }),
    ...quoteElements(content, link, contentLimit),
    ...(known.length === 0 ? [] : [literalRuns(known, 'Small')]),
    ...(also === '' ? [] : [literal({ text: also, size: 'Small' }, 'Small')]),
    when(`${verb} ${teamsTime(atMs)}`, known.length === 0 ? 'Small' : 'None'),
    ...(link === null ? [] : [openPost(link)]),
  ];
}

/** Returns author and place. */
function particulars({ author, profile, place }: MentionWords): readonly Run[] {
  const url = httpLink(profile, PROFILE_LIMIT);
  const link = url === null ? {} : { selectAction: { type: 'Action.OpenUrl', url } as const };
  const style = { size: 'Small', isSubtle: true } as const;
  const separator = author === '' || place === '' ? '' : ' · ';
  return [
    { text: fitted(author, AUTHOR_LIMIT), ...style, ...link },
    { text: separator + fitted(place, PLACE_LIMIT), ...style },
  ].filter(({ text }) => text !== '');
}

function quoteElements(
  content: MarkedText | null,
  link: string | null,
  limit: number,
): readonly TeamsElement[] {
  if (content === null) {
    return [ownWords(recoveredNote(link !== null), { spacing: 'Small' })];
  }
  // Many marks take more space than their text.
  const shown = excerpt(
    content,
    limit,
    (pieces) => JSON.stringify(runsOf(pieces)).length <= 3 * limit,
  );
  if (shown.length === 0) return [];
  const quote = literalRuns(runsOf(quoted(shown)));
  return [{ type: 'Container', style: 'emphasis', items: [quote], spacing: 'Small' }];
}

function runsOf(pieces: readonly Piece[]): readonly Run[] {
  return pieces.map(({ text, marked }) => ({ text, ...(marked && { weight: 'Bolder' as const }) }));
}

function alertElements(words: AlertWords): readonly TeamsElement[] {
  const { title: heading, tone, about, times, next, status, foundAtMs } = words;
  const facts = times.map(({ name, atMs }) => ({
    title: name,
    value: atMs === null ? 'unknown' : teamsTime(atMs),
  }));
  return [
    ownWords(heading, { weight: 'Bolder', size: 'Medium', color: COLORS[tone] }),
    ...(about === null ? [] : [literal({ text: about, weight: 'Bolder' }, 'Small')]),
    ...(facts.length === 0 ? [] : [{ type: 'FactSet', facts } satisfies TeamsElement]),
    // It names variables: in Markdown their underscores would be formatting.
    literal({ text: next }, facts.length === 0 ? 'Small' : undefined),
    ...(status === null ? [] : [literal({ text: status, size: 'Small', isSubtle: true }, 'Small')]),
    when(`found ${teamsTime(foundAtMs)}`, status === null ? 'Small' : 'None'),
  ];
}

/** Groups the elements of each delivery, with a line between the groups. */
function grouped(items: readonly (readonly TeamsElement[])[]): readonly TeamsElement[] {
  return items.map((each) => ({
    type: 'Container',
    items: each,
    separator: true,
    spacing: 'Large',
  }));
}

/** Returns one line: a single mention with its content, several with their titles alone. */
function fallbackText(deliveries: readonly Delivery[]): string {
  const titles = deliveries.map((delivery) =>
    delivery.kind === 'alert'
      ? alertLines(delivery.alert)[0]
      : mentionTitle(mentionWords(delivery), fitted),
  );
  const [only] = deliveries;
  if (only === undefined || deliveries.length > 1) {
    return `${countWords(deliveries)}: ${titles.join('; ')}`;
  }
  const content = only.kind === 'alert' ? '' : beginning(only, FALLBACK_CONTENT_LIMIT);
  return [...titles, content].filter((text) => text !== '').join(': ');
}

function simplifiedLines(delivery: Delivery): readonly string[] {
  if (delivery.kind === 'alert') return alertLines(delivery.alert);
  const link = httpLink(delivery.mention.link, LINK_LIMIT) ?? '';
  const title = mentionTitle(mentionWords(delivery), fitted);
  const also = alsoFound(mentionWords(delivery), SIMPLIFIED_ALSO_LIMIT);
  const lines = [title, beginning(delivery, SIMPLIFIED_CONTENT_LIMIT), also, link];
  return lines.filter((line) => line !== '');
}

function beginning(delivery: AnyMention, limit: number): string {
  const hasLink = httpLink(delivery.mention.link, LINK_LIMIT) !== null;
  return shortContent(mentionWords(delivery), { limit, hasLink });
}
