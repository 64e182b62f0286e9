import { completeLink } from '../domain/foreign/facebook-link.ts';

/*
 * Foreign text made readable, cut to a limit, and links made safe. Every word that a stranger wrote
 * passes through here before a type escapes it for its service.
 */

// Characters nobody sees, which order, hide or join text: bidirectional overrides and isolates,
// zero-width spaces, tags, fillers, and what Unicode says is no character. Joiners and variation
// selectors stay: emoji and some scripts can't be read without them.
const UNSEEN =
  /[[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\ufff9-\ufffb]--[\p{Join_Control}\p{Variation_Selector}]]/gv;
const LINE_BREAKS = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;
const CONTROLS = /[\p{Cc}--[\n\t]]/gv;
// People take the empty pattern of Braille for a space that nothing removes.
const SPACES = /[[\s\u2800]--\n]+/gv;
// A letter with more marks is drawn over the lines above and below.
const PILED_MARKS = /([\p{M}\p{Join_Control}]{6})[\p{M}\p{Join_Control}]+/gu;
const ANYTHING_SEEN = /[^\s\p{Default_Ignorable_Code_Point}]/u;

// Longer than any real emoji. A longer grapheme may be split between code points.
const MAX_GRAPHEME = 32;
const PRINTABLE_ASCII = /^[ -~]*$/;
// Created with the first text that needs it: it loads 3 MB of tables.
let graphemes: Intl.Segmenter | undefined;

/**
 * Removes from a stranger's text whatever could deceive the eye. The result has one kind of line
 * break, single spaces, at most one empty line in a row, no control, bidirectional or invisible
 * characters, no piles of marks and no lone surrogates. It is not escaped yet, and it is empty if
 * nothing of the text can be seen.
 */
export function readable(foreign: string): string {
  const text = foreign
    .toWellFormed()
    .replace(LINE_BREAKS, '\n')
    .replace(CONTROLS, '')
    .replace(UNSEEN, '')
    .replace(SPACES, ' ')
    .replace(PILED_MARKS, '$1')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return ANYTHING_SEEN.test(text) ? text : '';
}

/** Returns the text of {@link readable} on one line. */
export function readableLine(foreign: string): string {
  return readable(foreign).replace(/\n+/g, ' ');
}

/**
 * Escapes a text and cuts it to at most `limit` UTF-16 units, a count that is never below that of a
 * service. A cut text ends in `…`, never inside an escape, a surrogate pair or a letter with its
 * marks. It is not empty if the text is not and the limit has room for one escaped character and
 * the `…`.
 *
 * @param escape returns a longer text for a longer text; by default nothing is escaped
 */
export function fitted(text: string, limit: number, escape = (piece: string) => piece): string {
  // An escape is never shorter than what it stands for.
  const escaped = text.length <= limit ? escape(text) : null;
  if (escaped !== null && escaped.length <= limit) return escaped;
  const all = [...pieces(text.slice(0, limit + 2 * MAX_GRAPHEME))];
  const beginning = (count: number): string => escape(all.slice(0, count).join(''));
  let [fits, tooMany] = [0, all.length + 1];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (beginning(middle).length <= limit - 1) fits = middle;
    else tooMany = middle;
  }
  return `${beginning(fits).trimEnd()}…`;
}

/**
 * Returns a stranger's http or https link without spaces and control characters; one of Facebook that
 * lacks its scheme is completed. Returns null if it is no such link, carries a user name (which makes
 * it look like another site's), or is longer than `limit`.
 */
export function httpLink(foreign: string, limit: number): string | null {
  const url = URL.parse(completeLink(foreign));
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  if (url.username !== '' || url.password !== '') return null;
  return url.href.length <= limit ? url.href : null;
}

/**
 * Returns the link of {@link httpLink} for Markdown: characters that could end it, ping or be
 * formatting are percent-encoded. Returns null if there is none or it is longer than `limit` then.
 */
export function markdownLink(foreign: string, limit: number): string | null {
  const link = httpLink(foreign, limit)?.replace(
    /[@()[\]<>\\`*|~"]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return link !== undefined && link.length <= limit ? link : null;
}

/**
 * Disarms a text for a service that always interprets some marks. An invisible word joiner keeps
 * pings (`@name`, `#channel`, `<...>`) and Markdown's links (`](`) from working, while people read
 * them as they were. Backticks, which could swallow the text behind them, become apostrophes.
 */
export function defused(text: string): string {
  return text.replace(/[@#<]|\](?=[([:])/g, '$&\u2060').replaceAll('`', '’');
}

function* pieces(text: string): Generator<string> {
  // Most text: to segment it takes far longer, for the same.
  if (PRINTABLE_ASCII.test(text)) return yield* text;
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  for (const { segment } of graphemes.segment(text)) {
    if (segment.length <= MAX_GRAPHEME) yield segment;
    else yield* segment;
  }
}

/** The places of a text where it can be cut without splitting an emoji or a letter with its marks. */
export interface CutPlaces {
  /** Returns the last such place at or before an index. */
  before(index: number): number;
  /** Returns the first such place at or after an index. */
  after(index: number): number;
}

/** Finds the places of {@link CutPlaces}, once they are asked for. */
export function cutPlaces(text: string): CutPlaces {
  let known: ReadonlySet<number> | undefined;

  function from(index: number, step: 1 | -1): number {
    known ??= placesOf(text);
    let place = index;
    while (!known.has(place) && place > 0 && place < text.length) place += step;
    return place;
  }

  return { before: (index) => from(index, -1), after: (index) => from(index, 1) };
}

function placesOf(text: string): ReadonlySet<number> {
  const places = new Set<number>();
  let at = 0;
  for (const piece of pieces(text)) {
    places.add(at);
    at += piece.length;
  }
  return places;
}

/**
 * Builds something with each of the limits, largest first, until it fits. Returns the last one built
 * if none fits.
 */
export function firstFitting<T>(
  limits: readonly [number, ...number[]],
  build: (limit: number) => T,
  fits: (built: T) => boolean,
): T {
  const [first, ...others] = limits;
  let built = build(first);
  for (const limit of others) {
    if (fits(built)) break;
    built = build(limit);
  }
  return built;
}

/** Writes a time in UTC, to the minute, for text in which a service writes no dates. */
export function utcText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, -8).replace('T', ' ')} UTC`;
}
