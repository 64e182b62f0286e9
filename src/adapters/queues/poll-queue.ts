import type { OpenQueues } from './open-queues.ts';

/** The heartbeat of polls: one job, made anew each interval for whichever replica is free. */
export interface PollQueue {
  /**
   * Runs `turn` once every interval over all replicas, the first time at once. A turn must not
   * throw. Its signal aborts when the relay stops.
   */
  startPolling(intervalMs: number, turn: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /**
   * Puts the heartbeat back, with a turn at once: for when turns have stopped, because Redis was
   * emptied, or because a replica whose clock was ahead left the next turn far in the future.
   */
  restartPolling(intervalMs: number): Promise<void>;
}

const POLL = 'poll';
// A poll is idempotent and wanted soon: after a crash another worker takes it over in seconds.
const LOCKS = { lockDuration: 5_000, stalledInterval: 2_000 };

/** The heartbeat, which has not begun. */
export function createPollQueue({ queue, startWorker, stopping }: OpenQueues): PollQueue {
  async function schedule(intervalMs: number): Promise<void> {
    const once = { removeOnComplete: true, removeOnFail: true };
    await queue(POLL).upsertJobScheduler(
      POLL,
      { every: intervalMs },
      { name: POLL, data: {}, opts: once },
    );
  }

  return {
    async startPolling(intervalMs, turn) {
      await schedule(intervalMs);
      startWorker(POLL, () => turn(stopping.begun), { concurrency: 1, ...LOCKS });
    },

    async restartPolling(intervalMs) {
      // An upsert alone keeps the time of the next turn.
      await queue(POLL).removeJobScheduler(POLL);
      await schedule(intervalMs);
    },
  };
}
