import type { RedisClient } from '../redis/redis-client.ts';
import { deliveryJobId, type Delivery, type DeliveryCounts } from '../domain/delivery.ts';
import { JOB_OPTIONS } from './bullmq-internals.ts';
import { dropForeignKeys } from './damaged-jobs.ts';
import { dataOf } from './delivery-data.ts';
import { deliveryQueue, readJob } from './kept-jobs.ts';
import {
  MANUAL_WORKER,
  takeDeliveryJobs,
  type DeliveryJobs,
  type UnreadableDelivery,
} from './taken-deliveries.ts';
import type { OpenQueues } from './open-queues.ts';

/** One queue of deliveries per webhook. */
export interface DeliveryQueues {
  /**
   * Queues deliveries, unless they are already queued. Resolves when Redis has acknowledged each.
   * Mentions go to the end of the queue, alerts to its head, so that they overtake a backlog.
   */
  enqueue(webhook: string, deliveries: readonly Delivery[]): Promise<void>;
  /** Opens a webhook's queue, to take its deliveries by hand. */
  takeDeliveries(
    webhook: string,
    onUnreadable: (delivery: UnreadableDelivery) => void,
  ): Promise<DeliveryJobs>;
  counts(webhook: string): Promise<DeliveryCounts>;
  /** Returns the time at which the longest-waiting delivery was queued; null if none waits. */
  oldestWaitingAtMs(webhook: string): Promise<number | null>;
  /** Removes deliveries that failed longer than `ageMs` ago, and returns their number. */
  purgeFailed(webhook: string, ageMs: number): Promise<number>;
}

const PURGE_BATCH = 1_000;
// Of those that wait longest, some may be damaged.
const OLDEST = 9;

/** Creates the queues of deliveries. */
export function createDeliveryQueues(
  { queue, createWorker }: OpenQueues,
  { redis, onError }: { readonly redis: RedisClient; readonly onError: (error: Error) => void },
): DeliveryQueues {
  return {
    async enqueue(webhook, deliveries) {
      await queue(deliveryQueue(webhook)).addBulk(
        inQueueingOrder(deliveries).map((delivery) => ({
          name: 'deliver',
          data: dataOf(delivery),
          opts: {
            jobId: deliveryJobId(delivery.key),
            ...(delivery.kind === 'alert' && { lifo: true }),
            ...JOB_OPTIONS,
          },
        })),
      );
    },

    async takeDeliveries(webhook, onUnreadable) {
      const name = deliveryQueue(webhook);
      const own = queue(name);
      // Releases up to 0.1.0 left a rate limit there, which makes a worker without a processor spin.
      await own.removeGlobalRateLimit();
      const worker = createWorker(name, null, MANUAL_WORKER);
      return takeDeliveryJobs({ webhook, redis, queue: own, worker, onUnreadable, onError });
    },

    async counts(webhook) {
      const { waiting, active, delayed, failed } = await queue(deliveryQueue(webhook)).getJobCounts(
        'waiting',
        'active',
        'delayed',
        'failed',
      );
      return {
        waiting: waiting ?? 0,
        active: active ?? 0,
        retrying: delayed ?? 0,
        failed: failed ?? 0,
      };
    },

    async oldestWaitingAtMs(webhook) {
      const own = queue(deliveryQueue(webhook));
      for (const id of await own.getRanges(['wait'], 0, OLDEST, true)) {
        const { queuedAtMs } = await readJob(redis, own.toKey(id));
        if (queuedAtMs !== null) return queuedAtMs;
      }
      return null;
    },

    async purgeFailed(webhook, ageMs) {
      const own = queue(deliveryQueue(webhook));
      let purged = 0;
      for (;;) {
        const oldest = await own.getRanges(['failed'], 0, PURGE_BATCH - 1, true);
        await dropForeignKeys(redis, oldest.map(own.toKey));
        const removed = await own.clean(ageMs, PURGE_BATCH, 'failed');
        purged += removed.length;
        if (removed.length < PURGE_BATCH) return purged;
      }
    },
  };
}

/** Reverses alerts, since each is pushed to the head; they end up in order. */
function inQueueingOrder(deliveries: readonly Delivery[]): readonly Delivery[] {
  const alerts = deliveries.filter(({ kind }) => kind === 'alert');
  return [...deliveries.filter(({ kind }) => kind !== 'alert'), ...alerts.toReversed()];
}
