import type { ApiMethods } from '@grammyjs/types';
import { expect } from 'vitest';
import { z } from 'zod';
import { ALERT_TITLES } from '../../../src/webhooks/alert-words.ts';
import { expectAuthor, expectHarmless, expectKeyword, type Deliveries } from '../harmless-text.ts';
import { linkOf, readHtml } from '../shown-html.ts';

type SendMessage = Parameters<ApiMethods<never>['sendMessage']>[0];

// Telegram's documented limits: core.telegram.org/bots/api#sendmessage, and limits.tginfo.me for the
// number of formatted parts. The types are those that the clients of grammY are made with. Other fields
// are refused: look up what they do before you add them.
const MAX_TEXT = 4096;
const MAX_ENTITIES = 100;
const message = z.strictObject({
  text: z.string().min(1),
  parse_mode: z.literal('HTML').optional(),
  link_preview_options: z.strictObject({ is_disabled: z.literal(true) }),
} satisfies { readonly [K in keyof SendMessage]?: z.ZodType<SendMessage[K]> });

// core.telegram.org/bots/api#html-style.
const TAGS = {
  b: /^$/,
  blockquote: /^$/,
  a: /^ href="https?:\/\/[^"]+"$/,
  'tg-time': /^ unix="\d+" format="Dt"$/,
};
// What Telegram looks for in any text: github.com/tdlib/td, td/telegram/MessageEntity.cpp.
const SOUGHT = /(?<!\w)[@#]\w|(?<!\w)\$[A-Z]|(?<![\w/<>])\/\w/;

/**
 * Asserts that Telegram would accept a message and interprets nothing in it but our own words, times
 * and link, the keyword in bold and the author as a link.
 *
 * @param deliveries - those that the message was made of
 * @param ping - the HTML that the text begins with; nothing else may ping
 * @returns the text that people see, without that
 */
export function expectTelegramMessage(body: string, deliveries?: Deliveries, ping = ''): string {
  const { text: whole, parse_mode } = message.parse(JSON.parse(body));
  expect(whole.slice(0, ping.length)).toBe(ping);
  const sent = whole.slice(ping.length);
  const { text, elements } =
    parse_mode === undefined ? { text: sent, elements: [] } : readHtml(sent, TAGS);
  const pinged = ping === '' ? 0 : 1;
  expect(text.length + ping.length).toBeLessThanOrEqual(MAX_TEXT);
  expect(elements.length + pinged).toBeLessThanOrEqual(MAX_ENTITIES);
  expectHarmless(text);
  expect(text.replaceAll(/^https?:\/\/\S+$/gm, '')).not.toMatch(SOUGHT);
  for (const element of elements) {
    if (element.tag === 'a') {
      expect(linkOf(element)).toMatch(/^https?:\/\/[^\s<>]+$/);
      if (element.text !== 'Open post') expectAuthor(shown(element.text), deliveries);
    }
    if (element.tag !== 'b') continue;
    if (element.within.includes('blockquote')) expectKeyword(shown(element.text), deliveries);
    else if (deliveries?.every(({ kind }) => kind === 'alert') === true) {
      expect(ALERT_TITLES).toContain(element.text);
    } else expect(element.text).not.toContain('\n');
  }
  return text;
}

function shown(text: string): string {
  return text.replaceAll('\u2060', '');
}
