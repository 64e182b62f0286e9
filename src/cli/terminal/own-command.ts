import { basename, relative } from 'node:path';
import { distance } from 'fastest-levenshtein';
import { printable } from '../../domain/printable.ts';

/** How this process was started. */
interface Start {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The program that runs the script, and its own options. */
  readonly node: readonly string[];
  /** An absolute path. */
  readonly script: string;
  readonly cwd: string;
}

/**
 * A command of this program as it can be typed in just the place where this one was: through npm's
 * script `cli`, by npx, by the name of an installed program, or by the path of its file.
 */
export function ownCommand(command: string, start: Start = ownStart()): string {
  return `${invocation(start)} ${command}`;
}

function ownStart(): Start {
  return {
    env: process.env,
    node: [process.argv0, ...process.execArgv],
    script: process.argv[1] ?? '',
    cwd: process.cwd(),
  };
}

function invocation({ env, node, script, cwd }: Start): string {
  const npmScript = env['npm_lifecycle_event'];
  if (basename(script) === NAME && npmScript === 'npx') return `npx ${NAME}`;
  if (basename(script) !== 'main.js') return NAME;
  if (npmScript !== undefined) return 'npm run cli --';
  const path = relative(cwd, script);
  return [...node, path.startsWith('..') ? script : path].join(' ');
}

const NAME = 'mention-relay';

type StatusRow = readonly [status: string, meaning: string];

/** The end of a command's help: what each of its exit statuses means. */
export function statusLines(rows: readonly StatusRow[]): string {
  const lines = rows.map(([status, meaning]) => `  ${status.padEnd(4)}${meaning}`);
  return `\nExit status:\n${lines.join('\n')}`;
}

/** The same for a command that reads the configuration, whose mistakes have a status of their own. */
export function exitStatuses(rows: readonly StatusRow[]): string {
  return statusLines([...rows, ['78', 'the configuration has mistakes']]);
}

const MAX_MISTYPED = 2;

/** What is wrong with a command that is not there, with the one that was meant if one is near. */
export function unknownCommand(word: string, names: readonly string[]): string {
  const [nearest] = names
    .map((name) => ({ name, apart: distance(word, name) }))
    .toSorted((one, other) => one.apart - other.apart);
  const near = nearest !== undefined && nearest.apart <= MAX_MISTYPED;
  return `error: unknown command '${printable(word)}'${near ? `, did you mean ${nearest.name}?` : ''}`;
}
