import { spawn } from 'node:child_process';
import type { EventLog } from '../domain/event-log.ts';

/** Tells the service manager that started this process how it stands. */
export interface ServiceNotify {
  /** The start is over, with a line for `systemctl status`. Once that is told, the watchdog is kept quiet. */
  ready(status: string): void;
  /** The end has begun. What is ready after that is not told. */
  stopping(status: string): void;
}

/** What systemd hands to a service, besides where its own program is found. */
type Environment = Readonly<
  Partial<Record<'NOTIFY_SOCKET' | 'WATCHDOG_USEC' | 'WATCHDOG_PID' | 'PATH', string>>
>;

// systemd-notify itself waits for 5 seconds until systemd has taken its message.
const MAX_SEND_MS = 10_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The notifications of sd_notify(3): READY, STATUS, STOPPING, and WATCHDOG at half of the time that
 * sd_watchdog_enabled(3) gives, for as long as this process's event loop turns. Without
 * `NOTIFY_SOCKET` it does nothing at all.
 *
 * Node has no Unix datagram sockets, so each message is a run of `systemd-notify`, which is there
 * wherever systemd is. Its messages come from a process of its own: the unit needs NotifyAccess=all.
 * It gets nothing of this process's environment but the socket and PATH.
 *
 * It never throws and never keeps the process alive. The first message that could not be sent is told.
 */
export function createServiceNotify(env: Environment, pid: number, log: EventLog): ServiceNotify {
  if (!env.NOTIFY_SOCKET) return { ready: () => undefined, stopping: () => undefined };
  const childEnv = { NOTIFY_SOCKET: env.NOTIFY_SOCKET, PATH: env.PATH };
  let stopping = false;
  let failed = false;

  async function tell(...assignments: readonly string[]): Promise<boolean> {
    const reason = await runSystemdNotify(assignments, childEnv);
    if (reason === null) return true;
    if (!failed) {
      failed = true;
      log.warn('relay.notify_failed', { reason }, 'systemd could not be told how the relay stands');
    }
    return false;
  }

  async function notifyReady(status: string, intervalMs: number | null): Promise<void> {
    const over = stopping || (await tell('READY=1', `STATUS=${status}`));
    if (intervalMs === null) return;
    if (over) return void keepWatchdogQuiet(intervalMs);
    // systemd waits for READY without end: one that it did not hear is told again.
    setTimeout(() => void notifyReady(status, intervalMs), intervalMs / 10).unref();
  }

  async function keepWatchdogQuiet(intervalMs: number): Promise<void> {
    const told = await tell('WATCHDOG=1');
    // A process that could not be started, say, must not cost the relay its life.
    const pauseMs = told ? intervalMs : intervalMs / 10;
    setTimeout(() => void keepWatchdogQuiet(intervalMs), pauseMs).unref();
  }

  return {
    ready(status) {
      if (!stopping) void notifyReady(status, watchdogIntervalMs(env, pid));
    },
    stopping(status) {
      stopping = true;
      void tell('STOPPING=1', `STATUS=${status}`);
    },
  };
}

/** Half of the watchdog's time-out; null if there is none, or it is meant for another process. */
function watchdogIntervalMs(env: Environment, pid: number): number | null {
  const timeoutUs = Number(env.WATCHDOG_USEC);
  if (!(timeoutUs > 0)) return null;
  if (env.WATCHDOG_PID !== undefined && env.WATCHDOG_PID !== String(pid)) return null;
  return Math.min(timeoutUs / 2_000, MAX_TIMER_MS);
}

/** Null when systemd has taken the message, otherwise why it has not: a code such as `ENOENT`. */
async function runSystemdNotify(
  assignments: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn('systemd-notify', assignments, {
        env,
        stdio: 'ignore',
        // Its timer does not keep the process alive; the option `timeout` would.
        signal: AbortSignal.timeout(MAX_SEND_MS),
        killSignal: 'SIGKILL',
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code === 0 ? null : `exit ${code ?? signal}`));
      child.unref();
    });
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return typeof code === 'string' ? code : name;
  }
}
