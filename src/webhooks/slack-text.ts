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
const LONGEST_GRAPHEME = 32;
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
 * Takes their meaning from the three characters with which Slack begins links, pings and
 * entities.
 *
 * Source: docs.slack.dev/messaging/formatting-message-text, "Escaping text": they are to be
 * escaped in text objects, and no others are decoded.
 */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * The text escaped, in at most `limit` UTF-16 units (of the ways to count characters the one that
 * never counts fewer than Slack). What does not fit ends in `…`, never inside an entity, a
 * surrogate pair or a letter with its marks. Not empty if the text is not and the limit is 6 or
 * more.
 */
export function escapeToFit(text: string, limit: number): string {
  const escaped = escapeSlack(text);
  if (escaped.length <= limit) return escaped;
  let kept = '';
  for (const piece of pieces(text.slice(0, limit + 2 * LONGEST_GRAPHEME))) {
    const next = escapeSlack(piece);
    if (kept.length + next.length > limit - 1) break;
    kept += next;
  }
  return `${kept.trimEnd()}…`;
}

/**
 * An http or https link, escaped for `<link|label>`, or null if it is none, carries a user name
 * (which makes a link look like another site's), or is longer than `limit`.
 */
export function linkTarget(foreign: string, limit: number): string | null {
  const url = URL.parse(foreign);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  if (url.username !== '' || url.password !== '') return null;
  // A bar would begin the label.
  const target = escapeSlack(url.href.replaceAll('|', '%7C'));
  return target.length <= limit ? target : null;
}

/**
 * Keeps `@here`, `@channel` and `@everyone` in a message's top-level text from being read as pings:
 * Slack parses that text by itself, as docs.slack.dev/messaging/formatting-message-text,
 * "Automatic parsing", says. An invisible word joiner after the `@` leaves them to be read by
 * people only.
 */
export function withoutPings(text: string): string {
  return text.replace(/@(?=here|channel|everyone)/gi, '@\u2060');
}

function* pieces(text: string): Generator<string> {
  for (const { segment } of graphemes.segment(text)) {
    if (segment.length <= LONGEST_GRAPHEME) yield segment;
    else yield* segment;
  }
}
