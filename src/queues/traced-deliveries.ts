import type { Delivery } from '../domain/delivery.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import { dueAtMs } from './bullmq-internals.ts';
import { readJob } from './damaged-jobs.ts';
import { readKept } from './delivery-data.ts';
import { deliveryQueue } from './delivery-queue.ts';
import { createOpenQueues } from './open-queues.ts';

/** A delivery in its queue, as an operator finds it. */
export interface QueuedDelivery {
  readonly webhook: string;
  readonly jobId: string;
  readonly delivery: Delivery;
  readonly queuedAtMs: number | null;
  /** The attempts that have ended. */
  readonly attempts: number;
  /** The reason for which the last one failed; null if none did. */
  readonly reason: string | null;
  readonly at:
    | { readonly state: 'active' }
    /** `before`: the number of deliveries that go first. */
    | { readonly state: 'waiting'; readonly before: number }
    | { readonly state: 'retrying'; readonly dueAtMs: number }
    | { readonly state: 'failed'; readonly atMs: number };
}

/** Finds queued and failed deliveries of one webhook. Changes nothing. */
export interface TracedDeliveries {
  /** Reads the deliveries with these job ids. Leaves out those that are not there, or unreadable. */
  find(webhook: string, jobIds: readonly string[]): Promise<readonly QueuedDelivery[]>;
  /** Finds the deliveries that `isWanted` accepts, in a time that grows with all that are queued. */
  search(
    webhook: string,
    isWanted: (delivery: Delivery) => boolean,
  ): Promise<readonly QueuedDelivery[]>;
  /** Returns which of these jobs are still to be sent: they wait, are retried, or are being sent. */
  pending(webhook: string, jobIds: readonly string[]): Promise<ReadonlySet<string>>;
  close(): Promise<void>;
}

const READ_AT_ONCE = 500;

/** Opens the queues on a connection, which stays open when they are closed. */
export function createTracedDeliveries(options: {
  readonly redis: RedisClient;
  /** As a hash tag: `{mention-relay}`. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}): TracedDeliveries {
  const { redis } = options;
  const open = createOpenQueues(options);

  async function stateOf(webhook: string, id: string): Promise<QueuedDelivery['at'] | null> {
    const own = open.queue(deliveryQueue(webhook));
    const [failed, delayed, position, length, active] = await Promise.all([
      redis.zscore(own.toKey('failed'), id),
      redis.zscore(own.toKey('delayed'), id),
      // The last one of the list is taken first, so the search ends soonest there.
      redis.lpos(own.toKey('wait'), id, 'RANK', -1),
      redis.llen(own.toKey('wait')),
      redis.lpos(own.toKey('active'), id),
    ]);
    if (failed !== null) return { state: 'failed', atMs: Number(failed) };
    if (delayed !== null) return { state: 'retrying', dueAtMs: dueAtMs(delayed) };
    if (position !== null) {
      return { state: 'waiting', before: Math.max(0, length - 1 - position) };
    }
    return active === null ? null : { state: 'active' };
  }

  async function find(
    webhook: string,
    jobIds: readonly string[],
  ): Promise<readonly QueuedDelivery[]> {
    const own = open.queue(deliveryQueue(webhook));
    const found = await Promise.all(
      jobIds.map(async (jobId): Promise<readonly QueuedDelivery[]> => {
        const { data, queuedAtMs, attempts, failedReason } = await readJob(redis, own.toKey(jobId));
        const { reading } = readKept(webhook, data);
        // A job that is being finished or taken is in no state for a moment, but it is there.
        const at = reading.ok
          ? ((await stateOf(webhook, jobId)) ?? (await stateOf(webhook, jobId)))
          : null;
        if (!reading.ok || at === null) return [];
        const delivery = reading.value;
        return [{ webhook, jobId, delivery, queuedAtMs, attempts, reason: failedReason, at }];
      }),
    );
    return found.flat();
  }

  return {
    find,
    async search(webhook, isWanted) {
      const own = open.queue(deliveryQueue(webhook));
      const ids = await own.getRanges(['active', 'wait', 'delayed', 'failed'], 0, -1, true);
      const wanted: string[] = [];
      for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
        const page = ids.slice(start, start + READ_AT_ONCE);
        const jobs = await Promise.all(page.map((id) => readJob(redis, own.toKey(id))));
        for (const [index, { data }] of jobs.entries()) {
          const { reading } = readKept(webhook, data);
          const id = page[index];
          if (id !== undefined && reading.ok && isWanted(reading.value)) wanted.push(id);
        }
      }
      return find(webhook, [...new Set(wanted)]);
    },
    async pending(webhook, jobIds) {
      const own = open.queue(deliveryQueue(webhook));
      const asked = jobIds.map(async (id) => {
        const [exists, failed] = await Promise.all([
          redis.exists(own.toKey(id)),
          redis.zscore(own.toKey('failed'), id),
        ]);
        return exists === 1 && failed === null ? [id] : [];
      });
      return new Set((await Promise.all(asked)).flat());
    },
    close: async () => void (await open.close(0)),
  };
}
