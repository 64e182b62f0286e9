import type { OpenQueues } from './open-queues.ts';

/** The looks at the account's groups: one at a time over all replicas, beside the polls. */
export interface SweepQueue {
  /**
   * Runs `look` once every interval over all replicas, and at once. It may take long, and is then
   * not begun a second time. It must not throw. Its signal aborts when the relay stops.
   */
  startLooking(intervalMs: number, look: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Asks for a look as soon as none is under way. */
  lookSoon(): Promise<void>;
  /** Puts the looks back, for when Redis was emptied. Does nothing before they have begun. */
  restartLooking(): Promise<void>;
  /** Whether looks are scheduled, if they have begun. */
  looksScheduled(): Promise<boolean>;
}

const SWEEP = 'sweep';
const SOON = 'soon';
// A look can be made again, and after a crash another worker takes it over in less than half a
// minute.
const LOCKS = { lockDuration: 15_000, stalledInterval: 5_000 };
const ONCE = { removeOnComplete: true, removeOnFail: true };

/** The looks, none of which has begun. */
export function createSweepQueue({ queue, startWorker, stopping }: OpenQueues): SweepQueue {
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

  async function lookSoon(): Promise<void> {
    // While one waits, another would find nothing more to do. What happens while one is at work is
    // left to the next one.
    await queue(SWEEP).add(SOON, {}, { ...ONCE, deduplication: { id: SOON } });
  }

  return {
    async startLooking(intervalMs, look) {
      everyMs = intervalMs;
      await schedule();
      startWorker(SWEEP, () => look(stopping.begun), { concurrency: 1, ...LOCKS });
      await lookSoon();
    },
    lookSoon,
    restartLooking: schedule,
    looksScheduled: async () =>
      everyMs === undefined || (await queue(SWEEP).getJobSchedulersCount()) > 0,
  };
}
