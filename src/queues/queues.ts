import type { RedisClient } from '../redis/redis-client.ts';
import { createDeliveryQueues, type DeliveryQueues } from './delivery-queue.ts';
import { createOpenQueues, type OpenQueues } from './open-queues.ts';
import { createPollQueue, type PollQueue } from './poll-queue.ts';

/** All queues of the relay: polls, looks at the groups, and one queue of deliveries a webhook. */
export interface Queues
  extends
    Pick<PollQueue, 'startPolling' | 'pollBetween'>,
    Pick<SweepQueue, 'startLooking' | 'lookSoon'>,
    Pick<OpenQueues, 'waitFor' | 'stopping' | 'close'>,
    DeliveryQueues {
  /**
   * Puts the heartbeat back, with a turn at once, and all else that the queues keep in Redis beside
   * their jobs: for when turns have stopped, because Redis was emptied, or because a replica whose
   * clock was ahead left the next turn far in the future.
   */
  mend(intervalMs: number): Promise<void>;
  /** Whether all that is to come again and again is scheduled. */
  scheduled(): Promise<boolean>;
}

/** The relay's queues on one shared connection, which stays open when they are closed. */
export function createQueues(options: {
  readonly redis: RedisClient;
  /** As a hash tag: `{mention-relay}`. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}): Queues {
  const open = createOpenQueues(options);
  const polls = createPollQueue(open);
  const sweeps = createSweepQueue(open);
  const deliveries = createDeliveryQueues(open, options);
  return {
    ...deliveries,
    startLooking: (intervalMs, look) => sweeps.startLooking(intervalMs, look),
    lookSoon: () => sweeps.lookSoon(),
    startPolling: (intervalMs, turn) => polls.startPolling(intervalMs, turn),
    pollBetween: (delayMs, token) => polls.pollBetween(delayMs, token),
    async mend(intervalMs) {
      await polls.restartPolling(intervalMs);
      await sweeps.restartLooking();
    },
    scheduled: async () => (await polls.pollsScheduled()) && (await sweeps.looksScheduled()),
    waitFor: open.waitFor,
    stopping: open.stopping,
    close: open.close,
  };
}

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

  async function lookSoon(): Promise<void> {
    // While one waits, another would find nothing more to do. What happens while one is at work is
    // left to the next one.
    await queue(SWEEP).add(SOON, {}, { ...ONCE, deduplication: { id: SOON } });
  }

  return {
    async startLooking(intervalMs, look) {
      everyMs = intervalMs;
      await schedule();
      createWorker(SWEEP, () => look(stopping.begun), { concurrency: 1, ...LOCKS });
      await lookSoon();
    },
    lookSoon,
    restartLooking: schedule,
    looksScheduled: async () =>
      everyMs === undefined || (await queue(SWEEP).getJobSchedulersCount()) > 0,
  };
}
