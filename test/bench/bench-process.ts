import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { epochMs } from './epoch.ts';
import { readUsage, type Usage } from './usage.ts';

/** A process that is measured: it writes its output to a file, and nobody has to read along. */
export interface BenchProcess {
  readonly pid: number;
  /** When it was started, in milliseconds since 1970 with fractions. */
  readonly startedAtMs: number;
  readonly output: () => string;
  /** What it has used up to now; throws if it has ended. */
  readonly usage: () => Usage;
  /** SIGTERM, and SIGKILL if it has not ended after 10 s. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<unknown>;
}

const STOP_TIMEOUT_MS = 10_000;
/** The folder of this project, with its build. */
export const PROJECT = join(import.meta.dirname, '../..');

const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A bench that is broken off leaves nothing running. */
export function endWithThis(child: ChildProcess): void {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

/** Starts Node on a script, in an empty working directory and with just this environment. */
export function startProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): BenchProcess {
  const cwd = mkdtempSync(join(tmpdir(), 'relay-bench-'));
  folders.add(cwd);
  const file = join(cwd, 'output');
  const output = openSync(file, 'w');
  const startedAtMs = epochMs();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  endWithThis(child);

  async function end(signal: NodeJS.Signals): Promise<void> {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    child.kill(signal);
    await ended;
    clearTimeout(timer);
    rmSync(cwd, { recursive: true, force: true });
    folders.delete(cwd);
  }

  return {
    pid: child.pid ?? 0,
    startedAtMs,
    output: () => readFileSync(file, 'utf8'),
    usage: () => readUsage(child.pid ?? 0),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    ended,
  };
}

/** Starts the relay that is built in a folder of a project, as `npm start` does there. */
export function startRelay(
  env: Readonly<Record<string, string>>,
  options: { readonly project?: string; readonly nodeOptions?: readonly string[] } = {},
): BenchProcess {
  const { project = PROJECT, nodeOptions = [] } = options;
  const main = join(project, 'dist/main.js');
  const start = startOptions(project);
  return startProcess([...start.options, ...nodeOptions, main, 'run'], { ...start.env, ...env });
}

/** What `npm start` gives to Node. */
function startOptions(project: string): {
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
} {
  const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    readonly scripts: { readonly start: string };
  };
  const words = scripts.start.split(' ');
  const assignments = words.slice(words.indexOf('env') + 1, words.indexOf('node'));
  return {
    options: words.filter((word) => word.startsWith('--')),
    env: Object.fromEntries(assignments.map((word) => word.split('='))) as Record<string, string>,
  };
}

/** Starts one of the scripts beside this file, whose task is given as JSON. */
export function startScript(name: string, task: unknown): BenchProcess {
  return startProcess([join(import.meta.dirname, name), JSON.stringify(task)]);
}
