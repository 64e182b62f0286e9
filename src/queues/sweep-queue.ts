import type { OpenQueues } from './open-queues.ts';

/** The queue of sweeps: one at a time over all replicas, beside the polls. */
export interface SweepQueue {
  /**
   * Runs `sweep` now, and once per interval over all replicas, never two at a time. `sweep` must
   * not throw. Its signal aborts when the relay stops.
   */
  startSweeping(intervalMs: number, sweep: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Asks for a sweep as soon as none runs. */
  sweepSoon(): Promise<void>;
  /** Restores the schedule after Redis was emptied. Does nothing before sweeps have started. */
  rescheduleSweeps(): Promise<void>;
  /** Returns true if the schedule exists, or sweeps have not started. */
  sweepsScheduled(): Promise<boolean>;
}

const SWEEP = 'sweep';
const SOON = 'soon';
// A sweep can be repeated: after a crash another worker takes it over in less than half a minute.
const LOCKS = { lockDuration: 15_000, stalledInterval: 5_000 };
const ONCE = { removeOnComplete: true, removeOnFail: true };

/** Creates the queue of sweeps. No sweep runs yet. */
export function createSweepQueue({ queue, createWorker, stopping }: OpenQueues): SweepQueue {
  let everyMs: number | undefined;

  async function schedule(): Promise<void> {
    if (everyMs === undefined) return;
    await queue(SWEEP).setGlobalConcurrency(1);
    await queue(SWEEP).upsertJobScheduler(
      SWEEP,
      { every: everyMs },
      { name: SWEEP, data: {}, opts: ONCE },
    );
  }

  async function sweepSoon(): Promise<void> {
    // One waiting sweep is enough. Changes during a running sweep are left to the next one.
    await queue(SWEEP).add(SOON, {}, { ...ONCE, deduplication: { id: SOON } });
  }

  return {
    async startSweeping(intervalMs, sweep) {
      everyMs = intervalMs;
      await schedule();
      createWorker(SWEEP, () => sweep(stopping.begun), { concurrency: 1, ...LOCKS });
      await sweepSoon();
    },
    sweepSoon,
    rescheduleSweeps: schedule,
    sweepsScheduled: async () =>
      everyMs === undefined || (await queue(SWEEP).getJobSchedulersCount()) > 0,
  };
}
