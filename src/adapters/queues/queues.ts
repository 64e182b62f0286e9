import { Queue, Worker, type Job, type QueueOptions, type WorkerOptions } from 'bullmq';
import type { RedisClient } from '../redis-client.ts';
import {
  deliveryJobId,
  type Delivery,
  type DeliveryCounts,
  type DeliveryData,
} from '../../domain/delivery.ts';
import type { DeliveryOutcome, Stopping } from '../../pipeline/deliver.ts';
import type { DueDelivery } from '../../pipeline/delivery-events.ts';
import { deliverReadable, takeBatch } from './batch.ts';
import { deliveryQueue, queueHold } from './delivery-queue.ts';
import { backoffMs, conclude, finish } from './outcomes.ts';

/** All queues of the relay: the heartbeat of polls, and one queue of deliveries a webhook. */
export interface Queues {
  /**
   * Runs `turn` once every interval over all replicas, the first time at once. A turn must not
   * throw.
   */
  startPolling(intervalMs: number, turn: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /**
   * Puts the heartbeat back, with a turn at once, and all else that the queues keep in Redis beside
   * their jobs: for when turns have stopped, because Redis was emptied, or because a replica whose
   * clock was ahead left the next turn far in the future.
   */
  mend(intervalMs: number): Promise<void>;
  /** Has Redis know again what holds of deliveries need, after it was emptied. */
  permitHolds(): Promise<void>;
  /** Resolves when Redis has acknowledged each delivery. One that is queued already is left alone. */
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
  /**
   * Stops taking work and waits for what is under way: a poll is interrupted at once, and so are
   * deliveries whose POST has not begun; POSTs under way have `graceMs` and are then broken off.
   * Deliveries that were interrupted go back to the head of their queue.
   */
  close(graceMs: number): Promise<'in time' | 'overdue'>;
}

// With the usual lock of 30 s, a Redis outage of that length let jobs run again whose POST had
// succeeded; with these an outage of 45 s did not.
const DELIVERY_LOCKS = { lockDuration: 60_000, lockRenewTime: 10_000, stalledInterval: 15_000 };
// A poll is idempotent and wanted soon: after a crash another worker takes it over in seconds.
const POLL_LOCKS = { lockDuration: 5_000, stalledInterval: 2_000 };
// A stalled job is one whose worker died. However often that happens, it is not the job's fault.
const NEVER = 1_000_000_000;
const PURGE_BATCH = 1_000;
const RETRY_DELAY_MS = 1_000;
// A hold that is ended early, by a probe or by an operator, is noticed by every worker within this.
const LONGEST_LIMIT_NAP_MS = 1_000;
// The gate says how long a webhook waits. Its queue is held only so that deliveries do not ask the
// gate without end, and they ask again within this.
const LONGEST_HOLD_MS = 5_000;

/** The relay's queues on one shared connection, which stays open when they are closed. */
export function createQueues(options: {
  readonly redis: RedisClient;
  /** As a hash tag: `{mention-relay}`. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}): Queues {
  const { redis, onError } = options;
  const base: QueueOptions = {
    connection: redis,
    prefix: options.prefix,
    // Nobody reads the event stream: keep next to nothing of it.
    streams: { events: { maxLen: 10 } },
  };
  const holdQueue = queueHold(redis);
  const queues = new Map<string, Queue>();
  const workers: Worker[] = [];
  const delivered = new Set<string>();
  const stopBegun = new AbortController();
  const stopOverdue = new AbortController();
  const stopping = { begun: stopBegun.signal, overdue: stopOverdue.signal };

  function queue(name: string): Queue {
    const known = queues.get(name);
    if (known) return known;
    const created = new Queue(name, base);
    created.on('error', onError);
    queues.set(name, created);
    return created;
  }

  function startWorker(
    name: string,
    process: (job: Job, token: string | undefined) => Promise<void>,
    workerOptions: Omit<WorkerOptions, 'connection' | 'prefix'>,
  ): Worker {
    const worker = new Worker(name, process, {
      ...base,
      maxStalledCount: NEVER,
      // What BullMQ calls a connection error comes from a Cluster whose nodes are all away.
      runRetryDelay: RETRY_DELAY_MS,
      ...workerOptions,
    });
    worker.on('error', onError);
    workers.push(worker);
    return worker;
  }

  async function schedulePolls(intervalMs: number): Promise<void> {
    const once = { removeOnComplete: true, removeOnFail: true };
    await queue(POLL).upsertJobScheduler(
      POLL,
      { every: intervalMs },
      { name: POLL, data: {}, opts: once },
    );
  }

  /** Without any limiter BullMQ ignores a hold: this one never limits by itself. */
  async function allowHolds(webhook: string): Promise<void> {
    await queue(deliveryQueue(webhook)).setGlobalRateLimit(NEVER, 1);
  }

  async function permitHolds(): Promise<void> {
    for (const webhook of delivered) await allowHolds(webhook);
  }

  return {
    async startPolling(intervalMs, turn) {
      await schedulePolls(intervalMs);
      startWorker(POLL, () => turn(stopping.begun), { concurrency: 1, ...POLL_LOCKS });
    },

    async mend(intervalMs) {
      // An upsert alone keeps the time of the next turn.
      await queue(POLL).removeJobScheduler(POLL);
      await schedulePolls(intervalMs);
      await permitHolds();
    },

    permitHolds,

    async enqueue(webhook, deliveries) {
      await queue(deliveryQueue(webhook)).addBulk(
        deliveries.map(({ key, mention, polledAtMs }) => ({
          name: 'deliver',
          data: { key, mention: mention.raw, polledAtMs } satisfies DeliveryData,
          opts: {
            jobId: deliveryJobId(key),
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
      delivered.add(webhook.name);
      const worker = startWorker(
        name,
        async (job, token) => {
          const batch = await takeBatch(worker, job, webhook.batchSize, DELIVERY_LOCKS);
          try {
            const outcomes = await deliverReadable(webhook.name, batch.jobs, (due) =>
              deliver(due, stopping),
            );
            const hold = outcomes.find((outcome) => outcome.kind === 'hold');
            if (hold) await holdQueue(own, Math.min(hold.waitMs, LONGEST_HOLD_MS));
            // The last one first: those that go back to the head of the queue keep their order.
            for (const [index, each] of [...batch.jobs.entries()].slice(1).toReversed()) {
              await finish(each, outcomes[index]).catch(onError);
            }
            return await conclude(job, outcomes[0], token);
          } finally {
            batch.release();
          }
        },
        {
          concurrency: webhook.concurrency,
          ...DELIVERY_LOCKS,
          maximumRateLimitDelay: LONGEST_LIMIT_NAP_MS,
          settings: { backoffStrategy: (_made, _type, error) => backoffMs(error) },
        },
      );
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

    async close(graceMs) {
      const reason = new Error('the relay is stopping');
      stopBegun.abort(reason);
      const timer = setTimeout(() => stopOverdue.abort(reason), graceMs);
      try {
        await Promise.all(workers.map((worker) => worker.close()));
      } finally {
        clearTimeout(timer);
      }
      await Promise.all([...queues.values()].map((open) => open.close()));
      return stopOverdue.signal.aborted ? 'overdue' : 'in time';
    },
  };
}

const POLL = 'poll';
