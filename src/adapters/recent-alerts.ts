import { alertCause, type Alert } from '../domain/alert.ts';
import type { RedisClient } from './redis-client.ts';
import type { RedisKeys } from './redis-keys.ts';

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
