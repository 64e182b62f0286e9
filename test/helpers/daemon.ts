import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from './wait-until.ts';

/** One line of a daemon's log. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly event: string;
  readonly level: string;
};

/** The end of a daemon. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built daemon as a process of its own. */
export interface Daemon {
  readonly pid: number;
  /** Its working directory, with nothing in it at the start. */
  readonly folder: string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly lines: () => LogLine[];
  readonly events: (name: string) => LogLine[];
  waitForEvent(name: string, count?: number, timeoutMs?: number): Promise<LogLine>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
  /** Kills it if it still runs, and removes its folder. */
  dispose(): Promise<void>;
}

const PROJECT = join(import.meta.dirname, '../..');
const MAIN = join(PROJECT, 'dist/main.js');
// Hundreds of processes load the same build: Node keeps it compiled.
const NODE_COMPILE_CACHE = join(PROJECT, 'node_modules/.cache/compiled');

/**
 * Starts `mention-relay run` with just this environment, and Node's cache, in an empty working
 * directory. A variable whose value is undefined stays unset.
 */
export function startDaemon(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[] = ['run'],
): Daemon {
  const cwd = mkdtempSync(join(tmpdir(), 'relay-daemon-'));
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  let end: Ended | undefined;
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve((end = { code, signal })));
  });

  const lines = (): LogLine[] =>
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  const events = (name: string): LogLine[] => lines().filter(({ event }) => event === name);

  return {
    pid: child.pid ?? 0,
    folder: cwd,
    stdout: () => stdout,
    stderr: () => stderr,
    lines,
    events,
    waitForEvent: (name, count = 1, timeoutMs) =>
      waitUntil(
        `${count} x ${name}`,
        () => {
          const found = events(name)[count - 1];
          if (!found && end) throw new Error(`the daemon ended early\n${stdout}\n${stderr}`);
          return found;
        },
        timeoutMs,
      ),
    kill: (signal) => child.kill(signal),
    ended,
    async dispose() {
      if (!end) {
        child.kill('SIGCONT');
        child.kill('SIGKILL');
      }
      await ended;
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}

/** A response of a relay's health server. */
export interface HealthPage {
  readonly status: number;
  readonly text: string;
}

/** Requests a page from a relay that was started with HEALTH_PORT=0. */
export async function healthPage(daemon: Daemon, path: string): Promise<HealthPage> {
  const { port } = await daemon.waitForEvent('health.listening');
  const answer = await fetch(`http://127.0.0.1:${String(port)}${path}`);
  return { status: answer.status, text: await answer.text() };
}
