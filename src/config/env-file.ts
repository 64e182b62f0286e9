import { parse } from 'dotenv';
import { printable } from '../domain/printable.ts';
import type { ConfigMistake } from './mistakes.ts';
import { systemCode } from './reader.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment with the file's variables, or why the file could not be read. */
export type EnvFileReading =
  | { readonly ok: true; readonly env: Environment }
  | { readonly ok: false; readonly mistakes: readonly ConfigMistake[] };

/**
 * Adds the variables of a `.env` file, as dotenv reads it, to an environment; neither is changed.
 *
 * Real environment variables win. An empty value counts as unset everywhere, so a real variable
 * that is empty (or only white space) does not hide the file's: that is how Compose passes on
 * variables that the host does not have.
 *
 * A file that does not exist adds nothing. One that exists and can't be read is a mistake, and the
 * only one told: what it holds may be just what would seem to be missing.
 *
 * `readFile` gives the file's text or throws as `fs.readFileSync` does.
 */
export function mergeEnvFile(
  env: Environment,
  { path, readFile }: { readonly path: string; readonly readFile: (path: string) => string },
): EnvFileReading {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return { ok: true, env };
    const mistake = {
      variable: printable(path, 200),
      problem: `can't be read (${code})`,
      allowed: 'a readable file of lines such as NAME=value, or none at all',
    };
    return { ok: false, mistakes: [mistake] };
  }
  const isSet = ([, value]: readonly [string, string | undefined]): boolean =>
    value !== undefined && value.trim() !== '';
  return {
    ok: true,
    env: { ...parse(text), ...Object.fromEntries(Object.entries(env).filter(isSet)) },
  };
}
