import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EventLog } from '../domain/event-log.ts';
import { isJournal } from './journal.io.ts';
import { createLogger } from './logger.io.ts';

const BEAT_MS = 5_000;
// 60 seconds without a beat: watchdog.sh says why it waits for longer than one takes.
const BEATS_PER_WAIT = 2.4;
const VAIN_WAITS = 5;

// Bash can wait for a line for a limited time. It needs 0.3 MB of memory, a worker thread 9.5 MB.
const WATCHDOG = fileURLToPath(new URL('./watchdog.sh', import.meta.url));

/**
 * Shows that the event loop of this process runs, until the process ends: touches the file of a
 * health check, if there is one, every few seconds. On Linux with Bash a small program beside it
 * kills the process when its event loop stands still for a minute, after a line in the log.
 *
 * Process 1 of a container can't be killed from inside it: there only the file shows the hang.
 */
export async function showSignsOfLife(options: {
  readonly healthFile: string | undefined;
  readonly log: EventLog;
  readonly beatMs?: number;
}): Promise<void> {
  const { healthFile, log, beatMs = BEAT_MS } = options;
  const hungForMs = beatMs * BEATS_PER_WAIT * VAIN_WAITS;
  const beat =
    process.platform === 'linux'
      ? startWatchdog(beatMs, await lastLine(hungForMs))
      : () => undefined;
  const touch = healthFile === undefined ? () => undefined : keepHealthFile(healthFile, log);
  const show = (): void => {
    beat();
    touch();
  };
  show();
  setInterval(show, beatMs).unref();
}

function keepHealthFile(path: string, log: EventLog): () => void {
  let failed = false;
  process.once('exit', () => rmSync(path, { force: true }));
  return () => {
    try {
      writeFileSync(path, '');
    } catch (error) {
      if (failed) return;
      failed = true;
      log.warn(
        'health.file_failed',
        { path, reason: (error as NodeJS.ErrnoException).code },
        'the health file could not be written; health checks fail, the relay keeps running',
      );
    }
  };
}

/** Returns a function to call every `beatMs`; it starts the watchdog, also again if that ended. */
function startWatchdog(beatMs: number, lastWords: string): () => void {
  let watchdog: ChildProcess | undefined;
  let missing = false;
  const args = [process.pid, (beatMs * BEATS_PER_WAIT) / 1000, VAIN_WAITS].map(String);

  function start(): ChildProcess {
    const child = spawn('bash', [WATCHDOG, ...args], {
      env: { PATH: process.env['PATH'], TZ: 'UTC0', LAST_WORDS: lastWords },
      stdio: ['pipe', 'inherit', 'ignore'],
    });
    const gone = (): void => void (watchdog = undefined);
    child.once('error', () => (missing = true));
    child.once('exit', gone);
    child.stdin.on('error', gone);
    child.unref();
    (child.stdin as unknown as { unref(): void }).unref();
    return child;
  }

  return () => {
    if (missing) return;
    watchdog ??= start();
    watchdog.stdin?.write('\n');
  };
}

/** Returns the last line of the log, with TIME in place of its time. */
async function lastLine(hungForMs: number): Promise<string> {
  let line = '';
  const priorities = isJournal(1, process.env);
  const { log } = await createLogger(
    { level: 'error', format: 'json', priorities },
    { write: (text) => void (line = text) },
  );
  log.error(
    'relay.hung',
    { hungForMs },
    'the event loop stood still: this process is killed, to be started again',
  );
  return line.trimEnd().replace(/(?<="time":")[^"]+/, 'TIME');
}
