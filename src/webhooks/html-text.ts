import type { Piece } from './excerpt.ts';

/*
 * The HTML of Telegram and of Google Chat's cards: a few tags, and text in which four characters are
 * escaped. Both services refuse or drop all other markup.
 */

const ESCAPED = /[&<>"]/g;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);
const CHARACTERS = new Map([...ESCAPES].map(([character, escape]) => [escape, character]));

/** Escapes a text, also for an attribute. The service shows it as it was written. */
export function escapeHtml(text: string): string {
  return text.replace(ESCAPED, (character) => ESCAPES.get(character) ?? '');
}

/** Writes an excerpt with its marks in bold. */
export function excerptHtml(pieces: readonly Piece[], escape: (text: string) => string): string {
  return pieces
    .map(({ text, marked }) => (marked ? `<b>${escape(text)}</b>` : escape(text)))
    .join('');
}

/** @param label escaped already. */
export function htmlLink(url: string, label: string): string {
  return `<a href="${escapeHtml(url)}">${label}</a>`;
}

/** Counts the UTF-16 units that people see. */
export function shownLength(html: string): number {
  return withoutTags(html).length;
}

/** Shows HTML as lines of text, with links written out and without invisible word joiners. */
export function htmlAsText(html: string): string[] {
  const linked = html
    .replaceAll(/<a href="([^"]*)">(.*?)<\/a>/gs, '$2: $1')
    .replaceAll('<br>', '\n')
    .replaceAll('\u2060', '');
  return withoutTags(linked).split('\n');
}

function withoutTags(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(?:amp|lt|gt|quot);/g, (escape) => CHARACTERS.get(escape) ?? '');
}
