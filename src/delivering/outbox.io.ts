import { alertCause, type CoverageAlert, type GapAlert } from '../domain/alert.ts';
import type { Delivery } from '../domain/delivery.ts';
import { alertDeliveries } from '../routing/fan-out.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import type { RedisClient } from '../redis/redis-client.ts';

/** Queues deliveries to be sent. All methods resolve when Redis has acknowledged them. */
export interface Outbox {
  /** Queues deliveries for one webhook, in this order. */
  readonly enqueue: (webhook: string, deliveries: readonly Delivery[]) => Promise<void>;
  /** Queues deliveries for several webhooks, in this order. */
  readonly put: (deliveries: readonly Delivery[]) => Promise<void>;
  /** Queues an alert for every webhook that wants alerts, at most once per cause and hour. */
  readonly alert: (alert: AboutMentions) => Promise<void>;
}

/** The alerts that have no end. Those about troubles of the relay are the business of `Troubles`. */
type AboutMentions = GapAlert | CoverageAlert;

const HOUR_MS = 3_600_000;

/** Creates the outbox. `enqueue` resolves when Redis has acknowledged the deliveries. */
export function createOutbox({
  webhooks,
  enqueue: toQueue,
  knownWebhooks,
  redis,
  keys,
}: {
  readonly webhooks: readonly Webhook[];
  readonly enqueue: Outbox['enqueue'];
  readonly knownWebhooks: KnownWebhooks;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
}): Outbox {
  async function enqueue(webhook: string, deliveries: readonly Delivery[]): Promise<void> {
    // One round trip: Redis runs them in this order.
    await Promise.all([knownWebhooks.add(webhook), toQueue(webhook, deliveries)]);
  }
  async function put(deliveries: readonly Delivery[]): Promise<void> {
    for (const [webhook, own] of Map.groupBy(deliveries, (delivery) => delivery.webhook)) {
      await enqueue(webhook, own);
    }
  }
  return {
    enqueue,
    put,
    async alert(alert) {
      const recent = keys.alerted(alertCause(alert));
      const leftMs = await redis.pttl(recent);
      // A longer time is from before the clock of Redis went back.
      if (leftMs > 0 && leftMs <= HOUR_MS) return;
      await put(alertDeliveries(webhooks, alert));
      // A crash before this repeats the alert.
      await redis.set(recent, '1', 'PX', HOUR_MS);
    },
  };
}

/** The names of all webhooks that ever had a delivery, also those no longer configured. */
export interface KnownWebhooks {
  /** Call it before each queueing of deliveries: Redis may have been emptied since the last. */
  add(webhook: string): Promise<void>;
  /** In alphabetical order. */
  names(): Promise<readonly string[]>;
  /** Forgets a webhook: its ledger, gate, turns and last resend, then its name. */
  forget(webhook: string): Promise<void>;
}

/** Keeps the names in Redis, for all replicas. */
export function createKnownWebhooks(redis: RedisClient, keys: RedisKeys): KnownWebhooks {
  return {
    async add(webhook) {
      await redis.sadd(keys.webhooks, webhook);
    },
    async names() {
      return (await redis.smembers(keys.webhooks)).toSorted();
    },
    async forget(webhook) {
      const { current, previous } = keys.delivered(webhook);
      const others = [keys.pingTurns(webhook), keys.resend(webhook)];
      await redis.unlink(keys.gate(webhook), current, previous, ...others);
      await redis.srem(keys.webhooks, webhook);
    },
  };
}
