import { spawn } from 'node:child_process';
import type { EventLog } from '../domain/event-log.ts';

/** Notifies the service manager that started this process of its status. */
export interface ServiceNotify {
  /** Reports the end of the start, with a line for `systemctl status`; then serves the watchdog. */
  ready(status: string): void;
  /** Reports the beginning of the end. A later `ready` is not reported. */
  stopping(status: string): void;
}

/** The variables that systemd sets for a service, and PATH to find systemd-notify. */
type Environment = Readonly<
  Partial<Record<'NOTIFY_SOCKET' | 'WATCHDOG_USEC' | 'WATCHDOG_PID' | 'PATH', string>>
>;

// systemd-notify itself waits up to 5 seconds until systemd has received its message.
const MAX_SEND_MS = 10_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Sends the notifications of sd_notify(3): READY, STATUS, STOPPING, and WATCHDOG at half of the
 * interval of sd_watchdog_enabled(3), as long as this process's event loop runs. Does nothing
 * without `NOTIFY_SOCKET`.
 *
 * Node has no Unix datagram sockets, so each message is a run of `systemd-notify`, which comes with
 * systemd. It runs as a separate process, so the unit needs NotifyAccess=all. Its environment holds
 * only the socket and PATH.
 *
 * Never throws and never keeps the process alive. Logs the first message that could not be sent.
 */
export function createServiceNotify(env: Environment, pid: number, log: EventLog): ServiceNotify {
  if (!env.NOTIFY_SOCKET) return { ready: () => undefined, stopping: () => undefined };
  const childEnv = { NOTIFY_SOCKET: env.NOTIFY_SOCKET, PATH: env.PATH };
  let stopping = false;
  let failed = false;

  async function notify(...assignments: readonly string[]): Promise<boolean> {
    const reason = await runSystemdNotify(assignments, childEnv);
    if (reason === null) return true;
    if (!failed) {
      failed = true;
      log.warn('relay.notify_failed', { reason }, 'systemd could not be notified of the status');
    }
    return false;
  }

  async function notifyReady(status: string, intervalMs: number | null): Promise<void> {
    const done = stopping || (await notify('READY=1', `STATUS=${status}`));
    if (intervalMs === null) return;
    if (done) return void serveWatchdog(intervalMs);
    // systemd waits for READY without end, so a failed message is sent again.
    setTimeout(() => void notifyReady(status, intervalMs), intervalMs / 10).unref();
  }

  async function serveWatchdog(intervalMs: number): Promise<void> {
    const sent = await notify('WATCHDOG=1');
    // One failed message must not make systemd kill the relay.
    const pauseMs = sent ? intervalMs : intervalMs / 10;
    setTimeout(() => void serveWatchdog(intervalMs), pauseMs).unref();
  }

  return {
    ready(status) {
      if (!stopping) void notifyReady(status, watchdogIntervalMs(env, pid));
    },
    stopping(status) {
      stopping = true;
      void notify('STOPPING=1', `STATUS=${status}`);
    },
  };
}

/** Returns half of the watchdog's time-out; null if there is none or it is for another process. */
function watchdogIntervalMs(env: Environment, pid: number): number | null {
  const timeoutUs = Number(env.WATCHDOG_USEC);
  if (!(timeoutUs > 0)) return null;
  if (env.WATCHDOG_PID !== undefined && env.WATCHDOG_PID !== String(pid)) return null;
  return Math.min(timeoutUs / 2_000, MAX_TIMER_MS);
}

/** Sends a message. Returns null on success, otherwise the reason: a code such as `ENOENT`. */
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
