import { z } from 'zod';
import { decodeEntities } from './decoded-text.ts';

/*
 * The values of the API, which is written in PHP: an empty object may be `[]`, a missing text `false`,
 * `""` or `[]`, a list an object with numeric names, and a single item may stand where a list is
 * documented, or a list of one where the item is.
 */

type Fields = Readonly<Record<string, unknown>>;

/** Returns true for a value that stands for nothing. An object without a field does too. */
export function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  // JSON has no infinity: a number that is too large to be one says nothing.
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/**
 * Returns a value as text, empty if it stands for nothing. A value of another shape becomes its JSON:
 * so nothing of it is lost, and people see it.
 */
export function textOf(value: unknown): string {
  const only = onlyOf(value);
  if (isNothing(only)) return '';
  if (typeof only === 'string') return only;
  return typeof only === 'number' ? String(only) : JSON.stringify(only);
}

/** Returns a value as text that people read and filters compare: its HTML entities are decoded. */
export function decodedTextOf(value: unknown): string {
  return decodeEntities(textOf(value));
}

/** Returns a text or a number as text, without spaces around it; empty for every other value. */
export function wordOf(value: unknown): string {
  const only = onlyOf(value);
  return typeof only === 'string' || typeof only === 'number' ? textOf(only).trim() : '';
}

/** Returns an id; empty if there is none. PHP makes a zero of an id that is missing. */
export function idOf(value: unknown): string {
  const word = wordOf(value);
  return word === '0' ? '' : word;
}

/** Returns an object, or the only object of a list; null for every other value. */
export function objectOf(value: unknown): Fields | null {
  const only = onlyOf(value);
  return isObject(only) ? only : null;
}

/**
 * Returns somebody or something with an id and a name. A mere text can only be one of the two: digits
 * are the id, other text the name.
 */
export function namedOf(value: unknown): Fields | null {
  const object = objectOf(value);
  if (object !== null) return object;
  const word = idOf(value);
  if (word === '') return null;
  return /^\d+$/.test(word) ? { id: word } : { name: textOf(value) };
}

/**
 * Returns the items of a list; null if the value is none. An object with one of an item's fields is
 * a single item; the values of another object are the items, numeric names first, in their order
 * (ECMAScript, OrdinaryOwnPropertyKeys).
 */
export function itemsOf(value: unknown, itemFields: readonly string[]): readonly unknown[] | null {
  if (isNothing(value)) return [];
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return null;
  return itemFields.some((name) => Object.hasOwn(value, name)) ? [value] : Object.values(value);
}

function onlyOf(value: unknown): unknown {
  let only = value;
  while (Array.isArray(only) && only.length === 1) only = (only as unknown[])[0];
  return only;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Returns a time as text. PHP writes a DateTime as an object with the local time and its zone; only a
 * zone that is an offset or UTC is understood (php.net/manual/class.datetime).
 */
export function timeOf(value: unknown): string {
  const { date, timezone } = objectOf(value) ?? {};
  if (typeof date !== 'string' || typeof timezone !== 'string') return textOf(value);
  return `${date}${timezone}`;
}

/** Returns the object of a JSON text; null for every other text. */
export function objectInJson(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    // The error repeats a part of the text, which may be a secret.
    return null;
  }
}

/** A field that is text, empty if there is none. */
export const foreignText = z.unknown().optional().transform(textOf);

/** A {@link foreignText} that people read and filters compare: its HTML entities are decoded. */
export const decodedText = z.unknown().optional().transform(decodedTextOf);

/** A field that is an id, empty if there is none. */
export const foreignId = z.unknown().optional().transform(idOf);

/** Creates the schema of an object whose fields are all read, also if it is missing. */
export function foreignObject<Shape extends z.ZodRawShape>(
  shape: Shape,
  read: (value: unknown) => Fields | null = objectOf,
) {
  return z
    .unknown()
    .optional()
    .transform((value) => read(value) ?? {})
    .pipe(z.looseObject(shape));
}

/** Creates the schema of a list of objects. Items that stand for nothing are left out. */
export function foreignList<Shape extends z.ZodRawShape>(
  shape: Shape,
  read: (value: unknown) => Fields | null = objectOf,
) {
  return listOfUnknown(Object.keys(shape))
    .transform((items) => items.filter((item) => !isNothing(item)))
    .pipe(z.array(foreignObject(shape, read)));
}

/** Creates the schema of a list whose items are read one by one later. */
export function listOfUnknown(itemFields: readonly string[]) {
  return z
    .unknown()
    .optional()
    .transform((value, context) => {
      const items = itemsOf(value, itemFields);
      if (items !== null) return items;
      context.addIssue({ code: 'custom', message: 'expected a list' });
      return z.NEVER;
    });
}

/**
 * Returns an item with the types that docs/schemas/ promises for these fields, for receivers that
 * rely on them: ids as strings, and null where PHP wrote `false` or `[]` for nothing. Everything else
 * stays as the API gave it.
 */
export function withPromisedTypes(
  item: Fields,
  { texts = [], parts = {} }: PromisedFields,
): Fields {
  const copy: Record<string, unknown> = { ...item };
  const change = (names: readonly string[], to: (value: unknown) => unknown): void => {
    for (const name of names) if (Object.hasOwn(copy, name)) copy[name] = to(copy[name]);
  };
  change(texts, promisedText);
  for (const [name, fields] of Object.entries(parts)) {
    change([name], (value) => {
      const part = fields.includes('id') ? namedOf(value) : objectOf(value);
      return part && withPromisedTypes(withStringId(part), { texts: fields });
    });
  }
  return copy;
}

/** The names of an item's texts, and those of the objects in it with the texts in each. */
export interface PromisedFields {
  readonly texts?: readonly string[];
  readonly parts?: Readonly<Record<string, readonly string[]>>;
}

function withStringId(part: Fields): Fields {
  const { id } = part;
  return typeof id === 'string' || isNothing(id) ? part : { ...part, id: textOf(id) };
}

function promisedText(value: unknown): unknown {
  if (typeof value === 'string') return value;
  if (isNothing(value)) return null;
  return typeof value === 'number' ? value : textOf(value);
}
