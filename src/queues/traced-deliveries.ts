import type { Delivery } from '../domain/delivery.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import { readKept } from './delivery-data.ts';
import { deliveryKeys, dueAtMs, readJob } from './kept-jobs.ts';

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
}

const READ_AT_ONCE = 500;

/** Reads the queues whose names begin with `prefix`, a hash tag: `{mention-relay}`. */
export function createTracedDeliveries(redis: RedisClient, prefix: string): TracedDeliveries {
  async function stateOf(webhook: string, id: string): Promise<QueuedDelivery['at'] | null> {
    const key = deliveryKeys(prefix, webhook);
    const [failed, delayed, position, length, active] = await Promise.all([
      redis.zscore(key('failed'), id),
      redis.zscore(key('delayed'), id),
      // The last one of the list is taken first, so the search ends soonest there.
      redis.lpos(key('wait'), id, 'RANK', -1),
      redis.llen(key('wait')),
      redis.lpos(key('active'), id),
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
    const key = deliveryKeys(prefix, webhook);
    const found = await Promise.all(
      jobIds.map(async (jobId): Promise<readonly QueuedDelivery[]> => {
        const { data, queuedAtMs, attempts, failedReason } = await readJob(redis, key(jobId));
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

  /** Returns the ids of all jobs, those that wait in their order. One that moves meanwhile is there once. */
  async function allIds(key: (name: string) => string): Promise<readonly string[]> {
    const replies = await redis
      .multi()
      .lrange(key('active'), 0, -1)
      .lrange(key('wait'), 0, -1)
      .zrange(key('delayed'), '0', '-1')
      .zrange(key('failed'), '0', '-1')
      .exec();
    const [active = [], wait = [], ...others] = (replies ?? []).map(([error, ids]) => {
      if (error) throw error;
      return ids as readonly string[];
    });
    return [...active.toReversed(), ...wait.toReversed(), ...others.flat()];
  }

  return {
    find,
    async search(webhook, isWanted) {
      const key = deliveryKeys(prefix, webhook);
      const ids = await allIds(key);
      const wanted: string[] = [];
      for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
        const page = ids.slice(start, start + READ_AT_ONCE);
        const jobs = await Promise.all(page.map((id) => readJob(redis, key(id))));
        for (const [index, { data }] of jobs.entries()) {
          const { reading } = readKept(webhook, data);
          const id = page[index];
          if (id !== undefined && reading.ok && isWanted(reading.value)) wanted.push(id);
        }
      }
      return find(webhook, [...new Set(wanted)]);
    },
    async pending(webhook, jobIds) {
      const key = deliveryKeys(prefix, webhook);
      const asked = jobIds.map(async (id) => {
        const [exists, failed] = await Promise.all([
          redis.exists(key(id)),
          redis.zscore(key('failed'), id),
        ]);
        return exists === 1 && failed === null ? [id] : [];
      });
      return new Set((await Promise.all(asked)).flat());
    },
  };
}
