import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The resources that a process has used. */
export interface Usage {
  /** User and system time since it started. */
  readonly cpuMs: number;
  readonly rssMb: number;
  readonly peakRssMb: number;
}

/** A process that is measured. Its output goes to a file, so that nobody has to read along. */
export interface BenchProcess {
  /** In milliseconds since 1970, with fractions. */
  readonly startedAtMs: number;
  /** Throws if the process has ended. */
  readonly usage: () => Usage;
  /** Sends SIGKILL and resolves when the process has ended. */
  kill(): Promise<void>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<unknown>;
}

// Linux counts in hundredths of a second, whatever the kernel's own clock (proc(5), USER_HZ).
const TICK_MS = 10;

const running = new Map<string, ChildProcess>();
process.once('exit', () => {
  for (const [folder, child] of running) {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The present time in milliseconds since 1970, with fractions: comparable between processes. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Starts Node with just this environment, in an empty working directory. */
export function startProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): BenchProcess {
  const cwd = mkdtempSync(join(tmpdir(), 'relay-bench-'));
  const output = openSync(join(cwd, 'output'), 'w');
  const startedAtMs = epochMs();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  running.set(cwd, child);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    startedAtMs,
    usage: () => readUsage(child.pid ?? 0),
    async kill() {
      child.kill('SIGKILL');
      await ended;
      running.delete(cwd);
      rmSync(cwd, { recursive: true, force: true });
    },
    ended,
  };
}

/** Starts a script beside this file; its task is passed as JSON. */
export function startScript(
  name: string,
  task: unknown,
  nodeOptions: readonly string[] = [],
): BenchProcess {
  return startProcess([...nodeOptions, join(import.meta.dirname, name), JSON.stringify(task)]);
}

/** Reads the usage of a process from the kernel (proc(5)). Linux only. */
export function readUsage(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  // The program's name is in brackets and may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    rssMb: megabytes('VmRSS'),
    peakRssMb: megabytes('VmHWM'),
  };
}
