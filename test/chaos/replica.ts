import { setTimeout as sleep } from 'node:timers/promises';
import { startDaemon, type Daemon } from '../helpers/daemon.ts';
import type { Recorded } from './record.ts';

const RESTART_MS = 1_000;

/** One of the relays, through all its restarts. */
export interface Replica {
  readonly name: string;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Sends SIGTERM. Resolves with the exit code and the reason that the log gives. */
  stop(): Promise<{ readonly code: number | null; readonly reason: unknown }>;
  start(): void;
  /** The deliveries that its log reports as succeeded; `startMs` is the run's start, in epoch time. */
  recorded(startMs: number): Recorded[];
  /** The logs since the first start. */
  readonly log: () => string;
  dispose(): Promise<void>;
}

/** Starts a replica. If it ends by itself, `onMishap` is called and it is started again. */
export function startReplica(
  name: string,
  env: Readonly<Record<string, string>>,
  onMishap: (what: string) => void,
): Replica {
  const lives: Daemon[] = [];
  let current: Daemon;
  let meant = false;
  let disposed = false;

  function start(): void {
    if (disposed) return;
    meant = false;
    const daemon = startDaemon(env);
    current = daemon;
    lives.push(daemon);
    void watch(daemon);
  }

  async function watch(daemon: Daemon): Promise<void> {
    const { code, signal } = await daemon.ended;
    if (meant || daemon !== current) return;
    const said = daemon.stderr().trim().split('\n').at(-1) ?? '';
    onMishap(`${name} ended by itself (${signal ?? code}) ${said}`.trim());
    await sleep(RESTART_MS);
    start();
  }

  start();
  return {
    name,
    async kill() {
      meant = true;
      current.kill('SIGKILL');
      await current.ended;
    },
    freeze: () => current.kill('SIGSTOP'),
    thaw: () => current.kill('SIGCONT'),
    async stop() {
      meant = true;
      // On a busy machine a start takes seconds. Until then SIGTERM ends the process by itself.
      await current.waitForEvent('relay.started').catch(() => undefined);
      current.kill('SIGTERM');
      const { code } = await current.ended;
      return { code, reason: current.events('relay.stopped').at(-1)?.['reason'] };
    },
    start,
    recorded: (startMs) =>
      lives
        .flatMap((daemon) => daemon.events('delivery.succeeded'))
        .map(({ webhook, mentionId, time }) => ({
          receiver: String(webhook),
          mention: String(mentionId),
          atMs: Date.parse(String(time)) - startMs,
        })),
    log: () => lives.map((daemon) => daemon.stdout() + daemon.stderr()).join(''),
    async dispose() {
      disposed = true;
      meant = true;
      await Promise.all(lives.map((daemon) => daemon.dispose()));
    },
  };
}
