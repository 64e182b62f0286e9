import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startDaemon, type Daemon } from './daemon.ts';
import { waitUntil } from './wait-until.ts';

const GRACE_MS = 15_000;

/** `mention-relay demo` as a process of its own. */
export interface RunningDemo extends Daemon {
  readonly inboxUrl: string;
  /** The URL of the sandbox's controls. */
  readonly controlUrl: string;
  /** The processes that it started, and their own. */
  descendants(): Promise<readonly number[]>;
  /** The files that are left in its own folder for temporary files. */
  leftFiles(): readonly string[];
}

/** Starts a demo on a free port; resolves when it has printed the URL of its inbox. */
export async function startDemo(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningDemo> {
  const folder = mkdtempSync(join(tmpdir(), 'demo-'));
  const daemon = startDaemon({ TMPDIR: folder, ...env }, ['demo', '--port', '0', ...args]);
  const find = (pattern: RegExp): Promise<string> =>
    waitUntil(`${pattern} in the demo's output`, () => pattern.exec(daemon.stdout())?.[1]);
  return {
    ...daemon,
    inboxUrl: await find(/Open (http:\S+)/),
    controlUrl: `${await find(/API at (http:\S+)\/api,/)}/_sandbox`,
    descendants: () => descendantsOf(daemon.pid),
    leftFiles: () => readdirSync(folder),
    async dispose() {
      // SIGTERM first, so that it ends its own processes.
      daemon.kill('SIGTERM');
      await Promise.race([daemon.ended, sleep(GRACE_MS, undefined, { ref: false })]);
      await daemon.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Returns true if the process exists. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function descendantsOf(root: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found: number[] = [];
  for (let parents = [root]; parents.length > 0;) {
    const children = rows.filter(([, parent]) => parents.includes(parent)).map(([pid]) => pid);
    found.push(...children);
    parents = children;
  }
  return found;
}
