import { parse } from 'dotenv';
import { printable } from '../domain/foreign/printable.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { ConfigMistake } from './mistakes.ts';
import { systemCode, type ReadFile } from './settings.ts';
import { isKnownName } from './webhook-variables.ts';

/** A `.env` file: its values as dotenv reads them, and what only its text shows. */
export interface EnvFile {
  readonly values: Readonly<Record<string, string>>;
  /** Known variables that dotenv reads differently from what is probably meant, by their names. */
  readonly mistakes: ReadonlyMap<string, ConfigMistake>;
  /** Known variables that are set more than once, to different values. dotenv takes the last one. */
  readonly repeated: readonly string[];
  /** The numbers of the lines that dotenv skips, although they are neither empty nor a comment. */
  readonly skippedLines: readonly number[];
}

/** Stands for a file that does not exist. */
export const NO_ENV_FILE: EnvFile = {
  values: {},
  mistakes: new Map(),
  repeated: [],
  skippedLines: [],
};

/**
 * Reads a `.env` file. One that does not exist is empty. One that exists and can't be read is a
 * mistake, and the only one to report: the file may hold just what would seem to be missing.
 */
export function readEnvFile(
  path: string,
  readFile: ReadFile,
): Result<EnvFile, readonly ConfigMistake[]> {
  const refused = (problem: string, allowed: string): Result<never, readonly ConfigMistake[]> =>
    failure([{ variable: printable(path, 200), problem, allowed }]);
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    const code = systemCode(error);
    return code === 'ENOENT'
      ? success(NO_ENV_FILE)
      : refused(
          `can't be read (${code})`,
          'a readable file of lines such as NAME=value, or none at all',
        );
  }
  // Bytes that are no UTF-8 arrive as U+FFFD; the file of an editor that writes UTF-16 is full of NUL.
  if (/[\0\ufffd]/.test(text)) {
    return refused('is not a text in UTF-8', 'a file that is saved as UTF-8');
  }
  const lines = text.replaceAll(/\r\n?/g, '\n');
  return success(examine(lines, parse(lines), path));
}

// A line in which dotenv finds a name, with the text behind the name. The text of a value in quotation
// marks may go on in the lines below.
const ASSIGNMENT = /^[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)(?:[^\S\n]*=|:(?=[^\S\n]))(.*)$/gm;
// A line that names a variable in another form: `NAME value`, `set NAME=value`, `"NAME"=value`.
const OTHER_FORM = /^[^\S\n]*(?:(?:export|set|setx)[^\S\n]+)?["'`$]*(\w+)/gm;

function examine(text: string, values: Readonly<Record<string, string>>, path: string): EnvFile {
  const file = printable(path, 200);
  const mistakes = new Map<string, ConfigMistake>();
  const blame = (variable: string, problem: string, allowed: string): void => {
    if (!mistakes.has(variable)) mistakes.set(variable, { variable, problem, allowed });
  };
  const written = Map.groupBy(
    text.matchAll(ASSIGNMENT).map(([, name = '', rest = '']) => ({ name, rest })),
    ({ name }) => name,
  );
  for (const [name, value] of Object.entries(values).filter(([each]) => isKnownName(each))) {
    const rest = written.get(name)?.at(-1)?.rest ?? '';
    const swallowed = value.matchAll(ASSIGNMENT).find(([, inner = '']) => isKnownName(inner))?.[1];
    if (isCut(rest, value)) {
      blame(name, `is cut off at a "#" in ${file}`, QUOTED_OR_COMMENT);
    } else if (isUnclosed(rest, value)) {
      blame(name, `begins with a quotation mark in ${file} that is not closed`, CLOSED);
    } else if (isSplit(rest, value)) {
      blame(name, `has entries in quotation marks that are lost in ${file}`, LIST_IN_QUOTES);
    } else if (swallowed !== undefined) {
      blame(name, `holds the line of ${swallowed} in ${file}: a quotation mark is missing`, CLOSED);
      blame(swallowed, `is inside the quotation marks of ${name} in ${file}`, CLOSED);
    }
  }
  for (const [, name = ''] of text.matchAll(OTHER_FORM)) {
    if (isKnownName(name) && !(name in values)) {
      blame(name, `is in ${file}, but not as NAME=value`, `a line such as ${name}=value`);
    }
  }
  const repeated = [...written].filter(
    ([name, all]) => isKnownName(name) && new Set(all.map(({ rest }) => rest.trim())).size > 1,
  );
  return {
    values,
    mistakes,
    repeated: repeated.map(([name]) => name).toSorted(),
    skippedLines: skippedLines(text, values),
  };
}

function skippedLines(text: string, values: Readonly<Record<string, string>>): readonly number[] {
  const longValues = Object.values(values).filter((value) => value.includes('\n'));
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*(?:#|$)/.test(line) || line.search(ASSIGNMENT) !== -1) return [];
    const inside = line.trim().replace(/["'`]\s*(?:#.*)?$/, '');
    return longValues.some((value) => value.includes(inside)) ? [] : [index + 1];
  });
}

const QUOTED_OR_COMMENT =
  'the value in quotation marks, or white space before and after a "#" that begins a comment';
const CLOSED = 'a value in quotation marks that are of one kind and closed in the same line';
const LIST_IN_QUOTES = `double quotes around entries, and single quotes around the whole: '"a, b", c'`;

/** Returns whether dotenv cut a value at a `#` that does not look like the beginning of a comment. */
function isCut(rest: string, value: string): boolean {
  const hash = rest.indexOf('#');
  if (hash === -1) return false;
  const kept = rest.slice(0, hash).trim();
  // Between quotation marks a "#" stays, and then the value is another one.
  if (value !== kept && value !== withoutQuotes(kept)) return false;
  const isComment = /\s$/.test(rest.slice(0, hash)) && /^#+(?:\s|$)/.test(rest.slice(hash));
  return !isComment && !/^(?:"[^"]*"|'[^']*'|`[^`]*`)$/.test(kept);
}

function isUnclosed(rest: string, value: string): boolean {
  const text = rest.trim();
  const [mark] = /^["'`]/.exec(text) ?? [];
  return mark !== undefined && value.startsWith(mark) && !text.slice(1).includes(mark);
}

/**
 * Returns whether entries of a list stand in quotation marks that no list reads so: dotenv takes the first
 * and the last one for those of the whole, and a list knows only double ones.
 */
function isSplit(rest: string, value: string): boolean {
  const [, mark] = /^\s*(["'`])(?:(?!\1).)*\1\s*[,+\uff0b]/.exec(rest) ?? [];
  return mark !== undefined && (mark !== '"' || !value.startsWith(mark));
}

function withoutQuotes(text: string): string {
  return text.replace(/^(['"`])([\s\S]*)\1$/, '$2');
}
