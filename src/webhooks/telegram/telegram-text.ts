import type { Ping } from '../../domain/webhook.ts';
import { escapeHtml, htmlLink } from '../html-text.ts';
import { utcText } from '../readable-text.ts';

/*
 * The parts of a Telegram message: its envelope, times, and the escaping of text. The words in them
 * come from telegram-message.ts.
 *
 * Telegram looks for `@name`, `#hashtag`, `$CASHTAG` and `/command` in any text, escaped or not, and
 * notifies whom `@name` names. An invisible word joiner behind the first character keeps it from that.
 */

/** "1-4096 characters after entities parsing": core.telegram.org/bots/api#sendmessage. */
export const TEXT_LIMIT = 4_096;

/**
 * Returns a message's JSON. The chat stands in the URL. Links get no preview: it would put a
 * stranger's picture and words into the chat.
 */
export function telegramMessage(text: string, parseMode?: 'HTML'): string {
  return JSON.stringify({
    text,
    ...(parseMode !== undefined && { parse_mode: parseMode }),
    link_preview_options: { is_disabled: true },
  });
}

/** Escapes a text for HTML, and disarms all that Telegram looks for in text. */
export function escapeTelegram(text: string): string {
  return escapeHtml(inert(text));
}

// As Telegram's own library finds them: github.com/tdlib/td, td/telegram/MessageEntity.cpp. A text may
// go on before and behind this part of it. Addresses of e-mail and of web pages stay as they are.
const SOUGHT = /(?<!\w)[@#]|\$(?=[A-Z]|$)|(?<![\w/<>])\/(?=\w|$)/g;

/** Disarms pings, hashtags, cashtags and commands. */
export function inert(text: string): string {
  return text.replace(SOUGHT, '$&\u2060');
}

/** Returns what pings a person by @name or id: core.telegram.org/bots/api#html-style. */
export function pingHtml(ping: Ping): string {
  return ping.kind === 'user' && /^\d+$/.test(ping.id)
    ? htmlLink(`tg://user?id=${ping.id}`, '🔔')
    : ping.text;
}

// Other times are written out: no real mention has one.
const LAST_TIME_MS = Date.UTC(2100, 0, 1);

/**
 * Writes a time: each reader sees it in their own time zone, or in UTC if their app is older than
 * such times (core.telegram.org/bots/api#date-time-entity-formatting).
 */
export function telegramTime(timeMs: number): string {
  const utc = utcText(timeMs);
  if (timeMs < 0 || timeMs > LAST_TIME_MS) return utc;
  return `<tg-time unix="${Math.floor(timeMs / 1000)}" format="Dt">${utc}</tg-time>`;
}
