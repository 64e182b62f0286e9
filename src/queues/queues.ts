import type { RedisClient } from '../redis/redis-client.ts';
import { boundWaits, type QueueTimes, type ReplicaTime } from './bullmq-internals.ts';
import { createDeliveryQueues, type DeliveryQueues } from './delivery-queue.ts';
import { deliveryQueue } from './kept-jobs.ts';
import { createOpenQueues, type OpenQueues } from './open-queues.ts';
import {
  createPollQueue,
  createSweepQueue,
  POLL,
  POLL_LOCKS,
  SWEEP,
  SWEEP_LOCKS,
  type PollQueue,
  type SweepQueue,
} from './repeatable-jobs.ts';
import { MANUAL_WORKER } from './taken-deliveries.ts';

/** All queues of the relay: polls, sweeps, and one queue of deliveries per webhook. */
export interface Queues
  extends
    Pick<PollQueue, 'startPolling' | 'askForExtraPoll'>,
    Pick<SweepQueue, 'startSweeping' | 'sweepSoon'>,
    Pick<OpenQueues, 'waitFor' | 'stopping' | 'close'>,
    DeliveryQueues {
  /**
   * Restores the schedules and polls at once. Used if polls stopped because Redis was emptied, a
   * replica with a fast clock set the next poll far in the future, or a clock went back.
   */
  reschedule(intervalMs: number): Promise<void>;
  /** Returns true if all schedules exist. */
  scheduled(): Promise<boolean>;
  /**
   * Lets waits begin again that a clock that went back has made longer than they were set for: of
   * retries, and of deliveries, polls and sweeps of dead replicas.
   */
  boundWaits(webhooks: readonly string[], now: ReplicaTime): Promise<void>;
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
    async boundWaits(webhooks, now) {
      const times = new Map<string, QueueTimes>([
        [POLL, POLL_LOCKS],
        [SWEEP, SWEEP_LOCKS],
        ...webhooks.map((name) => [deliveryQueue(name), MANUAL_WORKER] as const),
      ]);
      await Promise.all(
        [...times].map(([name, own]) => boundWaits(options.redis, open.queue(name), own, now)),
      );
    },
    waitFor: open.waitFor,
    stopping: open.stopping,
    close: open.close,
  };
}
