import type { RedisClient } from '../redis-client.ts';
import { createWorkerSigns, SIGN_INTERVAL_MS } from '../worker-signs.ts';
import { createQueuedDeliveries, type QueuedDeliveries } from './queued-deliveries.ts';
import { createOpenQueues } from './open-queues.ts';
import { createPollQueue, type PollQueue } from './poll-queue.ts';
import { createSweepQueue, type SweepQueue } from './sweep-queue.ts';
import { takeover, type TakenOver } from './takeover.ts';

/** All queues of the relay: polls, looks at the groups, and one queue of deliveries a webhook. */
export interface Queues
  extends
    Pick<PollQueue, 'startPolling' | 'pollBetween'>,
    Pick<SweepQueue, 'startLooking' | 'lookSoon'>,
    Omit<QueuedDeliveries, 'deliveryWorkers'> {
  /**
   * Puts the heartbeat back, with a turn at once, and all else that the queues keep in Redis beside
   * their jobs: for when turns have stopped, because Redis was emptied, or because a replica whose
   * clock was ahead left the next turn far in the future.
   */
  mend(intervalMs: number): Promise<void>;
  /** Whether all that is to come again and again is scheduled. */
  scheduled(): Promise<boolean>;
  /**
   * From now on until the queues are closed, gives signs of life of this replica, and takes up
   * again, within about a dozen seconds, what a replica that died had under way. `tell` hears what
   * was taken over.
   */
  startTakingOver(key: string, tell: (taken: TakenOver) => void): void;
  /**
   * Stops taking work and waits for what is under way: polls and looks are interrupted at once, and so are
   * deliveries whose POST has not begun; POSTs under way have `graceMs` and are then broken off.
   * Deliveries that were interrupted go back to the head of their queue.
   */
  close(graceMs: number): Promise<'in time' | 'overdue'>;
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
  const { deliveryWorkers, ...deliveries } = createQueuedDeliveries(open, options);
  let signing: NodeJS.Timeout | undefined;
  return {
    ...deliveries,
    startTakingOver(key, tell) {
      const takeOver = takeover(options.redis, createWorkerSigns(options.redis, key));
      let looking = false;
      async function look(): Promise<void> {
        // While Redis is away, one look waits for it, and not one for each interval.
        if (looking) return;
        looking = true;
        try {
          (await takeOver(deliveryWorkers)).forEach(tell);
        } catch (error) {
          options.onError(error as Error);
        } finally {
          looking = false;
        }
      }
      void look();
      signing = setInterval(() => void look(), SIGN_INTERVAL_MS);
    },
    startLooking: (intervalMs, look) => sweeps.startLooking(intervalMs, look),
    lookSoon: () => sweeps.lookSoon(),
    startPolling: (intervalMs, turn) => polls.startPolling(intervalMs, turn),
    pollBetween: (delayMs, token) => polls.pollBetween(delayMs, token),
    async mend(intervalMs) {
      await polls.restartPolling(intervalMs);
      await sweeps.restartLooking();
      await deliveries.permitHolds();
    },
    scheduled: async () => (await polls.pollsScheduled()) && (await sweeps.looksScheduled()),
    async close(graceMs) {
      // A replica lives for as long as it may have a POST under way.
      try {
        return await open.close(graceMs);
      } finally {
        clearInterval(signing);
      }
    },
  };
}
