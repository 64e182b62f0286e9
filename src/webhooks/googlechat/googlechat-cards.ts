import type { Ping } from '../../domain/webhook.ts';
import { htmlAsText } from '../html-text.ts';
import { defused } from '../readable-text.ts';

/*
 * The parts of a message of Google Chat: its envelope, and the widgets of a card, also read back as
 * text. The words in them come from googlechat-message.ts.
 */

/** A widget of a card: developers.google.com/workspace/chat/api/reference/rest/v1/cards. */
export type ChatWidget =
  | { readonly textParagraph: { readonly text: string } }
  | {
      readonly buttonList: {
        readonly buttons: readonly {
          readonly text: string;
          readonly onClick: { readonly openLink: { readonly url: string } };
        }[];
      };
    };

/** A part of a card, with a line between it and the next. */
export interface ChatSection {
  readonly widgets: readonly ChatWidget[];
}

/**
 * "The maximum message size, including text and cards, is 32,000 bytes": developers.google.com/
 * workspace/chat/api/reference/rest/v1/spaces.messages/create. A card has 100 widgets at most.
 */
export const MAX_BYTES = 32_000;

/**
 * Returns the JSON of a message with one card. Above it stands the ping alone: nothing in a card pings.
 *
 * @param fallback - readable text for notifications, and where cards can't be shown
 * @param threadKey - messages with the same key share a thread; null for a thread of its own
 */
export function cardMessage(
  fallback: string,
  sections: readonly ChatSection[],
  threadKey: string | null,
  ping: Ping | null = null,
): string {
  return JSON.stringify({
    ...(ping !== null && { text: `<users/${ping.kind === 'all' ? 'all' : ping.id}>` }),
    fallbackText: defused(fallback),
    cardsV2: [{ cardId: 'mention-relay', card: { sections } }],
    ...(threadKey !== null && { thread: { threadKey } }),
  });
}

/** Returns the JSON of a message of text alone, which Google Chat reads as its Markdown. */
export function textMessage(text: string): string {
  return JSON.stringify({ text: defused(text) });
}

/**
 * Returns a line or paragraph.
 *
 * @param html - escaped already: developers.google.com/workspace/chat/format-messages, "Format a card
 * message"
 */
export function paragraph(html: string): ChatWidget {
  return { textParagraph: { text: html } };
}

/** Returns the button that opens a post. */
export function openPost(url: string): ChatWidget {
  return { buttonList: { buttons: [{ text: 'Open post', onClick: { openLink: { url } } }] } };
}

/** Shows a widget as lines of text, with links written out. */
export function widgetAsText(widget: ChatWidget): string[] {
  return 'textParagraph' in widget
    ? htmlAsText(widget.textParagraph.text)
    : widget.buttonList.buttons.map(({ text, onClick }) => `${text}: ${onClick.openLink.url}`);
}
