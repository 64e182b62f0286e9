import { Job, type Queue } from 'bullmq';
import type { RedisClient } from '../redis/redis-client.ts';
import { alertAtMs } from '../domain/alert.ts';
import { mentionIdOf, type Delivery, type FailedDelivery } from '../domain/delivery.ts';
import { readKept } from './delivery-data.ts';
import { deliveryQueue, queueHold } from './delivery-queue.ts';
import { createOpenQueues } from './open-queues.ts';

/** Which of a webhook's failed deliveries. */
export interface FailedSelection {
  /** Ids of jobs; absent for all. */
  readonly jobIds?: ReadonlySet<string>;
  /** Those that failed at this time or later. */
  readonly sinceMs?: number;
}

/** The failed deliveries of all webhooks, for an operator. */
export interface FailedDeliveries {
  /** Oldest spotted first, then in the order in which they were polled, queued and failed. */
  find(webhook: string, selection: FailedSelection): Promise<readonly FailedDelivery[]>;
  /**
   * Puts them back at the head of their queue, in the order given, their attempts counted from the
   * start again, and ends a hold of the queue. Says how many they were: those that are no longer
   * failed are left alone. A delivery is at every moment either failed or waiting: where this is
   * cut short, the rest are still failed, and the queue goes on within half a minute.
   */
  retry(webhook: string, jobIds: readonly string[]): Promise<number>;
  /** Removes those that are still failed, for good, and says how many they were. */
  discard(webhook: string, jobIds: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

const READ_AT_ONCE = 200;
const HOLD_MS = 30_000;
const RENEW_HOLD_AFTER = 100;
const PUT_BACK = { resetAttemptsMade: true, resetAttemptsStarted: true };

/** The failed deliveries on one connection, which stays open when this is closed. */
export function createFailedDeliveries(options: {
  readonly redis: RedisClient;
  /** As a hash tag: `{mention-relay}`. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}): FailedDeliveries {
  const holdQueue = queueHold(options.redis);
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
        const jobs = await Promise.all(ids.map((id) => Job.fromId(own, id)));
        for (const job of jobs) {
          // One that somebody else has just put back or removed is not failed any more.
          if (job?.finishedOn === undefined || job.finishedOn < sinceMs) continue;
          found.push(describe(webhook, job, job.finishedOn));
        }
      }
      return found.sort(byAge);
    },

    async retry(webhook, jobIds) {
      const own = queue(webhook);
      let retried = 0;
      // The newest first, each to the head: so the oldest ends up in front, and all of them before
      // those that wait. Until then no worker may take one.
      for (const [index, id] of jobIds.toReversed().entries()) {
        if (index % RENEW_HOLD_AFTER === 0) await holdQueue(own, HOLD_MS);
        if (await putBack(own, id)) retried += 1;
      }
      await own.removeRateLimitKey();
      return retried;
    },

    async discard(webhook, jobIds) {
      const own = queue(webhook);
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

/** A job to act on without reading it. `lifo` is what sends a retried job to the head of its queue. */
function jobHandle(queue: Queue, id: string): Job {
  return new Job(queue, 'deliver', {}, { lifo: true }, id);
}

async function putBack(queue: Queue, id: string): Promise<boolean> {
  try {
    await jobHandle(queue, id).retry('failed', PUT_BACK);
    return true;
  } catch (error) {
    // -1: there is no such job; -3: it is not failed (BullMQ, ErrorCode).
    const { code } = error as { code?: unknown };
    if (code === -1 || code === -3) return false;
    throw error;
  }
}

function describe(webhook: string, job: Job, failedAtMs: number): FailedDelivery {
  const { kind, content, reading } = readKept(webhook, job.data);
  const { polledAtMs } = job.data as { readonly polledAtMs?: number };
  return {
    webhook,
    jobId: job.id ?? '',
    kind,
    content,
    mentionId: reading.ok ? mentionIdOf(reading.value) : null,
    attempts: job.attemptsMade,
    reason: job.failedReason ?? 'unknown',
    spottedAtMs: reading.ok ? spottedAtMsOf(reading.value) : null,
    polledAtMs: polledAtMs ?? null,
    failedAtMs,
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
