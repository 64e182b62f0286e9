import { z } from 'zod';
import { isNothing } from '../domain/foreign/foreign-values.ts';

/** The documented JSON around every answer of the API. */
export interface Envelope {
  readonly json: Readonly<Record<string, unknown>>;
  /** 1 for a success; undefined if it is missing. */
  readonly code: number | undefined;
  /** As in HTTP; undefined if it is missing. */
  readonly status: number | undefined;
  /** True if there was nothing else in the body. */
  readonly alone: boolean;
}

const number = z
  .unknown()
  .optional()
  .transform((value) => (isNothing(value) && value !== false ? undefined : value))
  .pipe(z.coerce.number().optional());
const envelopeSchema = z.looseObject({ code: number, status: number });
// Two of them together: other APIs and proxies have a `code` or a `status` in their errors too.
const SIGNS = ['code', 'status', 'data', 'request'];

/** The beginning of a web page, or of a part of one. */
export const PAGE = /<(?:!doctype|html|head|body|script|title)\b/i;

/**
 * Finds the API's envelope in a body, by its own fields or by the expected one. Skips a byte order
 * mark, and PHP's warnings or other text around the JSON if there is no doubt which JSON is meant.
 * Returns null for another body, such as a web page or the JSON of a proxy.
 */
export function findEnvelope(body: string, field: string): Envelope | null {
  const text = withoutBom(body);
  const whole = tryParse(text);
  if (whole !== undefined) return envelopeOf(whole, field, true);
  const [only, second] = objectsIn(text).flatMap((json) => envelopeOf(json, field, false) ?? []);
  return only === undefined || second !== undefined ? null : only;
}

/** Returns a text without byte order marks at its beginning. */
export function withoutBom(text: string): string {
  return text.replace(/^\ufeff+/, '');
}

function envelopeOf(json: unknown, field: string, alone: boolean): Envelope | null {
  const parsed = envelopeSchema.safeParse(json);
  if (!parsed.success) return null;
  const has = (name: string): boolean => Object.hasOwn(json as object, name);
  const { code, status } = parsed.data;
  const signed = SIGNS.filter(has).length >= 2 && (code !== undefined || status !== undefined);
  return signed || has(field) ? { json: parsed.data, code, status, alone } : null;
}

// Around an answer stand a few warnings. To parse millions of tiny objects takes minutes.
const MAX_OBJECTS = 100;

/** Returns the JSON objects in a text that is no JSON as a whole: none of a web page, or if it is cut. */
function objectsIn(text: string): readonly unknown[] {
  const objects: unknown[] = [];
  const begins = /\{\s*"/g;
  let around = '';
  let end = 0;
  for (let begin = begins.exec(text); begin !== null; begin = begins.exec(text)) {
    const objectEnd = endOfObject(text, begin.index);
    if (objectEnd === null || objects.length === MAX_OBJECTS) return [];
    objects.push(tryParse(text.slice(begin.index, objectEnd)));
    around += text.slice(end, begin.index);
    end = objectEnd;
    begins.lastIndex = end;
  }
  return PAGE.test(around + text.slice(end)) ? [] : objects;
}

/** Returns the index after the brace that closes the one at `begin`; null if none does. */
function endOfObject(text: string, begin: number): number | null {
  let depth = 0;
  let index = begin;
  while (index < text.length) {
    const character = text.charCodeAt(index++);
    if (character === QUOTE) index = endOfString(text, index);
    else if (character === BRACE) depth += 1;
    else if (character === BRACE_END) depth -= 1;
    if (depth === 0) return index;
  }
  return null;
}

// JSON wants them escaped (RFC 8259, section 7). Between its tokens they are white space.
const CONTROLS = /\p{Cc}/gu;

/**
 * Parses a JSON text, also one that was encoded twice, or whose texts hold line breaks as they are.
 * Returns undefined for every other text.
 */
function tryParse(text: string): unknown {
  const json = tryParseOnce(text) ?? tryParseOnce(text.replace(CONTROLS, ' '));
  return typeof json === 'string' ? tryParseOnce(json) : json;
}

function tryParseOnce(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}

// Above anything real. Many receivers of an http webhook, which gets no deeper JSON than the API sends,
// refuse more than 64 levels (learn.microsoft.com/dotnet/api/system.text.json.jsonreaderoptions.maxdepth).
const MAX_DEPTH = 50;
// Those of 100,000 posts of a group. Millions more fill the memory.
const MAX_VALUES = 1_000_000;
// Every whole number of so many characters is exact.
const EXACT_LENGTH = 15;

/**
 * Parses JSON and keeps whole numbers exact: a number beyond 2^53, such as a long Facebook id without
 * quotes, becomes a string of its digits. Lists and objects below the 50th level become null, unread:
 * JSON.stringify, which calls itself for each level, fails at thousands of them. Throws SyntaxError as
 * JSON.parse does, and above a million values.
 */
export function parseExactJson(text: string): unknown {
  const parts: string[] = [];
  let copied = 0;
  const replace = (begin: number, end: number, value: string): void => {
    parts.push(text.slice(copied, begin), value);
    copied = end;
  };
  let depth = 0;
  let values = 0;
  let cutFrom = 0;
  let index = 0;
  while (index < text.length && values <= MAX_VALUES) {
    const begin = index;
    const character = text.charCodeAt(index++);
    if (character === QUOTE) {
      index = endOfString(text, index);
    } else if (character === BRACKET || character === BRACE) {
      depth += 1;
      if (depth <= MAX_DEPTH) values += 1;
      else if (depth === MAX_DEPTH + 1) cutFrom = begin;
    } else if (character === BRACKET_END || character === BRACE_END) {
      if (depth === MAX_DEPTH + 1) replace(cutFrom, index, 'null');
      depth -= 1;
    } else if (character === COMMA) {
      if (depth <= MAX_DEPTH) values += 1;
    } else if (OF_NUMBERS.has(character)) {
      while (OF_NUMBERS.has(text.charCodeAt(index))) index += 1;
      if (depth > MAX_DEPTH || index - begin <= EXACT_LENGTH) continue;
      const digits = text.slice(begin, index);
      if (/^-?[1-9]\d*$/.test(digits) && !Number.isSafeInteger(Number(digits)))
        replace(begin, index, `"${digits}"`);
    }
  }
  if (values > MAX_VALUES) throw new SyntaxError('too many values');
  // JSON.parse needs gigabytes before it finds that millions of levels have no end.
  const end = depth > MAX_DEPTH ? cutFrom : text.length;
  return JSON.parse([...parts, text.slice(copied, end)].join('')) as unknown;
}

const codesOf = (characters: string): number[] =>
  characters.split('').map((character) => character.charCodeAt(0));
const [QUOTE, BACKSLASH, BRACKET, BRACKET_END, BRACE, BRACE_END, COMMA] = codesOf('"\\[]{},');
const OF_NUMBERS: ReadonlySet<number> = new Set(codesOf('0123456789+-.eE'));

/** Returns the index after the quotation mark that ends a string, `from` its first character. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
}
