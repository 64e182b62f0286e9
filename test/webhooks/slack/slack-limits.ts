import { expect } from 'vitest';
import { z } from 'zod';

/**
 * Slack's documented limits, in characters or items:
 * docs.slack.dev/reference/block-kit/blocks (header, section, context, actions),
 * /reference/block-kit/composition-objects/text-object,
 * /reference/block-kit/block-elements/button-element,
 * and, for `text`, /changelog/2018-truncating-really-long-messages.
 */
export const SLACK_LIMITS = {
  blocks: 50,
  header: 150,
  sectionText: 3000,
  sectionFields: 10,
  field: 2000,
  contextElements: 10,
  textObject: 3000,
  buttonText: 75,
  url: 3000,
  text: 40_000,
} as const;

const plainText = z.strictObject({
  type: z.literal('plain_text'),
  text: z.string().min(1),
  emoji: z.literal(false),
});
const mrkdwn = z.strictObject({
  type: z.literal('mrkdwn'),
  text: z.string().min(1),
  verbatim: z.literal(true),
});
const textObject = z.discriminatedUnion('type', [plainText, mrkdwn]);
const button = z.strictObject({
  type: z.literal('button'),
  text: plainText,
  url: z.url({ protocol: /^https?$/ }).max(SLACK_LIMITS.url),
});
// A kind of block that is not listed here is refused: its limits are to be looked up first.
const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), text: plainText }),
  z.strictObject({
    type: z.literal('section'),
    text: textObject.optional(),
    fields: z.array(textObject).min(1).max(SLACK_LIMITS.sectionFields).optional(),
  }),
  z.strictObject({
    type: z.literal('context'),
    elements: z.array(textObject).min(1).max(SLACK_LIMITS.contextElements),
  }),
  z.strictObject({ type: z.literal('actions'), elements: z.array(button).min(1).max(25) }),
  z.strictObject({ type: z.literal('divider') }),
]);
const message = z.strictObject({
  text: z.string().min(1).max(SLACK_LIMITS.text),
  mrkdwn: z.literal(false),
  blocks: z.array(block).min(1).max(SLACK_LIMITS.blocks).optional(),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
});

export type SlackMessage = z.infer<typeof message>;

const DATE = /<!date\^\d{1,10}\^[a-z_{} ]+\|[-+\d]+ \d\d:\d\d UTC>/g;
const LINK = /<(https?:\/\/[^<>|\s]+)\|Open post>/g;

/**
 * Asserts that Slack would take a message and that nothing in it but our own words and links is
 * interpreted: the message's shape and every limit; literal text escaped and without characters
 * that deceive; in mrkdwn nothing but dates, http(s) links and words that `ownWords` matches.
 *
 * @returns the message, for further assertions.
 */
export function expectSlackMessage(
  body: string,
  ownWords = /^(?:spotted |received |found |Spotted after|and before|unknown|\n|\*|[-+\d]+ \d\d:\d\d UTC)*$/,
): SlackMessage {
  const parsed = message.parse(JSON.parse(body));
  expectLiteral(parsed.text);
  expect(parsed.text).not.toMatch(/@(?:here|channel|everyone)/i);
  for (const part of parsed.blocks ?? []) {
    switch (part.type) {
      case 'header':
        expect(part.text.text.length).toBeLessThanOrEqual(SLACK_LIMITS.header);
        expect(part.text.text).not.toContain('\n');
        expectText(part.text, ownWords);
        break;
      case 'section':
        expect(part.text ?? part.fields, 'a section has text or fields').toBeDefined();
        if (part.text !== undefined) {
          expect(part.text.text.length).toBeLessThanOrEqual(SLACK_LIMITS.sectionText);
          expectText(part.text, ownWords);
        }
        for (const field of part.fields ?? []) {
          expect(field.text.length).toBeLessThanOrEqual(SLACK_LIMITS.field);
          expectText(field, ownWords);
        }
        break;
      case 'context':
        for (const element of part.elements) expectText(element, ownWords);
        break;
      case 'actions':
        for (const { text } of part.elements) {
          expect(text.text.length).toBeLessThanOrEqual(SLACK_LIMITS.buttonText);
          expectText(text, ownWords);
        }
        break;
      case 'divider':
        break;
    }
  }
  return parsed;
}

function expectText({ type, text }: z.infer<typeof textObject>, ownWords: RegExp): void {
  expect(text.length).toBeLessThanOrEqual(SLACK_LIMITS.textObject);
  if (type === 'plain_text') {
    expectLiteral(text);
    return;
  }
  for (const [, url = ''] of text.matchAll(LINK)) {
    expect(url.length).toBeLessThanOrEqual(SLACK_LIMITS.url);
    expect(url).toMatch(/^(?:[^&]|&amp;)*$/);
    expect(URL.canParse(url.replaceAll('&amp;', '&'))).toBe(true);
  }
  expect(text.replaceAll(DATE, '').replaceAll(LINK, '')).toMatch(ownWords);
}

function expectLiteral(text: string): void {
  expect(text, 'something is to be seen').toMatch(/[^\s\p{Default_Ignorable_Code_Point}]/u);
  expect(text, 'escaped, and no entity is cut').toMatch(/^(?:[^&<>]|&(?:amp|lt|gt);)*$/);
  expect(text.isWellFormed(), 'no surrogate pair is cut').toBe(true);
  expect(text, 'no control characters').not.toMatch(/[\p{Cc}--\n]|[\u2028\u2029]/v);
  expect(text, 'no bidirectional controls').not.toMatch(/\p{Bidi_Control}/u);
}
