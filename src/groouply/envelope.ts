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
  let quoted = false;
  for (let index = begin; index < text.length; index++) {
    const character = text[index];
    if (quoted && character === '\\') index += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === '{') depth += 1;
    else if (!quoted && character === '}') depth -= 1;
    if (depth === 0) return index + 1;
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

/**
 * Parses JSON and keeps whole numbers exact: a number beyond 2^53, such as a long Facebook id without
 * quotes, becomes a string of its digits. Throws SyntaxError as JSON.parse does.
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' &&
    !Number.isSafeInteger(value) &&
    /^-?\d+$/.test(context?.source ?? '')
      ? context?.source
      : value,
  ) as unknown;
}
