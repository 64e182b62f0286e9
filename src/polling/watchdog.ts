import type { EventLog } from '../domain/event-log.ts';

export interface WatchdogPorts {
  /**
   * How long ago a turn was last at work, on any replica; below nought if the clock was set back;
   * null if none is known.
   */
  readonly sinceLastTickMs: () => Promise<number | null>;
  /** Whether the schedules are there: polls that ask for each other hide that they are not. */
  readonly scheduled: () => Promise<boolean>;
  /** Puts the heartbeat back, with a turn at once. */
  readonly mend: () => Promise<void>;
  readonly log: EventLog;
}

// A turn may take a moment to be picked up, even where all is well.
const PATIENCE_MS = 5_000;
// A clock that is being adjusted may tremble by that much.
const TREMOR_MS = 1_000;

/**
 * Whether turns have stopped that should come every `intervalMs`. A last turn in the future means
 * that the clock was set back: the next turn is as far away.
 */
export function pollsHaveStopped(sinceLastTickMs: number | null, intervalMs: number): boolean {
  if (sinceLastTickMs === null) return true;
  return sinceLastTickMs > 2 * intervalMs + PATIENCE_MS || sinceLastTickMs < -TREMOR_MS;
}

/**
 * Looks whether polls have their turns, and puts the heartbeat back if not. It can stop when Redis
 * was emptied, when a replica whose clock is ahead left the next turn in the future, or when the
 * machine's clock was set back.
 */
export async function watchPolling(ports: WatchdogPorts, intervalMs: number): Promise<void> {
  const sinceLastTickMs = await ports.sinceLastTickMs();
  if (!pollsHaveStopped(sinceLastTickMs, intervalMs) && (await ports.scheduled())) return;
  await ports.mend();
  ports.log.warn(
    'poll.rescheduled',
    { sinceLastTickMs },
    'polls had stopped, or their schedule was gone: they are scheduled anew, with one at once',
  );
}
