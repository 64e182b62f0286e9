import { distance } from 'fastest-levenshtein';
import Mustache, { type TemplateSpans } from 'mustache';
import { z } from 'zod';
import { failure, success, type Result } from '../../domain/result.ts';
import { TEMPLATE_FIELDS, type Template } from '../../domain/template.ts';
import { refuse, type Rule } from '../rules.ts';

const MAX_LENGTH = 65_536;
const MAX_PROBLEMS = 5;
const HIDDEN = '"***"';
// The texts of valid JSON. A colon behind one makes it a name.
const TEXTS = /"((?:[^"\\]|\\.)*)"(\s*:)?/g;

/** A problem at a place of the file. It repeats nothing of the file but a word that could be a field. */
interface Problem {
  readonly index: number;
  readonly words: string;
}

/** The content of a template file. */
export const mentionTemplate: Rule<Template> = z
  .string()
  .transform((text, context) => {
    const reading = readTemplate(text);
    return reading.ok ? reading.value : refuse(context, reading.error);
  })
  .describe(
    `the path of a JSON file of up to 64 KB with tags such as {{keyword}} in its texts; the fields: ${TEMPLATE_FIELDS.join(', ')}`,
  );

function readTemplate(text: string): Result<Template> {
  if (text.length > MAX_LENGTH) return failure(`names a file of over ${MAX_LENGTH} characters`);
  const invalid = jsonProblem(text);
  if (invalid !== null) return failure(`names a file that is not valid JSON: ${at(text, invalid)}`);
  const used = new Set<string>();
  const problems = text.matchAll(TEXTS).flatMap(({ 1: source = '', 2: colon, index }) => {
    const found = colon === undefined ? tagProblems(source, used) : nameProblems(source);
    return found.map(({ index: inside, words }) => ({ index: index + 1 + inside, words }));
  });
  const [...first] = problems.take(MAX_PROBLEMS);
  if (first.length > 0) {
    return failure(`names a file with mistakes: ${first.map((each) => at(text, each)).join('; ')}`);
  }
  if (used.size === 0) return failure('names a file without a field such as {{keyword}}');
  return success({
    text,
    shown: text.replace(TEXTS, (all: string, source: string, colon?: string) =>
      colon !== undefined || source.includes('{{') ? all : HIDDEN,
    ),
    fields: TEMPLATE_FIELDS.filter((field) => used.has(field)),
  });
}

/** Writes a problem with its place. Columns count UTF-16 units, as editors do. */
function at(text: string, { index, words }: Problem): string {
  const lines = text.slice(0, index).split(/\r\n?|\n/);
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}: ${words}`;
}

// --- Tags ---

function nameProblems(name: string): Problem[] {
  const index = name.indexOf('{{');
  return index === -1 ? [] : [{ index, words: 'a name takes no field, only a text does' }];
}

/** Finds the problems in one text, as it is written in the file, and adds its fields to `used`. */
function tagProblems(source: string, used: Set<string>): Problem[] {
  if (!source.includes('{{')) return [];
  try {
    return Mustache.parse(source).flatMap((token) => tokenProblems(token, used));
  } catch (error) {
    // The words of Mustache may repeat what is in the file.
    const [, what = ''] = /^(\w+ \w+)/.exec((error as Error).message) ?? [];
    const unclosed = source.indexOf('{{', source.lastIndexOf('}}') + 1);
    return [{ index: Math.max(0, unclosed), words: MUSTACHE_ERRORS[what] ?? OTHER_TAG }];
  }
}

const OTHER_TAG =
  'only {{field}}, and {{#field}}...{{/field}} or {{^field}}...{{/field}}, are known';
const MUSTACHE_ERRORS: Readonly<Record<string, string>> = {
  'Unclosed tag': '{{ without }} in the same text',
  'Unclosed section': 'a section without its end in the same text',
  'Unopened section': 'the end of a section that does not begin in the same text',
};

function tokenProblems(token: TemplateSpans[number], used: Set<string>): Problem[] {
  const [type, name, index, , inner] = token;
  if (type === 'text') return [];
  if (type === '&') return [{ index, words: 'write {{field}}: all values are escaped' }];
  if (!['name', '#', '^'].includes(type)) return [{ index, words: OTHER_TAG }];
  used.add(name);
  const nested = typeof inner === 'object' ? inner : [];
  const known = TEMPLATE_FIELDS.some((field) => field === name);
  return [
    ...(known ? [] : [{ index, words: unknownField(name) }]),
    ...nested.flatMap((each) => tokenProblems(each, used)),
  ];
}

function unknownField(name: string): string {
  if (!/^[\w.-]{1,40}$/.test(name)) return 'the tag holds no field';
  const [nearest = ''] = TEMPLATE_FIELDS.toSorted(
    (a, b) => distance(name.toLowerCase(), a) - distance(name.toLowerCase(), b),
  );
  const hint = distance(name.toLowerCase(), nearest) <= name.length / 2 ? nearest : null;
  return `{{${name}}} is no field${hint === null ? '' : `, perhaps {{${hint}}}`}`;
}

// --- JSON ---

/** Finds the first mistake in a JSON text; null if there is none. */
function jsonProblem(text: string): Problem | null {
  const message = jsonError(text);
  if (message === null) return null;
  const [, words = '', place] = /^(.+?) (?:in|after) JSON at position (\d+)/.exec(message) ?? [];
  const index = place === undefined ? placeOfToken(text, message) : Number(place);
  if (text.slice(index - 1, index + 1) === '{{') {
    return { index: index - 1, words: 'a tag needs quotation marks around it: "{{field}}"' };
  }
  return { index, words: words === '' ? 'unexpected character or end' : words.toLowerCase() };
}

/**
 * Returns the place of an unexpected token, which V8 does not state. Of all beginnings of the text, the
 * shortest with such an error ends in the token; every other error has its place at the end.
 */
function placeOfToken(text: string, message: string): number {
  const isToken = (error: string | null) => error?.startsWith('Unexpected token') ?? false;
  if (!isToken(message)) return text.trimEnd().length;
  let [fine, bad] = [0, text.length];
  while (bad - fine > 1) {
    const middle = Math.floor((fine + bad) / 2);
    if (isToken(jsonError(text.slice(0, middle)))) bad = middle;
    else fine = middle;
  }
  return fine;
}

function jsonError(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return (error as SyntaxError).message;
  }
}
