import { quotedPath, type ConfigMistake } from './mistakes.ts';
import { refuse } from './values.ts';
import { FILE_SUFFIX, type DefaultedVariable, type Variable } from './variables.ts';

const UNFILLED = 'still has the placeholder of the example in it: write your own value there';

/** The variables that are set: their values are trimmed, and none is empty. */
export type Settings = ReadonlyMap<string, string>;

/** Reads variables one by one and gathers what is wrong with them. */
export interface Reader {
  readonly settings: Settings;
  /** Whether a variable is set, itself or by its `_FILE` form. */
  readonly isSet: (name: string, variable: Variable<unknown>) => boolean;
  /** The value. Undefined where it is unset, or mistaken: then that is noted. */
  readonly optional: <T>(name: string, variable: Variable<T>) => T | undefined;
  /** As `optional`, with the variable's default in place of undefined. */
  readonly defaulted: <T>(name: string, variable: DefaultedVariable<T>) => T;
  /** As `optional`; a variable that is unset is noted too, with this problem if one is given. */
  readonly required: <T>(name: string, variable: Variable<T>, problem?: string) => T | undefined;
  readonly note: (mistake: ConfigMistake) => void;
  /** All that was noted so far, in order. */
  readonly mistakes: readonly ConfigMistake[];
}

/**
 * The variables that count as set. White space around a value is dropped, since no variable needs
 * it and copied values often have it; an empty value counts as unset.
 */
export function settingsOf(env: Readonly<Record<string, string | undefined>>): Settings {
  const trimmed = Object.entries(env).map(([name, value]) => [name, value?.trim() ?? ''] as const);
  return new Map(trimmed.filter(([, value]) => value !== ''));
}

/** Makes a reader. Of what `readFile` throws, only the system's code (`ENOENT`) is used. */
export function createReader(settings: Settings, readFile: (path: string) => string): Reader {
  const mistakes: ConfigMistake[] = [];

  function note(mistake: ConfigMistake): void {
    mistakes.push(mistake);
  }

  function isSet(name: string, { secret }: Variable<unknown>): boolean {
    return settings.has(name) || (secret === true && settings.has(name + FILE_SUFFIX));
  }

  function optional<T>(name: string, variable: Variable<T>): T | undefined {
    const { allowed, read } = variable.rule;
    const text = settings.get(name);
    const path = variable.secret === true ? settings.get(name + FILE_SUFFIX) : undefined;
    if (text !== undefined && path !== undefined) {
      const problem = `is set, and so is ${name}${FILE_SUFFIX}`;
      note({ variable: name, problem, allowed: 'one of the two' });
      return undefined;
    }
    const value = path === undefined ? text : textOfFile(name + FILE_SUFFIX, path);
    if (value === undefined) return undefined;
    const isPlaceholder = variable.placeholders?.some((part) => value.includes(part)) ?? false;
    const reading = isPlaceholder ? refuse(UNFILLED) : read(value);
    if (reading.ok) return reading.value;
    const setBy = path === undefined ? name : name + FILE_SUFFIX;
    note({ variable: setBy, problem: reading.problem, allowed });
    return undefined;
  }

  function textOfFile(name: string, path: string): string | undefined {
    const allowed = 'the path of a readable file that holds the value and nothing else';
    try {
      const text = readFile(path).trim();
      if (text !== '') return text;
      note({ variable: name, problem: `names an empty file: ${quotedPath(path)}`, allowed });
    } catch (error) {
      const problem = `names a file that can't be read: ${quotedPath(path)} (${systemCode(error)})`;
      note({ variable: name, problem, allowed });
    }
    return undefined;
  }

  function defaulted<T>(name: string, variable: DefaultedVariable<T>): T {
    const value = optional(name, variable);
    if (value !== undefined) return value;
    const reading = variable.rule.read(variable.default);
    if (reading.ok) return reading.value;
    throw new Error(`The default of ${name} ${reading.problem}.`);
  }

  function required<T>(name: string, variable: Variable<T>, problem = 'is not set'): T | undefined {
    if (!isSet(name, variable)) note({ variable: name, problem, allowed: variable.rule.allowed });
    return optional(name, variable);
  }

  return { settings, isSet, optional, defaulted, required, note, mistakes };
}

/** The code of an error of the file system, such as `EACCES`. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}
