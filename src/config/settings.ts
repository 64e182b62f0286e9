import type { z } from 'zod';
import { failure, success, type Result } from '../domain/result.ts';
import { quotedPath, type ConfigMistake } from './mistakes.ts';
import { allowedBy, readByRule } from './rules.ts';
import { FILE_SUFFIX, type Rows, type Variable } from './variables.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Returns a file's text, or throws as `fs.readFileSync` does. */
export type ReadFile = (path: string) => string;

/** The variables that are set, and the way to read the files that their `_FILE` forms name. */
export interface Settings {
  /** The values are trimmed, and none is empty. */
  readonly texts: ReadonlyMap<string, string>;
  /** The names of those whose value comes from a `.env` file. */
  readonly fromFile: ReadonlySet<string>;
  readonly readFile: ReadFile;
}

/**
 * Returns the variables that count as set, in the environment or in `file`, a `.env` file.
 *
 * White space around a value is dropped, since no variable needs it and copied values often have it;
 * an empty value counts as unset. Real environment variables win, but one that is empty does not hide
 * the file's: that is how Compose passes on variables that the host does not have.
 */
export function settingsOf(env: Environment, file: Environment, readFile: ReadFile): Settings {
  const real = setTexts(env);
  const written = setTexts(file);
  const fromFile = [...written.keys()].filter((name) => !real.has(name));
  return { texts: new Map([...written, ...real]), fromFile: new Set(fromFile), readFile };
}

function setTexts(env: Environment): ReadonlyMap<string, string> {
  const trimmed = Object.entries(env).map(([name, value]) => [name, value?.trim() ?? ''] as const);
  return new Map(trimmed.filter(([, value]) => value !== ''));
}

/** The values of variables. One that has no default and is not required may be undefined. */
export type ValuesOf<R extends Rows> = {
  readonly [N in keyof R]:
    | z.output<R[N]['rule']>
    | (R[N] extends { readonly default: string } | { readonly required: true } ? never : undefined);
};

/**
 * Reads variables by their rules. A value is missing where it is mistaken, and all mistakes are
 * listed, in the order of the rows: without a mistake all values are there.
 */
export function readVariables<R extends Rows>(
  rows: R,
  settings: Settings,
  { prefix = '', missing = 'is not set' } = {},
): { readonly values: Partial<ValuesOf<R>>; readonly mistakes: readonly ConfigMistake[] } {
  const values: Record<string, unknown> = {};
  const mistakes: ConfigMistake[] = [];
  for (const [name, row] of Object.entries(rows)) {
    const lower = row.eitherCase === true && settings.texts.has(name.toLowerCase());
    const reading = readVariable(lower ? name.toLowerCase() : prefix + name, row, settings);
    if (!reading.ok) mistakes.push(reading.error);
    else if (reading.value !== undefined) values[name] = reading.value;
    else if (row.required === true) {
      mistakes.push({ variable: prefix + name, problem: missing, allowed: allowedBy(row.rule) });
    }
  }
  return { values: values as Partial<ValuesOf<R>>, mistakes };
}

/** Returns whether a variable is set, itself or by its `_FILE` form. */
export function isSet({ texts }: Settings, name: string, { secret }: Variable<unknown>): boolean {
  return texts.has(name) || (secret === true && texts.has(name + FILE_SUFFIX));
}

const UNFILLED = 'still has the placeholder of the example in it: write your own value there';

// Docker's --env-file, a Kubernetes Secret and a file of a secret leave quotation marks where they are.
const QUOTED = 'has quotation marks around it, and they arrive as part of the value: remove them';
const IN_QUOTES = /^(["'`])[^]*\1$|^[“”„«][^]*[“”»]$|^[‘’‚][^]*[‘’]$/;
// The entries of a list may be in double quotation marks, so these may stand at both ends.
const LIST_IN_QUOTES = /^(['`])[^]*\1$/;

/** Reads one variable, its default if it is unset. Undefined if it has none. */
function readVariable(
  name: string,
  row: Variable<unknown>,
  { texts, readFile }: Settings,
): Result<unknown, ConfigMistake> {
  const text = texts.get(name);
  if (row.file === true && text !== undefined) return readFromFile(name, row, text, readFile);
  const path = row.secret === true ? texts.get(name + FILE_SUFFIX) : undefined;
  if (text !== undefined && path !== undefined) {
    const problem = `is set, and so is ${name}${FILE_SUFFIX}`;
    return failure({ variable: name, problem, allowed: 'one of the two' });
  }
  if (path !== undefined) return readFromFile(name + FILE_SUFFIX, row, path, readFile);
  if (text !== undefined) return readText(name, row, text);
  return success(row.default === undefined ? undefined : row.rule.parse(row.default));
}

function readFromFile(
  variable: string,
  row: Variable<unknown>,
  path: string,
  readFile: ReadFile,
): Result<unknown, ConfigMistake> {
  const content = textOfFile(path, readFile);
  if (!content.ok) {
    const allowed =
      row.file === true
        ? allowedBy(row.rule)
        : 'the path of a readable file that holds the value and nothing else';
    return failure({ variable, problem: content.error, allowed });
  }
  // The mistakes of a file have their places in it.
  return readText(variable, row, row.file === true ? content.value : content.value.trim());
}

function readText(
  variable: string,
  { rule, placeholders, list }: Variable<unknown>,
  text: string,
): Result<unknown, ConfigMistake> {
  const isPlaceholder = placeholders?.some((part) => text.includes(part)) ?? false;
  const reading = isPlaceholder
    ? failure(UNFILLED)
    : (list === true ? LIST_IN_QUOTES : IN_QUOTES).test(text)
      ? failure(QUOTED)
      : readByRule(rule, text);
  return reading.ok
    ? reading
    : failure({ variable, problem: reading.error, allowed: allowedBy(rule) });
}

function textOfFile(path: string, readFile: ReadFile): Result<string> {
  try {
    const text = readFile(path);
    if (text.trim() === '') return failure(`names an empty file: ${quotedPath(path)}`);
    return /[\0\ufffd]/.test(text)
      ? failure(`names a file that is not a text in UTF-8: ${quotedPath(path)}`)
      : success(text);
  } catch (error) {
    return failure(`names a file that can't be read: ${quotedPath(path)} (${systemCode(error)})`);
  }
}

/** Returns the code of an error of the file system, such as `EACCES`. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}
