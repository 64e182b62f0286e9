import type { Queue } from 'bullmq';
import type { RedisClient } from '../redis/redis-client.ts';
import { alertAtMs } from '../domain/alert.ts';
import { mentionIdOf, type Delivery, type FailedDelivery } from '../domain/delivery.ts';
import { dropForeignKeys } from './damaged-jobs.ts';
import { readKept, readTime } from './delivery-data.ts';
import { jobHandle, retryTogether } from './bullmq-internals.ts';
import { deliveryQueue, readJob, type KeptJob } from './kept-jobs.ts';
import { createOpenQueues } from './open-queues.ts';

/** A selection of a webhook's failed deliveries. */
export interface FailedSelection {
  /** Ids of jobs; absent for all. */
  readonly jobIds?: ReadonlySet<string>;
  /** Only deliveries that failed at this time or later. */
  readonly sinceMs?: number;
}

/** Finds, retries and discards failed deliveries, for an operator. */
export interface FailedDeliveries {
  /** Returns failed deliveries, oldest first: by the times of spotting, polling and failure. */
  find(webhook: string, selection: FailedSelection): Promise<readonly FailedDelivery[]>;
  /**
   * Moves deliveries to the head of their queue, in the given order, with their attempts counted
   * from the start. Skips deliveries that have not failed, and returns the number of the others. A
   * delivery is failed or waiting at every moment.
   */
  retry(webhook: string, jobIds: readonly string[]): Promise<number>;
  /** Removes deliveries that are still failed, for good, and returns their number. */
  discard(webhook: string, jobIds: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

const READ_AT_ONCE = 200;
// A transaction of this size blocks Redis for about 0.25 s.
const RETRIED_AT_ONCE = 10_000;

/** Opens the failed deliveries on a connection, which stays open when this is closed. */
export function createFailedDeliveries(options: {
  readonly redis: RedisClient;
  /** As a hash tag: `{mention-relay}`. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}): FailedDeliveries {
  const { redis } = options;
  const open = createOpenQueues(options);
  const queue = (webhook: string): Queue => open.queue(deliveryQueue(webhook));

  return {
    async find(webhook, { jobIds, sinceMs = 0 }) {
      const own = queue(webhook);
      const failed = await own.getRanges(['failed'], 0, -1, true);
      const wanted = jobIds ? failed.filter((id) => jobIds.has(id)) : failed;
      const found: FailedDelivery[] = [];
      for (let start = 0; start < wanted.length; start += READ_AT_ONCE) {
        const ids = wanted.slice(start, start + READ_AT_ONCE);
        const jobs = await Promise.all(ids.map((id) => readJob(redis, own.toKey(id))));
        const times = await redis.zmscore(own.toKey('failed'), ...ids);
        for (const [index, job] of jobs.entries()) {
          const failedAt = times[index] ?? null;
          // Another process may have just retried or removed the delivery.
          if (failedAt === null || Number(failedAt) < sinceMs) continue;
          found.push(
            describe({ webhook, jobId: ids[index] ?? '', failedAtMs: Number(failedAt) }, job),
          );
        }
      }
      return found.sort(byAge);
    },

    async retry(webhook, jobIds) {
      const own = queue(webhook);
      await dropForeignKeys(redis, jobIds.map(own.toKey));
      let retried = 0;
      // Newest first, so that the oldest ends up in front.
      for (const ids of chunks(jobIds.toReversed(), RETRIED_AT_ONCE)) {
        retried += await retryTogether(own, ids);
      }
      return retried;
    },

    async discard(webhook, jobIds) {
      const own = queue(webhook);
      await dropForeignKeys(redis, jobIds.map(own.toKey));
      let discarded = 0;
      for (const id of jobIds) {
        const job = jobHandle(own, id);
        if (!(await job.isFailed())) continue;
        await job.remove();
        discarded += 1;
      }
      return discarded;
    },

    async close() {
      await open.close(0);
    },
  };
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

function describe(
  about: Pick<FailedDelivery, 'webhook' | 'jobId' | 'failedAtMs'>,
  job: KeptJob,
): FailedDelivery {
  const { kind, content, reading } = readKept(about.webhook, job.data);
  const { polledAtMs } = Object(job.data) as { readonly polledAtMs?: unknown };
  return {
    ...about,
    kind,
    content,
    mentionId: reading.ok ? mentionIdOf(reading.value) : null,
    attempts: job.attempts,
    reason: job.failedReason ?? 'unknown',
    spottedAtMs: reading.ok ? spottedAtMsOf(reading.value) : null,
    polledAtMs: readTime(polledAtMs),
  };
}

function spottedAtMsOf(delivery: Delivery): number | null {
  return delivery.kind === 'alert' ? alertAtMs(delivery.alert) : delivery.mention.spottedAtMs;
}

function byAge(a: FailedDelivery, b: FailedDelivery): number {
  return (
    (a.spottedAtMs ?? Infinity) - (b.spottedAtMs ?? Infinity) ||
    (a.polledAtMs ?? Infinity) - (b.polledAtMs ?? Infinity) ||
    0
  );
}
