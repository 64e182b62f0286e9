import { resolve } from 'node:path';
import { z } from 'zod';
import { MAX_BACKLOG_DAYS, parseBacklog, type Backlog } from '../domain/backlog.ts';
import { foldText } from '../domain/foreign/folded-text.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { quoted } from './mistakes.ts';
import { splitList } from './lists/quoted-list.ts';

/**
 * A schema for the text of a variable, which comes trimmed and is never empty. Its description
 * names the allowed values for people. An issue states what is wrong, as the words that follow the
 * variable's name in a sentence: `is not a valid URL`. The rule for a secret never repeats the
 * text.
 */
export type Rule<T> = z.ZodType<T, string>;

/** Reads a text by a rule. The error is the first issue, or those of all entries that are wrong. */
export function readByRule<T>(rule: Rule<T>, text: string): Result<T> {
  const parsed = rule.safeParse(text);
  if (parsed.success) return success(parsed.data);
  const issues = parsed.error.issues.filter(({ path }, index) => index === 0 || path.length > 0);
  return failure(issues.map(({ message }) => message).join('; '));
}

/**
 * Reports an issue from inside a transformation, which then has no value. `entry` is the index of the
 * entry of a list: others may have issues too.
 */
export function refuse(context: z.RefinementCtx, problem: string, entry?: number): never {
  const path = entry === undefined ? [] : [entry];
  context.addIssue({ code: 'custom', message: problem, path });
  return z.NEVER;
}

/** Makes the message of an issue that repeats the value. */
export function shown(problem: string): {
  readonly error: (issue: { readonly input?: unknown }) => string;
} {
  return { error: ({ input }) => `is ${quoted(String(input))}, which ${problem}` };
}

// --- Numbers ---

interface Range {
  readonly from: number;
  readonly to: number;
}

/** A number in plain decimal notation; decimals allowed, a sign, exponent or unit not. */
export function decimal({ from, to }: Range, unit: string): Rule<number> {
  return z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, shown('is not a plain number'))
    .transform(Number)
    .pipe(inRange({ from, to }))
    .describe(`a number from ${from} to ${to} ${unit}, decimals allowed`);
}

/** A whole number in plain decimal notation. */
export function whole({ from, to }: Range, unit = ''): Rule<number> {
  return z
    .string()
    .regex(/^-?\d+$/, shown('is not a whole number'))
    .transform(Number)
    .pipe(inRange({ from, to }))
    .describe(`a whole number from ${from} to ${to} ${unit}`.trimEnd());
}

function inRange({ from, to }: Range): z.ZodNumber {
  const tooLarge = shown(`is more than ${to}`);
  // Zod's number is finite: an endless row of digits is not.
  return z
    .number(tooLarge)
    .min(from, shown(`is less than ${from}`))
    .max(to, tooLarge);
}

/** A number of seconds, read as milliseconds. */
export function secondsAsMs(range: Range): Rule<number> {
  const rule = decimal(range, 'seconds');
  return rule.transform((seconds) => Math.round(seconds * 1000)).describe(allowedBy(rule));
}

/** A number of days, read as milliseconds. */
export function daysAsMs(range: Range): Rule<number> {
  const rule = decimal(range, 'days');
  return rule.transform((days) => Math.round(days * 86_400_000)).describe(allowedBy(rule));
}

/** Returns the allowed values of a rule, for people. */
export function allowedBy(rule: Rule<unknown>): string {
  return rule.description ?? '';
}

// --- Words ---

/** `true` or `false`. */
export const yesOrNo: Rule<boolean> = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', 'false'], shown('is neither')))
  .transform((word) => word === 'true')
  .describe('true or false');

/** One of some words, without regard to case. */
export function oneOf<const T extends string>(words: readonly T[]): Rule<T> {
  return z
    .string()
    .toLowerCase()
    .pipe(z.enum(words, shown('is none of the allowed values')))
    .describe(`one of ${words.join(', ')}`);
}

/** The treatment of the first window. */
export const backlog: Rule<Backlog> = z
  .string()
  .transform(
    (text, context) =>
      parseBacklog(text) ??
      refuse(context, `is ${quoted(text)}, which is neither all, none nor an age`),
  )
  .describe(`all, none, or an age such as 90m, 24h or 7d, up to ${MAX_BACKLOG_DAYS}d`);

/** A folder, read as an absolute path; a relative one starts from the working directory. */
export const folder: Rule<string> = z
  .string()
  .regex(/^\P{Cc}*$/u, 'has a control character in its path')
  .regex(/^(?!~(?:\/|$))/, 'begins with "~", which only a shell replaces: write the whole path')
  .transform((path) => resolve(path))
  .describe('the path of a folder, without control characters');

/** The prefix of every Redis key. The braces of a Redis Cluster hash tag are added elsewhere. */
export const redisPrefix: Rule<string> = z
  .string()
  .regex(/^[A-Za-z0-9_.-]+$/, shown('has other characters'))
  .max(60, { error: ({ input }) => `has ${(input as string).length} characters` })
  .describe('1 to 60 of the characters A-Z, a-z, 0-9, "_", "." and "-", without braces');

// --- Lists ---

/** A list whose entries follow a rule. `one` names an entry where one of several is wrong. */
export function listOf<T>(
  one: string,
  entry: Rule<T>,
  separator: string | RegExp = ',',
): z.ZodType<T[], string> {
  return z.string().transform((text, context) => {
    const parts = text.split(separator);
    return parts.map((part, index) => {
      const reading = readByRule(entry, part.trim());
      if (reading.ok) return reading.value;
      const which = parts.length === 1 ? '' : `has ${one} (number ${index + 1}) that `;
      return refuse(context, `${which}${reading.error}`, index);
    });
  });
}

const MAX_RETRIES = 50;
const MAX_RETRY_DELAY_SECONDS = 604_800;

/** The delays before the retries of a delivery, in seconds, read as milliseconds. */
export const retrySchedule: Rule<readonly number[]> = listOf(
  'a delay',
  secondsAsMs({ from: 0, to: MAX_RETRY_DELAY_SECONDS }),
)
  .refine((delays) => delays.length <= MAX_RETRIES, {
    error: ({ input }) => `has ${(input as unknown[]).length} delays`,
  })
  .describe(
    `1 to ${MAX_RETRIES} delays from 0 to ${MAX_RETRY_DELAY_SECONDS} seconds (7 days), separated by commas`,
  );

/** A list of texts that follow a rule. Entries in quotation marks may hold commas; empty ones are dropped. */
function listOfTexts(entry: Rule<string>): z.ZodType<string[], string> {
  return z.string().transform((list, context) => {
    const parts = splitList(list);
    // No list at all would mean no filter, which is hardly what somebody wrote commas for.
    if (parts.every(({ text }) => text === '')) return refuse(context, 'has no entry');
    return parts.flatMap(({ text, problem }, index) => {
      if (text === '') return [];
      const reading = problem === undefined ? readByRule(entry, text) : failure(problem);
      if (reading.ok) return reading.value;
      const which = parts.length === 1 ? '' : `has an entry (number ${index + 1}) that `;
      return refuse(context, `${which}${reading.error}`, index);
    });
  });
}

const visible = z
  .string()
  .refine((entry) => foldText(entry) !== '', 'holds nothing that can be seen');

/** Returns the entries, each once, however its text is written. */
function distinct<T>(entries: readonly T[], textOf: (entry: T) => string): T[] {
  const alike = Map.groupBy(entries, (entry) => foldText(textOf(entry)));
  return [...alike.values()].flatMap((same) => same.slice(0, 1));
}

const LIST = 'a list such as: a, "b, c"';

/** Words or phrases separated by commas, in lower case, each once. */
export const commaSeparated: Rule<readonly string[]> = listOfTexts(visible.toLowerCase())
  .transform((entries) => distinct(entries, String))
  .describe(LIST);

const MAX_ENTRIES = 1000;
const MAX_ENTRY = 200;

/** A word, a phrase, an id or a name. */
export const shortText: Rule<string> = visible.refine(
  (entry) => foldText(entry).length <= MAX_ENTRY,
  {
    error: ({ input }) => `has ${foldText(input as string).length} characters`,
  },
);

/** Limits the length of a list, whose entries count once, however they are written. */
export function limited<T>(
  list: z.ZodType<T[], string>,
  textOf: (entry: T) => string,
  allowed: string,
): Rule<readonly T[]> {
  return list
    .transform((entries) => distinct(entries, textOf))
    .refine((entries) => entries.length <= MAX_ENTRIES, {
      error: ({ input }) => `has ${(input as unknown[]).length} entries`,
    })
    .describe(`${allowed}; up to ${MAX_ENTRIES} of ${MAX_ENTRY} characters`);
}

/** Ids or names separated by commas: as they are written, each once, however it is written. */
export const idsOrNames: Rule<readonly string[]> = limited(listOfTexts(shortText), String, LIST);

// --- Characters ---

const UNSEEN = /[\p{C}\p{Z}\s\p{Default_Ignorable_Code_Point}]/u;

/** A text without white space and without characters that nobody sees. */
export const withoutUnseen = z.string().refine((text) => !UNSEEN.test(text), {
  error: ({ input }) => {
    const [character = ''] = UNSEEN.exec(input as string) ?? [];
    const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    return `has white space or an invisible character in it (U+${code})`;
  },
});
