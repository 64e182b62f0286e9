import type { Config } from '../config/env.ts';
import type { Metrics } from '../monitoring/metrics.io.ts';
import type { Queues } from '../queues/queues.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import type { EventLog } from '../domain/event-log.ts';
import type { Tally } from '../monitoring/summary.ts';
import { VERSION } from '../version.ts';
import type { Lifecycle } from './lifecycle.ts';

/** The clocks and the chance that the relay runs by. */
export interface Surroundings {
  readonly nowMs: () => number;
  /** A clock that never jumps. */
  readonly monotonicMs: () => number;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** What of a relay can be watched from outside, and is told what happens in it. */
export interface Monitoring extends Pick<
  Metrics,
  'deliveries' | 'polled' | 'countGap' | 'countRecovered'
> {
  /** From here on the metrics show how the queues stand too. */
  readonly watch: (parts: Parts) => void;
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
