import { utcText } from '../readable-text.ts';

/** A part of a card, as adaptivecards.io/explorer describes them. */
export type TeamsElement =
  | {
      readonly type: 'TextBlock';
      readonly text: string;
      readonly wrap: true;
      readonly weight?: 'Bolder';
      readonly size?: 'Small' | 'Medium';
      readonly color?: 'Attention' | 'Warning' | 'Good' | 'Accent';
      readonly isSubtle?: true;
      readonly spacing?: 'None' | 'Small';
    }
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

/** Text that every client shows as it is: the only place for a stranger's words. */
export interface TeamsTextRun {
  readonly type: 'TextRun';
  readonly text: string;
  readonly weight?: 'Bolder';
  readonly size?: 'Small' | 'Medium';
  readonly isSubtle?: true;
}

// With a margin on both sides of what a mention can hold.
const LAST_TIME_MS = Date.UTC(2100, 0, 1);

/** A stranger's words, or any that are to be shown as they are, in a line of their own. */
export function literal(run: Omit<TeamsTextRun, 'type'>, spacing?: 'None' | 'Small'): TeamsElement {
  return {
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', ...run, text: inert(run.text) }],
    ...(spacing !== undefined && { spacing }),
  };
}

/** A line of our own words, with a time in it. */
export function when(text: string, spacing: 'None' | 'Small'): TeamsElement {
  return { type: 'TextBlock', text, wrap: true, size: 'Small', isSubtle: true, spacing };
}

/** The button to a post. */
export function openPost(url: string): TeamsElement {
  return { type: 'ActionSet', actions: [{ type: 'Action.OpenUrl', title: 'Open post', url }] };
}

/**
 * Literal text without what is replaced even in that: `<at>...</at>`, by which Power Automate and
 * Teams mention people, and the functions for times. An invisible word joiner keeps them as they
 * were written.
 */
function inert(text: string): string {
  return text.replace(/<(?=\/?at\b)|\{(?=\{)/gi, '$&\u2060');
}

/** In the reader's own time zone, or in UTC where the client's functions would not know it. */
export function teamsTime(timeMs: number): string {
  if (timeMs < 0 || timeMs > LAST_TIME_MS) return utcText(timeMs);
  const time = `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
  return `{{DATE(${time}, SHORT)}} at {{TIME(${time})}}`;
}
