import type { Config } from '../config/env.ts';
import type { Troubles } from '../delivering/troubles/troubles.io.ts';
import type { EventLog } from '../domain/event-log.ts';
import { judgeTroubles } from '../monitoring/lasting-troubles.ts';
import type { RelayStatus } from '../monitoring/relay-status.io.ts';
import type { Queues } from '../queues/queues.ts';
import type { RedisMemory } from '../redis/redis-checks.ts';
import type { Lifecycle } from './lifecycle.ts';

const WATCH_INTERVAL_MS = 60_000;

/** The parts of a relay that the watch over troubles uses. */
export interface TroubleWatchParts {
  readonly config: Pick<Config, 'webhooks'>;
  readonly log: EventLog;
  readonly lifecycle: Pick<Lifecycle, 'every'>;
  readonly queues: Pick<Queues, 'counts'>;
  readonly status: () => Promise<Pick<RelayStatus, 'webhooks'>>;
  /** Null if its memory has no limit. */
  readonly memory: () => Promise<RedisMemory | null>;
  readonly troubles: Troubles;
}

/**
 * Starts to look for troubles that the state in Redis shows, and for the end of those. Also queues the
 * alerts that a crash has left.
 */
export function startTroubleWatch(parts: TroubleWatchParts): void {
  const { config, log, lifecycle, queues, status, memory, troubles } = parts;
  let isFull = false;

  lifecycle.every(WATCH_INTERVAL_MS, async () => {
    const open = await troubles.open();
    const [{ webhooks }, used] = await Promise.all([status(), memory()]);
    const judged = [...judgeTroubles(config.webhooks, webhooks, used)];
    for (const { trouble, webhook, exists } of judged) {
      if (exists) await troubles.found(trouble, webhook ?? undefined);
      if (trouble === 'redis_nearly_full') logMemory(exists, used);
    }
    for (const { trouble, webhook } of open) {
      if (webhook === null || config.webhooks.some(({ name }) => name === webhook)) continue;
      const { failed } = await queues.counts(webhook);
      judged.push({ trouble, webhook, exists: trouble === 'deliveries_failed' && failed > 0 });
    }
    await troubles.over(judged.filter(({ exists }) => !exists));
  });

  function logMemory(nearlyFull: boolean, used: RedisMemory | null): void {
    if (nearlyFull === isFull) return;
    isFull = nearlyFull;
    if (nearlyFull) {
      log.error(
        'redis.nearly_full',
        { ...used },
        'Redis has used 90 % of maxmemory; once full, it refuses writes. Raise maxmemory, or make room',
      );
    } else {
      log.info('redis.has_room', { ...used }, 'Redis uses less than 80 % of maxmemory again');
    }
  }
}
