import { IncomingWebhookRequestPartialSchema } from 'discord-api-spec/zod';
import { parse } from 'discord-markdown-parser';
import { expect } from 'vitest';
import { z } from 'zod';
import { ALERT_TITLES } from '../../../src/webhooks/alert-words.ts';
import { expectHarmless } from '../harmless-text.ts';

/**
 * Discord's documented limits, in characters or items: docs.discord.com/developers/resources/webhook,
 * "Execute Webhook", and /resources/message, "Embed Limits". Their schema is checked too, as Discord
 * publishes it (github.com/discord/discord-api-spec): it lacks the sum over all embeds.
 */
export const DISCORD_LIMITS = {
  content: 2000,
  embeds: 10,
  title: 256,
  description: 4096,
  fields: 25,
  fieldName: 256,
  fieldValue: 1024,
  footer: 2048,
  author: 256,
  allEmbeds: 6000,
} as const;

// Fields that are not listed here are refused: what they do is to be looked up first.
const message = z.strictObject({
  content: z.string().min(1).max(DISCORD_LIMITS.content),
  embeds: z
    .array(
      z.strictObject({
        author: z.strictObject({ name: z.string().min(1).max(DISCORD_LIMITS.author) }).optional(),
        title: z.string().min(1).max(DISCORD_LIMITS.title).optional(),
        description: z.string().min(1).max(DISCORD_LIMITS.description).optional(),
        fields: z
          .array(
            z.strictObject({
              name: z.string().min(1).max(DISCORD_LIMITS.fieldName),
              value: z.string().min(1).max(DISCORD_LIMITS.fieldValue),
              inline: z.boolean(),
            }),
          )
          .max(DISCORD_LIMITS.fields)
          .optional(),
        footer: z.strictObject({ text: z.string().min(1).max(DISCORD_LIMITS.footer) }).optional(),
        timestamp: z.iso.datetime().optional(),
        color: z.int().min(0).max(0xffffff),
      }),
    )
    .min(1)
    .max(DISCORD_LIMITS.embeds)
    .optional(),
  flags: z.literal(4).optional(),
  allowed_mentions: z.strictObject({ parse: z.tuple([]) }),
});

export type DiscordMessage = z.infer<typeof message>;

// What Discord's Markdown may give: text, line breaks, emoji that are letters, and of our own bold
// text, times, and links.
const LITERAL = new Set(['text', 'br', 'newline', 'twemoji', 'emoticon', 'escape']);

interface Node {
  readonly type: string;
  readonly content?: unknown;
  readonly target?: string;
  readonly timestamp?: string;
}

/**
 * Asserts that Discord would take a message and that nothing in it but our own words, times and link
 * is interpreted, as an independent parser of its Markdown reads it.
 *
 * @returns the message, for further assertions.
 */
export function expectDiscordMessage(body: string): DiscordMessage {
  const parsed = message.parse(JSON.parse(body));
  IncomingWebhookRequestPartialSchema.parse(JSON.parse(body));
  expectMarkdown(parsed.content);
  const { embeds = [] } = parsed;
  for (const { author, title, description, fields = [], footer } of embeds) {
    for (const literal of [author?.name, footer?.text]) {
      if (literal !== undefined) expectHarmless(literal);
    }
    for (const markdown of [title, description, ...fields.flatMap((f) => [f.name, f.value])]) {
      if (markdown !== undefined) expectMarkdown(markdown);
    }
  }
  const characters = embeds
    .flatMap(({ author, title, description, fields = [], footer }) =>
      [author?.name, title, description, footer?.text].concat(
        fields.flatMap(({ name, value }) => [name, value]),
      ),
    )
    .reduce((sum, text) => sum + (text?.length ?? 0), 0);
  expect(characters, 'all embeds together').toBeLessThanOrEqual(DISCORD_LIMITS.allEmbeds);
  return parsed;
}

/** What people see of a text of Discord's Markdown. */
export function shownByDiscord(markdown: string): string {
  const textOf = ({ type, content }: Node): string => {
    if (type === 'br' || type === 'newline') return '\n';
    if (typeof content === 'string') return content;
    return Array.isArray(content) ? (content as Node[]).map(textOf).join('') : '';
  };
  return (parse(markdown, 'extended') as readonly Node[]).map(textOf).join('');
}

function expectMarkdown(markdown: string): void {
  expectHarmless(markdown);
  const marks = (parse(markdown, 'extended') as readonly Node[]).flatMap(marksOf);
  expect(marks).toEqual([]);
}

/** What is interpreted in a text, and is not ours. */
function marksOf(node: Node): readonly string[] {
  const { type, content, target } = node;
  if (LITERAL.has(type)) return [];
  const inner = Array.isArray(content) ? (content as Node[]) : [];
  const words = inner.map((each) => String(each.content)).join('');
  if (type === 'link' || type === 'url') {
    const label = type === 'url' ? target : words;
    expect(target).toMatch(/^https?:\/\/[^\s()<>]+$/);
    return label === 'Open post' || label === target ? [] : [`${type} ${words}`];
  }
  if (type === 'timestamp') return [];
  // Bold are an alert's title and the link, and nothing else.
  if (type === 'strong') {
    const text = inner.flatMap((each) => (each.type === 'text' ? [each.content] : [])).join('');
    const ours = text !== '' && ALERT_TITLES.some((title) => title.endsWith(text));
    return ours
      ? []
      : inner.flatMap((each) => (each.type === 'link' ? marksOf(each) : [`bold ${text}`]));
  }
  return [`${type} ${JSON.stringify(content)}`];
}
