import type { Queue } from 'bullmq';
import { type RedisClient, luaScript } from '../redis/redis-client.ts';
import { deliveryJobId, type Delivery, type DeliveryCounts } from '../domain/delivery.ts';
import type { DeliveryOutcome, Stopping } from './delivery-outcome.ts';
import type { DueDelivery } from './delivery-outcome.ts';
import { deliverReadable, takeBatch } from './batch.ts';
import { dataOf } from './delivery-data.ts';
import { NEVER, type OpenQueues } from './open-queues.ts';
import { backoffMs, conclude, finishAll } from './outcomes.ts';

/** One queue of deliveries a webhook. */
export interface QueuedDeliveries {
  /** Has Redis know again what holds of deliveries need, after it was emptied. */
  permitHolds(): Promise<void>;
  /**
   * Resolves when Redis has acknowledged each delivery. One that is queued already is left alone.
   * Mentions go to the end of the queue; alerts to its head, so that they overtake a backlog.
   */
  enqueue(webhook: string, deliveries: readonly Delivery[]): Promise<void>;
  /**
   * Takes a webhook's deliveries in their order, `concurrency` times at once; each time the next
   * one, and as many more as wait with it, `batchSize` in all. `deliver` answers in their order.
   */
  startDelivering(
    webhook: { readonly name: string; readonly concurrency: number; readonly batchSize: number },
    deliver: (
      due: readonly DueDelivery[],
      stopping: Stopping,
    ) => Promise<readonly DeliveryOutcome[]>,
  ): Promise<void>;
  counts(webhook: string): Promise<DeliveryCounts>;
  /** When the delivery that has waited longest was queued; null if none waits. */
  oldestWaitingAtMs(webhook: string): Promise<number | null>;
  /** Removes failed deliveries that failed longer ago than `ageMs`, and says how many they were. */
  purgeFailed(webhook: string, ageMs: number): Promise<number>;
}

// With the usual lock of 30 s, a Redis outage of that length let jobs run again whose POST had
// succeeded; with these an outage of 45 s did not. After a crash, what was under way
// waits for its lock to run out.
const LOCKS = { lockDuration: 60_000, lockRenewTime: 10_000, stalledInterval: 15_000 };
const PURGE_BATCH = 1_000;
// A hold that is ended early, by a probe or by an operator, is noticed by every worker within this.
const MAX_LIMIT_NAP_MS = 1_000;
// A worker without work asks this often whether there is any, beside being told: half as often as
// BullMQ does by default. With many webhooks that is most of what an idle relay does.
const MAX_IDLE_SECONDS = 10;
// The gate says how long a webhook waits. Its queue is held only so that deliveries do not ask the
// gate without end, and they ask again within this.
const MAX_HOLD_MS = 5_000;

/** The queues of deliveries, none of which is taken from yet. */
export function createQueuedDeliveries(
  { queue, startWorker, stopping }: OpenQueues,
  { redis, onError }: { readonly redis: RedisClient; readonly onError: (error: Error) => void },
): QueuedDeliveries {
  const holdQueue = queueHold(redis);
  const started: string[] = [];

  /** Without any limiter BullMQ ignores a hold: this one never limits by itself. */
  async function allowHolds(webhook: string): Promise<void> {
    await queue(deliveryQueue(webhook)).setGlobalRateLimit(NEVER, 1);
  }

  return {
    async permitHolds() {
      for (const webhook of started) await allowHolds(webhook);
    },

    async enqueue(webhook, deliveries) {
      await queue(deliveryQueue(webhook)).addBulk(
        inQueueingOrder(deliveries).map((delivery) => ({
          name: 'deliver',
          data: dataOf(delivery),
          opts: {
            jobId: deliveryJobId(delivery.key),
            ...(delivery.kind === 'alert' && { lifo: true }),
            // The pipeline decides when it is enough: the schedule may change while jobs wait.
            attempts: NEVER,
            backoff: { type: 'custom' },
            removeOnComplete: true,
            removeOnFail: false,
            stackTraceLimit: 0,
          },
        })),
      );
    },

    async startDelivering(webhook, deliver) {
      const name = deliveryQueue(webhook.name);
      const own = queue(name);
      await allowHolds(webhook.name);
      const worker = startWorker(
        name,
        async (job, token) => {
          const batch = await takeBatch(worker, job, webhook.batchSize, LOCKS);
          try {
            const outcomes = await deliverReadable(webhook.name, batch.jobs, (due) =>
              deliver(due, stopping),
            );
            const hold = outcomes.find((outcome) => outcome.kind === 'hold');
            if (hold) await holdQueue(own, Math.min(hold.waitMs, MAX_HOLD_MS));
            await finishAll(batch.jobs.slice(1), outcomes.slice(1), onError);
            return await conclude(job, outcomes[0], token);
          } finally {
            batch.release();
          }
        },
        {
          concurrency: webhook.concurrency,
          ...LOCKS,
          maximumRateLimitDelay: MAX_LIMIT_NAP_MS,
          drainDelay: MAX_IDLE_SECONDS,
          settings: { backoffStrategy: (_made, _type, error) => backoffMs(error) },
        },
      );
      started.push(webhook.name);
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
      const [oldest] = await queue(deliveryQueue(webhook)).getWaiting(0, 0);
      return oldest?.timestamp ?? null;
    },

    async purgeFailed(webhook, ageMs) {
      let purged = 0;
      for (;;) {
        const removed = await queue(deliveryQueue(webhook)).clean(ageMs, PURGE_BATCH, 'failed');
        purged += removed.length;
        if (removed.length < PURGE_BATCH) return purged;
      }
    },
  };
}

/** Those that go to the head of the queue in reverse: so they end up there in their own order. */
function inQueueingOrder(deliveries: readonly Delivery[]): readonly Delivery[] {
  const alerts = deliveries.filter(({ kind }) => kind === 'alert');
  return [...deliveries.filter(({ kind }) => kind !== 'alert'), ...alerts.toReversed()];
}

/** The name of a webhook's queue of deliveries. */
export function deliveryQueue(webhook: string): string {
  return `deliver-${webhook}`;
}

// What Queue.rateLimit() does, but several attempts under way may each be told to wait, on several
// replicas at the same moment: the longest wait counts.
const HOLD = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '9007199254740991', 'PX', ARGV[1])
end
return 1
`;

/**
 * Holds a queue of deliveries: no worker takes anything from it for so long, or until
 * `Queue.removeRateLimitKey()` ends it.
 */
export function queueHold(redis: RedisClient): (queue: Queue, durationMs: number) => Promise<void> {
  const hold = luaScript(redis, HOLD);
  return async (queue, durationMs) => {
    await hold([queue.toKey('limiter')], [Math.ceil(durationMs)]);
  };
}
