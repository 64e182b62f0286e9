import type { OpenQueues } from './open-queues.ts';

/** A poll's turn. Must not throw. Its signal aborts when the relay stops. */
export type GateClaim = (
  signal: AbortSignal,
  /** Of a poll between ticks, what it was asked for with; null of a heartbeat. */
  token: string | null,
) => Promise<void>;

/**
 * Polls: the heartbeat, which is one job made anew each interval for whichever replica is free, and
 * single ones between two ticks.
 */
export interface PollQueue {
  /** Runs `turn` once every interval over all replicas, the first time at once. */
  startPolling(intervalMs: number, turn: GateClaim): Promise<void>;
  /** Asks for one more turn, on any replica, `delayMs` from now. */
  pollBetween(delayMs: number, token: string): Promise<void>;
  /**
   * Puts the heartbeat back, with a turn at once: for when turns have stopped, because Redis was
   * emptied, or because a replica whose clock was ahead left the next turn far in the future.
   */
  restartPolling(intervalMs: number): Promise<void>;
  /** Whether the heartbeat is scheduled. */
  pollsScheduled(): Promise<boolean>;
}

const POLL = 'poll';
const BETWEEN = 'between';
// A poll is idempotent and wanted soon: after a crash another worker takes it over in seconds.
const LOCKS = { lockDuration: 5_000, stalledInterval: 2_000 };
const ONCE = { removeOnComplete: true, removeOnFail: true };

/** The heartbeat, which has not begun. */
export function createPollQueue({ queue, createWorker, stopping }: OpenQueues): PollQueue {
  async function schedule(intervalMs: number): Promise<void> {
    await queue(POLL).upsertJobScheduler(
      POLL,
      { every: intervalMs },
      { name: POLL, data: {}, opts: ONCE },
    );
  }

  return {
    async startPolling(intervalMs, turn) {
      await schedule(intervalMs);
      createWorker(
        POLL,
        (job) => {
          const { token } = job.data as { token?: unknown };
          return turn(stopping.begun, typeof token === 'string' ? token : null);
        },
        { concurrency: 1, ...LOCKS },
      );
    },

    async pollBetween(delayMs, token) {
      await queue(POLL).add(BETWEEN, { token }, { ...ONCE, delay: delayMs });
    },

    async restartPolling(intervalMs) {
      // An upsert alone keeps the time of the next turn.
      await queue(POLL).removeJobScheduler(POLL);
      await schedule(intervalMs);
    },

    pollsScheduled: async () => (await queue(POLL).getJobSchedulersCount()) > 0,
  };
}
