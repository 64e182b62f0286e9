import { spawn } from 'node:child_process';
import type { EventLog } from '../domain/event-log.ts';

/** Notifies the service manager that started this process of its state. */
export interface ServiceNotify {
  /** Reports the end of the start; from then on serves the watchdog. */
  readonly ready: () => void;
  /**
   * Shows a line in `systemctl status`: at once if the kind of state is another than before, otherwise
   * with the next message to the watchdog.
   */
  readonly status: (kind: string, text: string) => void;
  /** Reports the beginning of the end. Nothing but the watchdog is reported after it. */
  readonly stopping: (text: string) => void;
}

/** The variables that systemd sets for a service, and PATH to find systemd-notify. */
type Environment = Readonly<
  Partial<Record<'NOTIFY_SOCKET' | 'WATCHDOG_USEC' | 'WATCHDOG_PID' | 'PATH', string>>
>;

// systemd-notify itself waits up to 5 seconds until systemd has received its message.
const MAX_SEND_MS = 10_000;
const MAX_TIMER_MS = 2 ** 31 - 1;
// Each message is a process.
const STATUS_INTERVAL_MS = 30_000;
const MIN_RETRY_MS = 100;

/**
 * Sends the notifications of sd_notify(3): READY, STATUS, STOPPING, and WATCHDOG at half of the
 * interval of sd_watchdog_enabled(3), as long as this process's event loop runs. Without
 * `NOTIFY_SOCKET` returns undefined.
 *
 * Node has no Unix datagram sockets, so each message is a run of `systemd-notify`, which comes with
 * systemd. It runs as a separate process, so the unit needs NotifyAccess=all. Its environment holds
 * only the socket and PATH.
 *
 * Never throws and never keeps the process alive. Logs the first message that could not be sent.
 */
export function createServiceNotify(
  env: Environment,
  pid: number,
  log: EventLog,
): ServiceNotify | undefined {
  if (!env.NOTIFY_SOCKET) return undefined;
  const childEnv = { NOTIFY_SOCKET: env.NOTIFY_SOCKET, PATH: env.PATH };
  const watchdogMs = watchdogIntervalMs(env, pid);
  const intervalMs = watchdogMs ?? STATUS_INTERVAL_MS;
  let isReady = false;
  let isStopping = false;
  let failed = false;
  let shown: { readonly kind: string; readonly text: string } = { kind: '', text: '' };
  let sentText = '';
  let sending = Promise.resolve(true);

  /** Sends messages one after the other: a later one would overtake an earlier one. */
  function notify(assignments: () => readonly string[]): Promise<boolean> {
    sending = sending.then(() => send(assignments()));
    return sending;
  }

  async function send(assignments: readonly string[]): Promise<boolean> {
    const status = shown.text === sentText ? [] : [`STATUS=${shown.text}`];
    const all = [...assignments, ...status];
    if (all.length === 0) return true;
    const { text } = shown;
    const reason = await runSystemdNotify(all, childEnv);
    if (reason === null) {
      sentText = text;
      return true;
    }
    if (!failed) {
      failed = true;
      log.warn('relay.notify_failed', { reason }, 'systemd could not be notified of the status');
    }
    return false;
  }

  async function repeat(assignments: () => readonly string[]): Promise<void> {
    const sent = await notify(assignments);
    // systemd waits for READY until it ends the relay, and for WATCHDOG until it restarts it.
    const next = sent ? beat : assignments;
    setTimeout(
      () => void repeat(next),
      sent ? intervalMs : Math.max(intervalMs / 10, MIN_RETRY_MS),
    ).unref();
  }

  const beat = (): readonly string[] => (watchdogMs === null ? [] : ['WATCHDOG=1']);

  return {
    ready() {
      if (isReady || isStopping) return;
      isReady = true;
      void repeat(() => (isStopping ? beat() : ['READY=1', ...beat()]));
    },
    status(kind, text) {
      if (isStopping) return;
      const isNew = kind !== shown.kind;
      shown = { kind, text };
      if (isNew) void notify(() => []);
    },
    stopping(text) {
      isStopping = true;
      shown = { kind: 'stopping', text };
      void notify(() => ['STOPPING=1']);
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
