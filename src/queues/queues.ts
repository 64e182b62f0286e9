import type { RedisClient } from '../redis/redis-client.ts';
import { createDeliveryQueues, type DeliveryQueues } from './delivery-queue.ts';
import { createOpenQueues, type OpenQueues } from './open-queues.ts';
import {
  createPollQueue,
  createSweepQueue,
  type PollQueue,
  type SweepQueue,
} from './repeatable-jobs.ts';

/** All queues of the relay: polls, sweeps, and one queue of deliveries per webhook. */
export interface Queues
  extends
    Pick<PollQueue, 'startPolling' | 'askForExtraPoll'>,
    Pick<SweepQueue, 'startSweeping' | 'sweepSoon'>,
    Pick<OpenQueues, 'waitFor' | 'stopping' | 'close'>,
    DeliveryQueues {
  /**
   * Restores the schedules and polls at once. Used if polls stopped because Redis was emptied, or a
   * replica with a fast clock set the next poll far in the future.
   */
  reschedule(intervalMs: number): Promise<void>;
  /** Returns true if all schedules exist. */
  scheduled(): Promise<boolean>;
}

/** Creates the relay's queues on one shared connection, which stays open when they are closed. */
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
    startSweeping: (intervalMs, sweep) => sweeps.startSweeping(intervalMs, sweep),
    sweepSoon: () => sweeps.sweepSoon(),
    startPolling: (intervalMs, poll) => polls.startPolling(intervalMs, poll),
    askForExtraPoll: (delayMs, token) => polls.askForExtraPoll(delayMs, token),
    async reschedule(intervalMs) {
      await polls.reschedulePolls(intervalMs);
      await sweeps.rescheduleSweeps();
    },
    scheduled: async () => (await polls.pollsScheduled()) && (await sweeps.sweepsScheduled()),
    waitFor: open.waitFor,
    stopping: open.stopping,
    close: open.close,
  };
}
