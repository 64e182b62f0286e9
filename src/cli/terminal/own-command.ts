import { basename, relative } from 'node:path';

/** Describes how this process was started. */
interface Start {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The program that runs the script, and its own options. */
  readonly node: readonly string[];
  /** An absolute path. */
  readonly script: string;
  readonly cwd: string;
}

/**
 * Returns a command of this program as the user can type it here: through npm's script `cli`, npx,
 * the name of an installed program, or the path of its file.
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
