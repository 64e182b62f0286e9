import type { TroubleCause } from '../../domain/alert.ts';
import type { RedisClient } from '../../redis/redis-client.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';
import { readCause, TROUBLE_RULES } from './troubles.io.ts';

/** A trouble that lasts, or is over. Times by the clock of Redis. */
export interface RecentTrouble extends TroubleCause {
  readonly sinceMs: number;
  /** Null while it lasts; `sinceMs` if it has no end. */
  readonly untilMs: number | null;
}

const MAX_SHOWN = 3;

/** Reads the last troubles, latest first: those that last, and those that are over. */
export async function readRecentTroubles(
  redis: RedisClient,
  keys: RedisKeys,
): Promise<readonly RecentTrouble[]> {
  const [open, past] = await Promise.all([
    redis.hgetall(keys.troubles),
    redis.lrange(keys.pastTroubles, 0, -1),
  ]);
  const found = [
    ...Object.entries(open).flatMap(([field, json]) => readOpen(field, json) ?? []),
    ...past.flatMap((json) => readPast(json) ?? []),
  ];
  return found.toSorted((one, other) => other.sinceMs - one.sinceMs).slice(0, MAX_SHOWN);
}

/** Reads a trouble that lasts; null if it has not lasted long enough for an alert. */
function readOpen(field: string, json: string): RecentTrouble | null {
  const cause = readCause(field);
  const { sinceMs = 0, seenMs = 0, ...alert } = JSON.parse(json) as Partial<Record<string, number>>;
  if (cause === null) return null;
  const isReported = alert['dueMs'] !== undefined || alert['alertedMs'] !== undefined;
  const isLong = seenMs - sinceMs >= TROUBLE_RULES[cause.trouble].patienceMs;
  return isReported || isLong ? { ...cause, sinceMs, untilMs: null } : null;
}

function readPast(json: string): RecentTrouble | null {
  const past = JSON.parse(json) as { cause: string; sinceMs: number; untilMs: number };
  const cause = readCause(past.cause);
  if (cause === null) return null;
  const { sinceMs } = past;
  const hasEnd = TROUBLE_RULES[cause.trouble].quietMs !== null;
  return { ...cause, sinceMs, untilMs: hasEnd ? past.untilMs : sinceMs };
}
