import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The end of the relay's process. */
export interface RelayEnd {
  /** Such as `exit status 78` or `SIGKILL`. */
  readonly how: string;
  /** Its stderr, or else its last log line. */
  readonly lastWords: string;
}

/** The real daemon in its own process. */
export interface RelayProcess {
  /** Resolves when it has ended and its whole output was passed on. Never rejects. */
  readonly ended: Promise<RelayEnd>;
  /** Sends SIGTERM, as an operator would; then wait for `ended`. */
  readonly stop: () => void;
  readonly kill: () => void;
}

const MAX_LAST_WORDS = 4_000;

/**
 * Starts `run` of the relay's program in `cwd`, with this environment alone, and passes on its output.
 * It has its own session: Ctrl-C reaches only the demo, which then stops it.
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
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] = (output[name] + text).slice(-MAX_LAST_WORDS);
      options.write(text);
    });
  }
  const ended = new Promise<RelayEnd>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ how: 'it could not start', lastWords: error.code ?? error.name });
    });
    child.once('close', (code, signal) => {
      resolve({
        how: signal ?? `exit status ${code}`,
        lastWords: output.stderr.trim() || (output.stdout.trim().split('\n').at(-1) ?? ''),
      });
    });
  });
  return {
    ended,
    stop: () => child.kill('SIGTERM'),
    kill: () => child.kill('SIGKILL'),
  };
}

/** A relay that can be started again with another configuration, as an operator would. */
export interface RestartableRelay extends RelayProcess {
  /** Stops it, and starts it again unless it was stopped for good meanwhile. */
  readonly restart: () => Promise<void>;
}

/** Starts a relay by `start`, which a restart calls again. `ended` ignores restarts. */
export function startRestartableRelay(start: () => RelayProcess): RestartableRelay {
  let current = start();
  let isOver = false;
  let restarting: Promise<void> | null = null;

  async function untilTheEnd(): Promise<RelayEnd> {
    const watched = current;
    const end = await watched.ended;
    await restarting;
    return current === watched ? end : untilTheEnd();
  }
  async function startAgain(): Promise<void> {
    current.stop();
    await current.ended;
    if (!isOver) current = start();
    restarting = null;
  }
  return {
    ended: untilTheEnd(),
    async restart() {
      restarting ??= startAgain();
      await restarting;
    },
    stop() {
      isOver = true;
      current.stop();
    },
    kill() {
      isOver = true;
      current.kill();
    },
  };
}

const DEADLINE_MS = 3_000;

/**
 * Ends the embedded Redis of a relay that crashed or was killed: it is made to outlive its relay, and
 * would outlive the demo as well. Does nothing if none runs in `dataDir`. Resolves when it has ended,
 * or after 3 seconds.
 */
export async function endLeftRedis(dataDir: string): Promise<void> {
  const path = join(dataDir, 'redis.sock');
  if (!existsSync(path)) return;
  // An inline command (redis.io/docs/latest/develop/reference/protocol-spec). Redis answers by
  // closing the connection, and removes its socket when it ends.
  const connection = createConnection({ path });
  connection.on('error', () => undefined);
  connection.end('SHUTDOWN NOSAVE\r\n');
  connection.resume();
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (existsSync(path) && performance.now() < deadlineMs) await sleep(20);
  connection.destroy();
}
