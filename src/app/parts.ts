import type { Config } from '../config/env.ts';
import type { Metrics } from '../monitoring/metrics.io.ts';
import type { Queues } from '../queues/queues.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import type { EventLog } from '../domain/event-log.ts';
import type { Tally } from '../monitoring/summary.ts';
import { VERSION } from '../version.ts';
import type { Lifecycle } from './lifecycle.ts';

/** The clocks, the chance and the health file that the process gives to the relay. */
export interface Surroundings {
  readonly nowMs: () => number;
  /** A clock that never jumps. */
  readonly monotonicMs: () => number;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  /** The file that a health check reads; undefined where there is none. */
  readonly healthFile?: string | undefined;
}

/** What of a relay can be watched from outside, and is told what happens in it. */
export interface Monitoring extends Pick<
  Metrics,
  'deliveries' | 'polled' | 'countGap' | 'countRecovered'
> {
  /** Ends the start: from here on the relay can be ready, and the metrics show its queues too. */
  readonly watch: (queues: Pick<Queues, 'counts' | 'oldestWaitingAtMs'>) => void;
}

/** What delivering, polling and upkeep have in common. */
export interface Parts extends Surroundings {
  readonly config: Config;
  readonly log: EventLog;
  readonly lifecycle: Lifecycle;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly queues: Queues;
  readonly tally: Tally;
  readonly monitoring: Monitoring;
  /** Tells what Redis refuses, each kind once. */
  readonly reportError: (error: unknown) => void;
}

/** How the relay names itself to the API and to receivers. */
export const USER_AGENT = `mention-relay/${VERSION}`;
