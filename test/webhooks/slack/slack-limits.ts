import { expect } from 'vitest';
import { z } from 'zod';
import { expectAuthor, expectHarmless, expectKeyword, type Deliveries } from '../harmless-text.ts';

/*
 * Slack's documented limits, in characters or items:
 * docs.slack.dev/reference/block-kit/blocks (header, section, context, rich text),
 * /reference/block-kit/composition-objects/text-object,
 * and, for `text`, /changelog/2018-truncating-really-long-messages.
 */
const MAX_BLOCKS = 50;
const MAX_HEADER = 150;
const MAX_FIELD = 2000;
const MAX_ITEMS = 10;
const MAX_TEXT_OBJECT = 3000;
const MAX_URL = 3000;
const MAX_TEXT = 40_000;
// Not documented: all blocks as JSON, with ids that Slack adds (github.com/slackapi/bolt-js/issues/2509).
const MAX_ALL_BLOCKS = 13_000;
const BLOCK_ID = ',"block_id":"AbCdE"'.length;

const plainText = z.strictObject({
  type: z.literal('plain_text'),
  text: z.string().min(1).max(MAX_TEXT_OBJECT),
  emoji: z.literal(false),
});
const mrkdwn = z.strictObject({
  type: z.literal('mrkdwn'),
  text: z.string().min(1).max(MAX_TEXT_OBJECT),
  verbatim: z.literal(true),
});
const textObject = z.discriminatedUnion('type', [plainText, mrkdwn]);
const richText = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    text: z.string().min(1).max(MAX_TEXT_OBJECT),
    style: z.strictObject({ bold: z.literal(true) }).optional(),
  }),
  z.strictObject({
    type: z.literal('link'),
    url: z.url({ protocol: /^https?$/ }).max(MAX_URL),
    text: z.string().min(1).max(MAX_TEXT_OBJECT),
  }),
]);
// Other kinds of blocks are refused: look up their limits before you add them.
const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), text: plainText }),
  z.strictObject({
    type: z.literal('section'),
    text: textObject.optional(),
    fields: z.array(textObject).min(1).max(MAX_ITEMS).optional(),
  }),
  z.strictObject({
    type: z.literal('context'),
    elements: z.array(textObject).min(1).max(MAX_ITEMS),
  }),
  z.strictObject({
    type: z.literal('rich_text'),
    elements: z.tuple([
      z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(richText).min(1) }),
    ]),
  }),
  z.strictObject({ type: z.literal('divider') }),
]);
const message = z.strictObject({
  text: z.string().min(1).max(MAX_TEXT),
  mrkdwn: z.literal(false),
  blocks: z.array(block).min(1).max(MAX_BLOCKS).optional(),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
});

export type SlackMessage = z.infer<typeof message>;

const DATE = /<!date\^\d{1,10}\^[a-z_{} ]+\|[-+\d]+ \d\d:\d\d UTC>/g;
const LINK = /<(https?:\/\/[^<>|\s]+)\|Open post>/g;
const OWN_WORDS =
  /^(?:spotted |received |found |Spotted after|and before|unknown|\n|\*|[-+\d]+ \d\d:\d\d UTC)*$/;

/**
 * Asserts that Slack would accept a message and interprets nothing in it but our own words and links:
 * its shape and every limit; literal text escaped and without deceptive characters; in rich text
 * only keywords in bold and only authors as links; in mrkdwn only dates, http(s) links and our own
 * words.
 *
 * @param deliveries - those that the message was made of
 * @param ping - the element that pings, alone in the first block; nothing else may ping
 * @returns the message without that block, for further assertions.
 */
export function expectSlackMessage(
  body: string,
  deliveries?: Deliveries,
  ping?: object,
): SlackMessage {
  const whole = JSON.parse(body) as { readonly blocks?: readonly unknown[] };
  const { blocks: all = [] } = whole;
  const characters = JSON.stringify(all).length + BLOCK_ID * all.length;
  expect(characters, 'all blocks').toBeLessThanOrEqual(MAX_ALL_BLOCKS);
  expect(all.length).toBeLessThanOrEqual(MAX_BLOCKS);
  if (ping !== undefined) {
    const section = { type: 'rich_text_section', elements: [ping] };
    expect(all[0], 'the ping').toEqual({ type: 'rich_text', elements: [section] });
  }
  const parsed = message.parse(ping === undefined ? whole : { ...whole, blocks: all.slice(1) });
  const { blocks = [] } = parsed;
  expectLiteral(parsed.text);
  expect(parsed.text).not.toMatch(/@(?:here|channel|everyone)/i);
  for (const part of blocks) {
    for (const { type, text } of textsOf(part)) {
      if (type === 'plain_text') expectLiteral(text);
      else expectMrkdwn(text);
    }
    if (part.type === 'rich_text') {
      const parts = part.elements[0].elements;
      expectHarmless(parts.map(({ text }) => text).join(''));
      for (const each of parts) {
        if (each.type === 'link') expectAuthor(each.text, deliveries);
        else if (each.style !== undefined) expectKeyword(each.text, deliveries);
      }
    }
    if (part.type === 'header') {
      expect(part.text.text.length).toBeLessThanOrEqual(MAX_HEADER);
      expect(part.text.text).not.toContain('\n');
    }
    if (part.type === 'section') {
      expect(part.text ?? part.fields, 'a section has text or fields').toBeDefined();
      const lengths = (part.fields ?? []).map(({ text }) => text.length);
      expect(Math.max(0, ...lengths)).toBeLessThanOrEqual(MAX_FIELD);
    }
  }
  return parsed;
}

/** Returns all text objects of a block, in their order. */
export function textsOf(part: z.infer<typeof block>): readonly z.infer<typeof textObject>[] {
  switch (part.type) {
    case 'header':
      return [part.text];
    case 'section':
      return [...(part.text === undefined ? [] : [part.text]), ...(part.fields ?? [])];
    case 'context':
      return part.elements;
    case 'rich_text':
    case 'divider':
      return [];
  }
}

/** Returns the rich text of a message as lines, with bold in asterisks and links written out. */
export function richTextOf({ blocks = [] }: SlackMessage): readonly string[] {
  return blocks
    .flatMap((part) => (part.type === 'rich_text' ? part.elements[0].elements : []))
    .map((part) => {
      if (part.type === 'link') return `<${part.url}|${part.text}>`;
      return part.style === undefined ? part.text : `*${part.text}*`;
    })
    .join('')
    .split('\n');
}

function expectMrkdwn(text: string): void {
  for (const [, url = ''] of text.matchAll(LINK)) {
    expect(url.length).toBeLessThanOrEqual(MAX_URL);
    expect(url).toMatch(/^(?:[^&]|&amp;)*$/);
    expect(URL.canParse(url.replaceAll('&amp;', '&'))).toBe(true);
  }
  expect(text.replaceAll(DATE, '').replaceAll(LINK, '')).toMatch(OWN_WORDS);
}

function expectLiteral(text: string): void {
  expectHarmless(text);
  expect(text, 'escaped, and no entity is cut').toMatch(/^(?:[^&<>]|&(?:amp|lt|gt);)*$/);
}

// Rocket.Chat's default limit; Mattermost takes more.
const plainMessage = message.omit({ blocks: true }).extend({ text: z.string().min(1).max(5_000) });

/**
 * Asserts that Mattermost and Rocket.Chat would accept a message and interpret nothing in its text but
 * readable addresses.
 *
 * Sources: docs.mattermost.com/developers/integrate/slash-commands/slack and its page on formatting;
 * the grammar of Rocket.Chat's packages/message-parser.
 *
 * @param ping - the name that the message begins with; nothing else may ping
 * @returns its text without that.
 */
export function expectPlainText(body: string, ping = ''): string {
  const { text: whole } = plainMessage.parse(JSON.parse(body));
  expect(whole.slice(0, ping.length)).toBe(ping);
  const text = whole.slice(ping.length);
  expectHarmless(text);
  const links = /(?<=^| )https?:\/\/[^\s@()[\]<>`*|~"]+$/gm;
  expect(text.replace(links, ''), 'no ping, no channel, no <link>').not.toMatch(/[@#<](?!\u2060)/);
  expect(text, 'no [link](target), reference or image').not.toMatch(/\][([:]/);
  expect(text, 'no code').not.toMatch(/`/);
  for (const line of text.split('\n')) {
    expect(line, 'no heading, list, quote, table or rule').toMatch(
      /^(?:$|[\p{L}\d]+ |New mention|“|—|•|[⚠✅ℹ⛔]|https?:\/\/[^\s@()[\]<>`]+$)/u,
    );
    expect(line, 'no list').not.toMatch(/^\d+[.)] /);
  }
  return text;
}
