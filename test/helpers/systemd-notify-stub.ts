import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A program `systemd-notify` that records its arguments and environment. */
export interface SystemdNotifyStub {
  /** The environment, as systemd sets it, of a process that finds this program first. */
  readonly env: { readonly NOTIFY_SOCKET: string; readonly PATH: string };
  /** The arguments of each run so far, one string each. */
  readonly runs: () => string[];
  /** All environments that it was run with. */
  readonly environments: () => string;
}

/** Makes one for this test. `then` is a sh command that it runs after recording. */
export function systemdNotifyStub(then = 'exit 0'): SystemdNotifyStub {
  const folder = mkdtempSync(join(tmpdir(), 'relay-notify-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 9 }));
  const [program, runs, environments] = ['systemd-notify', 'runs', 'environments'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(
    program,
    `#!/bin/sh\n/usr/bin/env >> '${environments}'\nprintf '%s\\n' "$*" >> '${runs}'\n${then}\n`,
  );
  chmodSync(program, 0o755);
  const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  return {
    env: { NOTIFY_SOCKET: join(folder, 'no-socket'), PATH: `${folder}:${process.env['PATH']}` },
    runs: () => read(runs).split('\n').slice(0, -1),
    environments: () => read(environments),
  };
}
