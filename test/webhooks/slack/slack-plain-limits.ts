import { expect } from 'vitest';
import { z } from 'zod';
import { expectHarmless } from '../harmless-text.ts';

const message = z.strictObject({
  // Rocket.Chat's default; Mattermost takes more.
  text: z.string().min(1).max(5_000),
  mrkdwn: z.literal(false),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
});

/**
 * Asserts that Mattermost and Rocket.Chat would take a message, and that nothing of it but addresses
 * that can be read is more than text there.
 *
 * Sources: docs.mattermost.com/developers/integrate/slash-commands/slack and its page on formatting;
 * the grammar of Rocket.Chat's packages/message-parser.
 *
 * @returns its text.
 */
export function expectPlainText(body: string): string {
  const { text } = message.parse(JSON.parse(body));
  expectHarmless(text);
  const links = /^https?:\/\/[^\s@()[\]<>`*|~"]+$/gm;
  expect(text.replace(links, ''), 'no ping, no channel, no <link>').not.toMatch(/[@#<](?!\u2060)/);
  expect(text, 'no [link](target), reference or image').not.toMatch(/\][([:]/);
  expect(text, 'no code').not.toMatch(/`/);
  for (const line of text.split('\n')) {
    expect(line, 'no heading, list, quote, table or rule').toMatch(
      /^(?:$|[\p{L}\d]+ |New mention|“|—|[⚠✅ℹ⛔]|https?:\/\/[^\s@()[\]<>`]+$)/u,
    );
    expect(line, 'no list').not.toMatch(/^\d+[.)] /);
  }
  return text;
}
