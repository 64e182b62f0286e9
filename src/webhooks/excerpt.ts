import type { MarkedText, Span } from './keyword-marks.ts';
import type { CutPlaces } from './readable-text.ts';

/*
 * The part of a mention's content that a message shows: the text around the keyword, with every
 * occurrence of it marked.
 */

/** A part of an excerpt. It is not escaped yet, and never empty. */
export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

// Of a longer run without spaces a part is shown: a link, or a text in Japanese.
const MAX_WORD = 40;

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
