import { foldText } from '../domain/foreign/folded-text.ts';
import { MAX_SEARCHED, wordBoundaries } from '../routing/phrase-finder.ts';
import { cutPlaces, type CutPlaces } from './readable-text.ts';

/*
 * The places of a mention's keyword in its content, compared as filters compare keywords.
 */

/** The part of a text that excerpts can show, with the places of its keyword. */
export interface MarkedText {
  readonly text: string;
  /** In order, apart from each other, in UTF-16 units. */
  readonly marks: readonly Span[];
  readonly places: CutPlaces;
}

/** A part of a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

// A longer keyword is not looked for: the time stays bounded.
const MAX_SOUGHT = 1_000;
// More on either side of the first occurrence than an excerpt can show.
const REACH = 800;

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
