import { type Alert, alertCause } from '../domain/alert.ts';
import type { Delivery } from '../domain/delivery.ts';
import { alertDeliveries } from '../routing/fan-out.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import type { RedisClient } from '../redis/redis-client.ts';

/** Where deliveries are put to be sent. All resolve when Redis has acknowledged them. */
export interface Outbox {
  /** To one webhook, in this order. */
  readonly enqueue: (webhook: string, deliveries: readonly Delivery[]) => Promise<void>;
  /** To whichever webhook each is for, in this order. */
  readonly put: (deliveries: readonly Delivery[]) => Promise<void>;
  /** To every webhook that wants alerts, unless one with the same cause was sent within the hour. */
  readonly alert: (alert: Alert) => Promise<void>;
}

/** The outbox of these webhooks. `enqueue` resolves when Redis has acknowledged the deliveries. */
export function createOutbox({
  webhooks,
  enqueue: toQueue,
  knownWebhooks,
  recentAlerts,
}: {
  readonly webhooks: readonly Webhook[];
  readonly enqueue: Outbox['enqueue'];
  readonly knownWebhooks: KnownWebhooks;
  readonly recentAlerts: RecentAlerts;
}): Outbox {
  async function enqueue(webhook: string, deliveries: readonly Delivery[]): Promise<void> {
    await knownWebhooks.add(webhook);
    await toQueue(webhook, deliveries);
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
      if (await recentAlerts.has(alert)) return;
      await put(alertDeliveries(webhooks, alert));
      await recentAlerts.add(alert);
    },
  };
}

/** The names of all webhooks that ever had a delivery, also those no longer configured. */
export interface KnownWebhooks {
  /** To be called before deliveries are queued, each time: Redis may have been emptied since. */
  add(webhook: string): Promise<void>;
  /** In alphabetical order. */
  names(): Promise<readonly string[]>;
}

/** The names in Redis, over all replicas. */
export function createKnownWebhooks(redis: RedisClient, keys: RedisKeys): KnownWebhooks {
  return {
    async add(webhook) {
      await redis.sadd(keys.webhooks, webhook);
    },
    async names() {
      return (await redis.smembers(keys.webhooks)).toSorted();
    },
  };
}

/** Which alerts were sent a short while ago, over all replicas. */
export interface RecentAlerts {
  /** Whether one with the same cause was. */
  has(alert: Alert): Promise<boolean>;
  /** Keeps that this one was: to be called when it is queued, so that a crash repeats it. */
  add(alert: Alert): Promise<void>;
}

const HOUR_MS = 3_600_000;

/** The alerts of the last hour, each cause once. */
export function createRecentAlerts(redis: RedisClient, keys: RedisKeys): RecentAlerts {
  return {
    has: async (alert) => (await redis.exists(keys.alerted(alertCause(alert)))) === 1,
    async add(alert) {
      await redis.set(keys.alerted(alertCause(alert)), '1', 'PX', HOUR_MS);
    },
  };
}
