/**
 * The jobs of deliveries as BullMQ keeps them in Redis, for reading without BullMQ, which writes to
 * each queue that it opens and takes long to load.
 */
import type { RedisClient } from '../redis/redis-client.ts';

/** Returns the name of a webhook's queue of deliveries. */
export function deliveryQueue(webhook: string): string {
  return `deliver-${webhook}`;
}

/** Returns the keys of a webhook's queue, and of its jobs by their ids. */
export function deliveryKeys(prefix: string, webhook: string): (name: string) => string {
  return (name) => `${prefix}:${deliveryQueue(webhook)}:${name}`;
}

// BullMQ: getDelayedScore.lua
const SCORES_PER_MS = 4096;

/** Returns the time when a delayed job is due, from its score. */
export function dueAtMs(score: string): number {
  return Math.floor(Number(score) / SCORES_PER_MS);
}

/** The fields of a job that the relay reads without taking it, in any state. */
export interface KeptJob {
  /** The text itself if it is no JSON. */
  readonly data: unknown;
  readonly attempts: number;
  readonly failedReason: string | null;
  readonly queuedAtMs: number | null;
}

/** Reads a job by its key. All of it may be missing. */
export async function readJob(redis: RedisClient, key: string): Promise<KeptJob> {
  const [data, attempts, failedReason, queuedAt] = await redis
    .hmget(key, 'data', 'atm', 'failedReason', 'timestamp')
    .catch((error: Error) => {
      if (isOfDamage(error)) return [];
      throw error;
    });
  return {
    data: jsonOrText(data ?? ''),
    attempts: Number.parseInt(attempts ?? '', 10) || 0,
    failedReason: failedReason ?? null,
    queuedAtMs: Number.parseInt(queuedAt ?? '', 10) || null,
  };
}

/** The error of a job in the wrong shape. */
export class DamagedError extends Error {}

/** Returns true for errors of BullMQ, and of Redis in its scripts, about a job in the wrong shape. */
export function isOfDamage(error: Error): boolean {
  return (
    error instanceof DamagedError ||
    error instanceof SyntaxError ||
    error instanceof TypeError ||
    /^(WRONGTYPE|ERR hash value is not an integer)/.test(error.message)
  );
}

/** Parses the data of a job; returns the text itself if it is no JSON. */
export function jsonOrText(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
