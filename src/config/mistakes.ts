import { printable } from '../domain/foreign/printable.ts';

/** One thing that is wrong with the configuration. It holds no value of a secret. */
export interface ConfigMistake {
  /** The environment variable at fault, safe for a terminal. */
  readonly variable: string;
  /** The words that follow the variable's name in a sentence: `is not set`. */
  readonly problem: string;
  /** The values that would be right. */
  readonly allowed: string;
}

/**
 * Returns all mistakes as one block of text for stderr: two lines per mistake, and at the end what
 * to do next. It ends with a line break. Only a relay has to be started again.
 */
export function describeMistakes(
  mistakes: readonly ConfigMistake[],
  reader: 'relay' | 'command' = 'relay',
): string {
  const there = mistakes.length === 1 ? 'is a mistake' : `are ${mistakes.length} mistakes`;
  const lines = mistakes.flatMap((mistake) => [
    `  ${mistakeText(mistake)}${mistake.problem.endsWith('?') ? '' : '.'}`,
    `    Allowed: ${mistake.allowed}.`,
  ]);
  const [beginning, again] =
    reader === 'relay'
      ? [`mention-relay can't start: there ${there} in its configuration.`, ', then start again']
      : [`There ${there} in the configuration.`, ''];
  return [
    beginning,
    ...lines,
    `Fix the environment or the .env file${again}. config/example.env explains every variable.`,
    '',
  ].join('\n');
}

/** Returns one mistake as a sentence without its full stop. */
export function mistakeText({ variable, problem }: ConfigMistake): string {
  return `${variable} ${problem}`;
}

/**
 * Returns the value of a variable that is not a secret, in quotation marks. A value that looks like
 * a secret put into the wrong variable is not repeated.
 */
export function quoted(value: string): string {
  return LOOKS_SECRET.test(value) ? SOMETHING_SECRET : `"${printable(value)}"`;
}

/**
 * Returns the path in a `_FILE` variable, in quotation marks. It is not repeated when it looks as if the
 * secret itself had been put where its path belongs: when it has neither `/`, `\` nor `.`.
 */
export function quotedPath(path: string): string {
  return LOOKS_SECRET.test(path) || !/[/\\.]/.test(path)
    ? SOMETHING_SECRET
    : `"${printable(path, 200)}"`;
}

// A URL, a signing secret, a JSON object.
const LOOKS_SECRET = /:\/\/|whsec_|"\s*:/i;
const SOMETHING_SECRET = 'a value that looks like a secret';
