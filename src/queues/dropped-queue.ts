import type { DeliveryCounts } from '../domain/delivery.ts';
import type { CommandRecord } from '../domain/event-log.ts';
import { luaScript, readLua, type RedisClient } from '../redis/redis-client.ts';
import { deliveryKeys } from './kept-jobs.ts';
import { MANUAL_WORKER } from './taken-deliveries.ts';

/** The queue of a webhook that is no longer configured. */
export interface DroppedQueue {
  counts(): Promise<DeliveryCounts>;
  /** Returns true if a replica has served the queue within the last 15 seconds. */
  isServed(): Promise<boolean>;
  /**
   * Removes all deliveries that no replica has taken, for good, in steps that block Redis for
   * milliseconds. Each step records what the run has removed. Returns the numbers of those removed;
   * `active` is the number of those left.
   */
  drop(record: CommandRecord): Promise<DeliveryCounts>;
}

/** Runs as each step of a drop. */
export const DROP = readLua(new URL('./drop-jobs.lua', import.meta.url));
const DROPPED_AT_ONCE = 1_000;
const BOOKKEEPING = ['meta', 'id', 'events', 'marker', 'stalled', 'stalled-check', 'limiter'];

/** Returns the queue of a webhook, without BullMQ, which would write to it again. */
export function droppedQueue(redis: RedisClient, prefix: string, webhook: string): DroppedQueue {
  const key = deliveryKeys(prefix, webhook);
  const states = ['wait', 'delayed', 'failed', 'active'].map(key);
  const dropJobs = luaScript(redis, DROP);

  return {
    async counts() {
      const [waiting, retrying, failed, active] = await Promise.all([
        redis.llen(key('wait')),
        redis.zcard(key('delayed')),
        redis.zcard(key('failed')),
        redis.llen(key('active')),
      ]);
      return { waiting, active, retrying, failed };
    },

    async isServed() {
      const leftMs = await redis.pttl(key('stalled-check'));
      // A longer time is from before the clock of Redis went back.
      return leftMs > 0 && leftMs <= MANUAL_WORKER.stalledInterval;
    },

    async drop({ list, fields, most }) {
      const head = JSON.stringify(fields).slice(0, -1);
      const sum = { waiting: 0, active: 0, retrying: 0, failed: 0 };
      let recorded: readonly number[] = [0, 0, 0];
      for (;;) {
        const reply = (await dropJobs(
          [...states, list, ...BOOKKEEPING.map(key)],
          [key(''), DROPPED_AT_ONCE, most, head, ...recorded],
        )) as [number, number, number, number, ...number[]];
        const [waiting, retrying, failed, active, ...record] = reply;
        sum.waiting += waiting;
        sum.retrying += retrying;
        sum.failed += failed;
        sum.active = active;
        if (waiting + retrying + failed < DROPPED_AT_ONCE) return sum;
        recorded = record;
      }
    },
  };
}
