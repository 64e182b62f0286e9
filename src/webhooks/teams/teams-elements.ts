import type { Ping } from '../../domain/webhook.ts';
import { defused, utcText } from '../readable-text.ts';

/*
 * The parts of a Teams message: its envelope, the elements of a card, times, and elements read back
 * as text. The words in them come from teams-message.ts.
 */

/** An element of a card: adaptivecards.io/explorer. */
export type TeamsElement =
  | TeamsTextBlock
  | {
      readonly type: 'RichTextBlock';
      readonly inlines: readonly TeamsTextRun[];
      readonly spacing?: 'None' | 'Small';
    }
  | {
      readonly type: 'Container';
      readonly items: readonly TeamsElement[];
      readonly style?: 'emphasis';
      readonly separator?: true;
      readonly spacing?: 'Small' | 'Large';
    }
  | {
      readonly type: 'FactSet';
      readonly facts: readonly { readonly title: string; readonly value: string }[];
    }
  | {
      readonly type: 'ActionSet';
      readonly actions: readonly {
        readonly type: 'Action.OpenUrl';
        readonly title: string;
        readonly url: string;
      }[];
    };

/** Markdown: for our own words only. */
export interface TeamsTextBlock {
  readonly type: 'TextBlock';
  readonly text: string;
  readonly wrap: true;
  readonly weight?: 'Bolder';
  readonly size?: 'Small' | 'Medium';
  readonly color?: 'Attention' | 'Warning' | 'Good' | 'Accent';
  readonly isSubtle?: true;
  readonly spacing?: 'None' | 'Small';
}

/** Text that every client shows literally: the only place for a stranger's words. */
export interface TeamsTextRun {
  readonly type: 'TextRun';
  readonly text: string;
  readonly weight?: 'Bolder';
  readonly size?: 'Small' | 'Medium';
  readonly isSubtle?: true;
  readonly selectAction?: { readonly type: 'Action.OpenUrl'; readonly url: string };
}

/** A text of {@link literal}. */
export type Run = Omit<TeamsTextRun, 'type'>;

// Later times are written out: no real mention has one, and clients may not know them.
const LAST_TIME_MS = Date.UTC(2100, 0, 1);

/**
 * Returns a message's JSON. Only the ping is in `msteams.entities`, without which `<at>` is text.
 *
 * @param fallback - readable text for clients that can't show the card, and for notifications
 */
export function teamsMessage(
  fallback: string,
  body: readonly TeamsElement[],
  ping: Ping | null = null,
): string {
  const mentions = ping?.kind === 'user' ? [userMention(ping.id)] : [];
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
          msteams: { width: 'Full', ...(mentions.length > 0 && { entities: mentions }) },
          body: [...mentions.map(({ text }) => ownWords(text)), ...body],
        },
      },
    ],
  });
}

/**
 * Returns the mention of a user, by UPN or Entra object id, in the form that bots may use: a flow posts
 * as one. Source: learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format,
 * "Mention support within Adaptive Cards".
 */
function userMention(id: string) {
  return { type: 'mention', text: `<at>${id}</at>`, mentioned: { id, name: id } } as const;
}

/**
 * A message may have 28 KB (learn.microsoft.com/connectors/teams, "Known issues and limitations with
 * actions"). Teams counts its envelope too, in UTF-16, and advises to stay at four fifths
 * (learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages).
 */
export const ADVISED_BYTES = 0.8 * 28 * 1024;

/** Returns the size of a message, by the larger of the two ways to count. */
export function bytesOf(message: string): number {
  return Math.max(2 * message.length, Buffer.byteLength(message));
}

/** Returns a line of our own words. */
export function ownWords(
  text: string,
  style: Omit<TeamsTextBlock, 'type' | 'text' | 'wrap'> = {},
): TeamsElement {
  return { type: 'TextBlock', text, wrap: true, ...style };
}

/** Returns a line of literal text, such as a stranger's words. */
export function literal(run: Run, spacing?: 'None' | 'Small'): TeamsElement {
  return literalRuns([run], spacing);
}

/** Returns a paragraph of literal texts. */
export function literalRuns(runs: readonly Run[], spacing?: 'None' | 'Small'): TeamsElement {
  return {
    type: 'RichTextBlock',
    inlines: runs.map((run) => ({ type: 'TextRun', ...run, text: inert(run.text) })),
    ...(spacing !== undefined && { spacing }),
  };
}

/** Returns a line of our own words with a time in it. */
export function when(text: string, spacing: 'None' | 'Small'): TeamsElement {
  return ownWords(text, { size: 'Small', isSubtle: true, spacing });
}

/** Returns the button that opens a post. */
export function openPost(url: string): TeamsElement {
  return { type: 'ActionSet', actions: [{ type: 'Action.OpenUrl', title: 'Open post', url }] };
}

/**
 * Breaks sequences that Teams replaces even in literal text, with an invisible word joiner:
 * `<at>...</at>`, by which Power Automate and Teams mention people, and the functions for times. The
 * rest of one may stand in the next text.
 */
function inert(text: string): string {
  return text.replace(/<(?=\/?(?:a(?:t\b|$)|$))|\{(?=\{|$)/gi, '$&\u2060');
}

/** Writes a time: each reader sees it in their own time zone, or in UTC if clients may not know it. */
export function teamsTime(timeMs: number): string {
  if (timeMs < 0 || timeMs > LAST_TIME_MS) return utcText(timeMs);
  const time = `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
  return `{{DATE(${time}, SHORT)}} at {{TIME(${time})}}`;
}

/** Shows an element as lines of text, with times in UTC and links written out. */
export function elementAsText(element: TeamsElement): string[] {
  switch (element.type) {
    case 'TextBlock':
      return [withUtcTimes(element.text)];
    case 'RichTextBlock':
      return element.inlines
        .map(({ text, selectAction }) =>
          [text.replaceAll('\u2060', ''), ...(selectAction ? [selectAction.url] : [])].join(': '),
        )
        .join('')
        .split('\n');
    case 'Container':
      return element.items.flatMap(elementAsText);
    case 'FactSet':
      return element.facts.map(({ title, value }) => `${title}: ${withUtcTimes(value)}`);
    case 'ActionSet':
      return element.actions.map(({ title, url }) => `${title}: ${url}`);
  }
}

function withUtcTimes(text: string): string {
  return text.replaceAll(/\{\{DATE\(([^,]*), SHORT\)\}\} at \{\{TIME\([^)]*\)\}\}/g, (_, time) =>
    utcText(Date.parse(String(time))),
  );
}
