import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How the relay's process ended. */
export interface RelayEnd {
  /** Such as `exit status 78` or `SIGKILL`. */
  readonly how: string;
  /** The last it said: what it wrote to stderr, or else its last line of log. */
  readonly lastWords: string;
}

/** The real daemon, as a process of its own. */
export interface RelayProcess {
  /** Resolves when it has ended and all that it wrote has been passed on. Never rejects. */
  readonly ended: Promise<RelayEnd>;
  /** Asks it to stop, as an operator would; `ended` tells when it has. */
  readonly stop: () => void;
  readonly kill: () => void;
}

const MAX_LAST_WORDS = 4_000;

/**
 * Starts `run` of a program that is mention-relay with just this environment, in `cwd`, and passes
 * on all that it writes. It has a session of its own: a Ctrl-C reaches the demo alone, which then stops it.
 */
export function startRelayProcess(options: {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly write: (text: string) => void;
}): RelayProcess {
  const child = spawn(process.execPath, [options.program, 'run'], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] = (said[name] + text).slice(-MAX_LAST_WORDS);
      options.write(text);
    });
  }
  const ended = new Promise<RelayEnd>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ how: 'it could not be started', lastWords: error.code ?? error.name });
    });
    child.once('close', (code, signal) => {
      resolve({
        how: signal ?? `exit status ${code}`,
        lastWords: said.stderr.trim() || (said.stdout.trim().split('\n').at(-1) ?? ''),
      });
    });
  });
  return {
    ended,
    stop: () => child.kill('SIGTERM'),
    kill: () => child.kill('SIGKILL'),
  };
}

const DEADLINE_MS = 3_000;

/**
 * Ends the embedded Redis that a relay left in `dataDir`, because it crashed or was killed: made to
 * outlive its relay, it would outlive the demo as well. Does nothing where none is left. Resolves
 * when it has ended, or after 3 seconds.
 */
export async function endLeftRedis(dataDir: string): Promise<void> {
  const path = join(dataDir, 'redis.sock');
  if (!existsSync(path)) return;
  // An inline command (redis.io/docs/latest/develop/reference/protocol-spec). It is answered by the
  // end of the connection, and the socket goes with the server.
  const connection = createConnection({ path });
  connection.on('error', () => undefined);
  connection.end('SHUTDOWN NOSAVE\r\n');
  connection.resume();
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (existsSync(path) && performance.now() < deadlineMs) await sleep(20);
  connection.destroy();
}
