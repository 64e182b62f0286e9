import { IncomingWebhookRequestPartialSchema } from 'discord-api-spec/zod';
import { parse } from 'discord-markdown-parser';
import { expect } from 'vitest';
import { z } from 'zod';
import { ALERT_TITLES } from '../../../src/webhooks/alert-words.ts';
import { expectAuthor, expectHarmless, expectKeyword, type Deliveries } from '../harmless-text.ts';

// Discord's documented limits, in characters or items: docs.discord.com/developers/resources/webhook,
// "Execute Webhook", and /resources/message, "Embed Limits". The schema that Discord publishes is
// checked too (github.com/discord/discord-api-spec): it lacks the sum over all embeds.
const MAX_OF_ALL_EMBEDS = 6000;
const text = (limit: number) => z.string().min(1).max(limit);

// Other fields are refused: look up what they do before you add them.
const message = z.strictObject({
  content: text(2000),
  embeds: z
    .array(
      z.strictObject({
        author: z.strictObject({ name: text(256) }).optional(),
        title: text(256).optional(),
        description: text(4096).optional(),
        fields: z
          .array(z.strictObject({ name: text(256), value: text(1024), inline: z.boolean() }))
          .max(25)
          .optional(),
        footer: z.strictObject({ text: text(2048) }).optional(),
        timestamp: z.iso.datetime().optional(),
        color: z.int().min(0).max(0xffffff),
      }),
    )
    .min(1)
    .max(10)
    .optional(),
  flags: z.literal(4).optional(),
  allowed_mentions: z.strictObject({
    parse: z.array(z.literal('everyone')),
    users: z.tuple([z.string()]).optional(),
    roles: z.tuple([z.string()]).optional(),
  }),
});

export type DiscordMessage = z.infer<typeof message>;

export interface DiscordPing {
  readonly text: string;
  readonly allowed: object;
}

// The harmless parts of Discord's Markdown: text, line breaks, and emoji that are letters.
const LITERAL = new Set(['text', 'br', 'newline', 'twemoji', 'emoticon', 'escape']);

interface Node {
  readonly type: string;
  readonly content?: unknown;
  readonly target?: string;
  readonly timestamp?: string;
  /** The characters of an emoji. */
  readonly name?: string;
}

/**
 * Asserts that Discord would accept a message and interprets nothing in it but our own words, times
 * and link, the keyword in bold and the author as a link, according to an independent parser of its
 * Markdown.
 *
 * @param deliveries - those that the message was made of
 * @param ping - the text that the content begins with, and the rule that allows it; nothing else may ping
 * @returns the message without the ping, for further assertions.
 */
export function expectDiscordMessage(
  body: string,
  deliveries?: Deliveries,
  ping?: DiscordPing,
): DiscordMessage {
  const whole = message.parse(JSON.parse(body));
  IncomingWebhookRequestPartialSchema.parse(JSON.parse(body));
  expect(whole.allowed_mentions).toEqual(ping?.allowed ?? { parse: [] });
  const begins = ping === undefined ? '' : `${ping.text} `;
  expect(whole.content.slice(0, begins.length)).toBe(begins);
  const parsed = { ...whole, content: whole.content.slice(begins.length) };
  // Discord finds @everyone behind a backslash and an invisible character too.
  if (ping !== undefined) expect(parsed.content.normalize('NFKC')).not.toContain('@');
  expectMarkdown(parsed.content, []);
  const { embeds = [] } = parsed;
  for (const { author, title, description, fields = [], footer } of embeds) {
    for (const literal of [author?.name, footer?.text]) {
      if (literal !== undefined) expectHarmless(literal);
    }
    for (const markdown of [title, description, ...fields.flatMap((f) => [f.name, f.value])]) {
      if (markdown !== undefined) {
        expectMarkdown(markdown, markdown === description ? deliveries : []);
      }
    }
  }
  const texts = embeds.flatMap(({ author, title, description, fields = [], footer }) =>
    [author?.name, title, description, footer?.text].concat(
      fields.flatMap(({ name, value }) => [name, value]),
    ),
  );
  const characters = texts.reduce((sum, each) => sum + (each?.length ?? 0), 0);
  expect(characters, 'all embeds together').toBeLessThanOrEqual(MAX_OF_ALL_EMBEDS);
  return parsed;
}

/** Returns the text that people see of Discord's Markdown. */
export function shownByDiscord(markdown: string): string {
  return (parse(markdown, 'extended') as readonly Node[]).map(textOf).join('');
}

function textOf({ type, content, name }: Node): string {
  if (type === 'br' || type === 'newline') return '\n';
  if (type === 'twemoji') return name ?? '';
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? (content as Node[]).map(textOf).join('') : '';
}

function expectMarkdown(markdown: string, deliveries: Deliveries): void {
  expectHarmless(markdown);
  const nodes = parse(markdown, 'extended') as readonly Node[];
  const marks = nodes.flatMap((node) => marksOf(node, deliveries));
  expect(marks).toEqual([]);
}

/** Returns what is interpreted in a text and is not ours. */
function marksOf(node: Node, deliveries: Deliveries): readonly string[] {
  const { type, content, target } = node;
  if (LITERAL.has(type)) return [];
  const inner = Array.isArray(content) ? (content as Node[]) : [];
  if (type === 'link' || type === 'url') {
    const label = type === 'url' ? target : textOf(node);
    expect(target).toMatch(/^https?:\/\/[^\s()<>]+$/);
    if (label === 'Open post' || label === target) return [];
    if (deliveries?.length === 0) return [`${type} ${label}`];
    expectAuthor(label ?? '', deliveries);
    return inner.flatMap((each) => marksOf(each, []));
  }
  if (type === 'timestamp') return [];
  // An alert's title, the link and keywords are bold.
  if (type === 'strong') {
    const bold = inner.filter((each) => each.type !== 'link');
    const title = bold.flatMap((each) => (each.type === 'text' ? [each.content] : [])).join('');
    if (bold.length > 0 && !ALERT_TITLES.some((each) => title !== '' && each.endsWith(title))) {
      if (deliveries?.length === 0) return [`bold ${title}`];
      expectKeyword(inner.map(textOf).join(''), deliveries);
    }
    return inner.flatMap((each) => marksOf(each, []));
  }
  return [`${type} ${JSON.stringify(content)}`];
}
