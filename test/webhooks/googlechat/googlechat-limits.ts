/// <reference types="@maxim_mazurok/gapi.client.chat-v1" />
import { expect } from 'vitest';
import { z } from 'zod';
import { ALERT_TITLES } from '../../../src/webhooks/alert-words.ts';
import { expectAuthor, expectHarmless, expectKeyword, type Deliveries } from '../harmless-text.ts';
import { linkOf, readHtml } from '../shown-html.ts';

type Shape<T> = { readonly [K in keyof T]?: z.ZodType<T[K] | undefined> };

// Google Chat's documented limits: developers.google.com/workspace/chat/api/reference/rest/v1/
// spaces.messages/create and .../cards. The types are made from its discovery document. Other fields
// are refused: look up what they do before you add them.
const MAX_BYTES = 32_000;
const MAX_WIDGETS = 100;
const MAX_THREAD_KEY = 4_000;

const button = z.strictObject({
  text: z.string().min(1),
  onClick: z.strictObject({
    openLink: z.strictObject({ url: z.url({ protocol: /^https?$/ }) }),
  }),
} satisfies Shape<gapi.client.chat.GoogleAppsCardV1Button>);
const widget = z.union([
  z.strictObject({
    textParagraph: z.strictObject({ text: z.string().min(1) }),
  } satisfies Shape<gapi.client.chat.GoogleAppsCardV1Widget>),
  z.strictObject({
    buttonList: z.strictObject({ buttons: z.array(button).min(1) }),
  } satisfies Shape<gapi.client.chat.GoogleAppsCardV1Widget>),
]);
const card = z.strictObject({
  sections: z.array(z.strictObject({ widgets: z.array(widget).min(1) })).min(1),
} satisfies Shape<gapi.client.chat.GoogleAppsCardV1Card>);
const message = z.strictObject({
  text: z.string().min(1).optional(),
  fallbackText: z.string().min(1).optional(),
  cardsV2: z
    .array(z.strictObject({ cardId: z.string().min(1), card }))
    .length(1)
    .optional(),
  thread: z.strictObject({ threadKey: z.string().min(1).max(MAX_THREAD_KEY) }).optional(),
} satisfies Shape<gapi.client.chat.Message>);

// developers.google.com/workspace/chat/format-messages, "Format a card message".
const TAGS = {
  b: /^$/,
  br: /^$/,
  a: /^ href="https?:\/\/[^"]+"$/,
  font: /^ color="#[0-9a-f]{6}"$/,
};

export interface ShownMessage {
  /** The text of the message, or that in place of its card. */
  readonly text: string;
  /** The texts and links of the card, one per widget. */
  readonly lines: readonly string[];
  readonly threadKey: string | undefined;
}

/**
 * Asserts that Google Chat would accept a message and interprets nothing in it but our own words and
 * link, the keyword in bold and the author as a link.
 *
 * @param deliveries - those that the message was made of
 * @param ping - the text above the card, which pings; nothing else may
 */
export function expectGoogleChatMessage(
  body: string,
  deliveries?: Deliveries,
  ping?: string,
): ShownMessage {
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BYTES);
  const { text: above, fallbackText, cardsV2 = [], thread } = message.parse(JSON.parse(body));
  if (ping !== undefined) expect(above).toBe(ping);
  const text = ping === undefined ? above : undefined;
  expect([text, cardsV2[0]].filter((part) => part !== undefined)).toHaveLength(1);
  const literal = text ?? fallbackText ?? '';
  expectHarmless(literal);
  expect(literal).not.toMatch(/[@#<](?!\u2060)|\]\(|`/);
  const widgets = cardsV2.flatMap((each) => each.card.sections.flatMap((part) => part.widgets));
  expect(widgets.length).toBeLessThanOrEqual(MAX_WIDGETS);
  const lines = widgets.map((each) =>
    'textParagraph' in each
      ? expectParagraph(each.textParagraph.text, deliveries)
      : each.buttonList.buttons.map((one) => `${one.text}: ${one.onClick.openLink.url}`).join(),
  );
  return { text: literal, lines, threadKey: thread?.threadKey };
}

function expectParagraph(html: string, deliveries: Deliveries): string {
  const { text, elements } = readHtml(html, TAGS);
  expectHarmless(text);
  for (const element of elements) {
    if (element.tag === 'a') {
      expect(linkOf(element)).toMatch(/^https?:\/\/[^\s<>]+$/);
      expectAuthor(element.text, deliveries);
    } else if (element.tag === 'font') {
      expect(ALERT_TITLES).toContain(element.text);
      // A title is a paragraph of its own.
    } else if (element.text !== text) expectKeyword(element.text, deliveries);
  }
  return text;
}
