// Characters nobody sees, which order, hide or join text: bidirectional overrides and isolates,
// zero-width spaces, tags, fillers. What emoji and some scripts need to be read at all stays:
// the joiners and the variation selectors.
const UNSEEN =
  /[[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]--[\p{Join_Control}\p{Variation_Selector}]]/gv;
const LINE_BREAKS = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;
const CONTROLS = /[\p{Cc}--[\n\t]]/gv;
const SPACES = /[^\S\n]+/g;
// More than this on one letter is drawn over the lines above and below.
const PILED_MARKS = /([\p{M}\p{Join_Control}]{6})[\p{M}\p{Join_Control}]+/gu;
const ANYTHING_SEEN = /[^\s\p{Default_Ignorable_Code_Point}]/u;

// Longer than any emoji that stands for one thing; what is longer may be split between code points.
const MAX_GRAPHEME = 32;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * A stranger's text without what could deceive the eye: one kind of line break, single spaces, at
 * most one empty line in a row, no control, bidirectional or invisible characters, no piles of
 * marks, no lone surrogates. What the text says stays as it is; it is not escaped yet. Empty if
 * nothing of it can be seen.
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

/** As {@link readable}, on one line. */
export function readableLine(foreign: string): string {
  return readable(foreign).replace(/\n+/g, ' ');
}

/**
 * The text, escaped, in at most `limit` UTF-16 units (of the ways to count characters
 * the one that never counts fewer than a service). What does not fit ends in `…`, never inside an
 * escape, a surrogate pair or a letter with its marks. Not empty if the text is not and the limit
 * has room for one escaped character and the `…`.
 *
 * @param escape gives text that is longer for a longer text, and does not look beyond its end; by
 * default nothing is escaped.
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
 * A stranger's http or https link, without spaces and control characters, or null if it is none,
 * carries a user name (which makes a link look like another site's), or is longer than `limit`.
 */
export function httpLink(foreign: string, limit: number): string | null {
  const url = URL.parse(foreign);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  if (url.username !== '' || url.password !== '') return null;
  return url.href.length <= limit ? url.href : null;
}

/**
 * A link for Markdown, as {@link httpLink} gives it, without characters that could end it, ping or be
 * formatting, or null if it is none or is longer than `limit` then.
 */
export function markdownLink(foreign: string, limit: number): string | null {
  const link = httpLink(foreign, limit)?.replace(
    /[@()[\]<>\\`*|~"]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return link !== undefined && link.length <= limit ? link : null;
}

/**
 * Text for a service that interprets some marks whatever one asks for: an invisible word joiner
 * keeps pings (`@name`, `#channel`, `<...>`) and Markdown's links (`](`) from being read as such,
 * and leaves them to be read by people only. Backticks, which could swallow what follows, become
 * apostrophes.
 */
export function defused(text: string): string {
  return text.replace(/[@#<]|\](?=[([:])/g, '$&\u2060').replaceAll('`', '’');
}

function* pieces(text: string): Generator<string> {
  for (const { segment } of graphemes.segment(text)) {
    if (segment.length <= MAX_GRAPHEME) yield segment;
    else yield* segment;
  }
}

/**
 * What is built with the first of the limits, largest first, with which it fits; with the last of
 * them if it never does.
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

/** A time in UTC, to the minute: for text in which a service writes no dates. */
export function utcText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, -8).replace('T', ' ')} UTC`;
}
