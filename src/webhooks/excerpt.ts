import { foldText } from '../domain/foreign/folded-text.ts';
import { MAX_SEARCHED, wordBoundaries } from '../routing/phrase-finder.ts';
import { cutPlaces, type CutPlaces } from './readable-text.ts';

/*
 * The part of a mention's content that a message shows: the text around the keyword, with every
 * occurrence of it marked. Keywords are compared as filters compare them.
 */

/** The part of a text that excerpts can show, with the places of its keyword. */
export interface MarkedText {
  readonly text: string;
  /** In order, apart from each other, in UTF-16 units. */
  readonly marks: readonly Span[];
  readonly places: CutPlaces;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A part of an excerpt. It is not escaped yet, and never empty. */
export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

// A longer keyword is not looked for: the time stays bounded.
const MAX_SOUGHT = 1_000;
// More on either side of the first occurrence than an excerpt can show.
const REACH = 800;
// Of a longer run without spaces a part is shown: a link, or a text in Japanese.
const MAX_WORD = 40;

/**
 * Finds a keyword in a text of `readable`, as far as filters search. Only whole words count where the
 * text has the keyword as a whole word; else every occurrence does, as `agent` in `agents`.
 */
export function markedText(text: string, keyword: string): MarkedText {
  const found = occurrences(text.slice(0, MAX_SEARCHED), foldText(keyword));
  const { start: first, end: last } = found[0] ?? { start: 0, end: 0 };
  const start = Math.max(0, first - REACH);
  const end = Math.min(text.length, last + REACH, first + 2 * REACH);
  const before = start > 0 ? '…' : '';
  const near = `${before}${text.slice(start, end).toWellFormed()}${end < text.length ? '…' : ''}`;
  const places = cutPlaces(near);
  const marks = found
    .filter((span) => span.start < end)
    .map((span) => ({
      start: places.before(span.start - start + before.length),
      end: places.after(Math.min(span.end, end) - start + before.length),
    }));
  return { text: near, marks: merged(marks), places };
}

/** Finds a folded keyword, up to so many occurrences that an excerpt cannot show more. */
function occurrences(text: string, sought: string): readonly Span[] {
  // Folding alone is faster, and most texts that are searched in vain end here.
  if (sought === '' || sought.length > MAX_SOUGHT || !foldText(text).includes(sought)) return [];
  const { folded, origins } = foldedWithOrigins(text);
  const boundaries = wordBoundaries(folded);
  const found: number[] = [];
  const whole: number[] = [];
  for (let at = folded.indexOf(sought); at >= 0; at = folded.indexOf(sought, at + 1)) {
    if (found.length < REACH) found.push(at);
    if (!boundaries.beginsAt(at) || !boundaries.endsAt(at + sought.length)) continue;
    if (whole.push(at) === REACH) break;
  }
  return (whole.length > 0 ? whole : found).map((at) => ({
    start: origins[at] ?? 0,
    end: endOfOrigin(origins, at + sought.length - 1),
  }));
}

/**
 * Returns the part of a text around its first mark, or its beginning if it has none: at most `limit`
 * UTF-16 units, in whole words, with `…` where it is cut. It is empty only if the text is.
 *
 * @param fits - refuses an excerpt that is too long for a service once it is escaped, for which a
 * shorter one is tried
 */
export function excerpt(
  marked: MarkedText,
  limit: number,
  fits: (pieces: readonly Piece[]) => boolean = () => true,
): readonly Piece[] {
  const { text } = marked;
  if (text.length <= limit) {
    const all = piecesOf(marked, { start: 0, end: text.length });
    if (fits(all)) return all;
  }
  const around = (room: number) => piecesOf(marked, windowOf(marked, room));
  let [enough, tooMuch] = [0, limit + 1];
  while (tooMuch - enough > 1) {
    const middle = Math.floor((enough + tooMuch) / 2);
    const pieces = around(middle);
    if (textOf(pieces).length <= limit && fits(pieces)) enough = middle;
    else tooMuch = middle;
  }
  return around(enough);
}

/** Returns an excerpt without its marks. */
export function textOf(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join('');
}

/** Puts an excerpt into quotation marks. */
export function quoted(pieces: readonly Piece[]): readonly Piece[] {
  return joined([unmarked('“'), ...pieces, unmarked('”')]);
}

/** Returns a piece of text that is no keyword. */
export function unmarked(text: string): Piece {
  return { text, marked: false };
}

/** Joins neighbours that are alike, and leaves out empty ones. */
export function joined(pieces: readonly Piece[]): readonly Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces.filter(({ text }) => text !== '')) {
    const last = result.at(-1);
    if (last?.marked === piece.marked) {
      result[result.length - 1] = { ...piece, text: last.text + piece.text };
    } else result.push(piece);
  }
  return result;
}

/** Returns the part of the text in the window, with the marks that are whole in it, and the first. */
function piecesOf({ text, marks }: MarkedText, { start, end }: Span): readonly Piece[] {
  const pieces: Piece[] = [unmarked(start > 0 ? '…' : '')];
  let at = start;
  for (const [index, mark] of marks.entries()) {
    if (mark.start >= end) break;
    if (mark.start < start || (mark.end > end && index > 0)) continue;
    const markEnd = Math.min(mark.end, end);
    pieces.push(unmarked(text.slice(at, mark.start)));
    pieces.push({ text: text.slice(mark.start, markEnd), marked: true });
    at = markEnd;
  }
  pieces.push(unmarked(text.slice(at, end)));
  // One `…` stands for a text of which nothing fits.
  if (end < text.length && (start < end || start === 0)) pieces.push(unmarked('…'));
  return joined(pieces);
}

/** Returns at most `room` units around the first mark, which is in the middle if it can be. */
function windowOf({ text, marks, places }: MarkedText, room: number): Span {
  const { start, end } = marks[0] ?? { start: 0, end: 0 };
  const before = Math.max(0, Math.floor((room - (end - start)) / 2));
  const latest = Math.max(0, text.length - room);
  const from = Math.min(Math.max(0, start - before), latest, start);
  const to = Math.min(text.length, from + room);
  const window = {
    start: beginningOfWord(text, { start: from, end: start }, places),
    end: endOfWord(text, { start: end <= to ? end : from, end: to }, places),
  };
  return { start: window.start, end: Math.max(window.start, window.end) };
}

/** Returns the beginning of the first whole word in a span, or of a character if there is none. */
function beginningOfWord(text: string, { start, end }: Span, places: CutPlaces): number {
  if (start === 0) return 0;
  const near = text.slice(start, Math.min(end, start + MAX_WORD));
  const space = /\s/.test(text.charAt(start - 1)) ? 0 : near.search(/\s/);
  if (space < 0) return Math.min(end, places.after(start));
  return start + space + (/^\s*/.exec(near.slice(space))?.[0].length ?? 0);
}

/** Returns the end of the last whole word in a span, or of a character if there is none. */
function endOfWord(text: string, { start, end }: Span, places: CutPlaces): number {
  if (end === text.length) return end;
  const near = text.slice(Math.max(start, end - MAX_WORD), end);
  const space = /\s/.test(text.charAt(end)) ? near.length : near.search(/\s\S*$/);
  if (space < 0) return places.before(end);
  return end - near.length + near.slice(0, space).trimEnd().length;
}

// Words that fold one character at a time; or a character with what composes with it: marks, the
// voiced sound marks of half-width katakana, the second half of the vowel am, vowels and finals of
// Hangul.
const UNIT =
  /([!-_a-~]+(?: [!-_a-~]+)*)(?=[ -~\n]|$)|[^\p{M}][\p{M}\uff9e\uff9f\u0e32\u0eb2\u1160-\u11ff]*|\p{M}+/gu;

/** Folds a text as {@link foldText} does, with the place in the text that each unit comes from. */
function foldedWithOrigins(text: string): {
  readonly folded: string;
  /** One more than `folded` is long. */
  readonly origins: readonly number[];
} {
  const known = new Map<string, string>();
  const origins: number[] = [];
  let folded = '';
  for (const { 0: unit, 1: plain, index } of text.matchAll(UNIT)) {
    // Between letters, so that a space stays one.
    const each = plain?.toLowerCase() ?? known.get(unit) ?? foldText(`x${unit}x`).slice(1, -1);
    if (plain === undefined) known.set(unit, each);
    if (each === ' ' && folded.endsWith(' ')) continue;
    folded += each;
    for (let at = 0; at < each.length; at += 1)
      origins.push(plain === undefined ? index : index + at);
  }
  origins.push(text.length);
  return { folded, origins };
}

/** Returns the end of the characters that a folded unit comes from. */
function endOfOrigin(origins: readonly number[], index: number): number {
  const start = origins[index];
  let next = index + 1;
  while (origins[next] === start) next += 1;
  return origins[next] ?? 0;
}

function merged(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last !== undefined && span.start <= last.end) {
      result[result.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    } else result.push(span);
  }
  return result;
}
