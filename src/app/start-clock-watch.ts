import type { Config } from '../config/env.ts';
import type { Troubles } from '../delivering/troubles/troubles.io.ts';
import type { EventLog } from '../domain/event-log.ts';
import { isTrouble, logClockJump, watchClocks } from '../monitoring/clock-jumps.ts';
import { baseIntervalMs, clockWentBack } from '../polling/next-poll.ts';
import { createPollTicks } from '../polling/poll-claims.io.ts';
import type { Queues } from '../queues/queues.ts';
import { serverTimeMs } from '../redis/redis-checks.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import type { Lifecycle } from './lifecycle.ts';

const READ_INTERVAL_MS = 5_000;
// For the clocks of other machines; a jump that is seen here bounds the waits at once.
const BOUND_INTERVAL_MS = 60_000;
// A slower answer says too little about the time.
const MAX_ANSWER_MS = 500;

/** The parts of a relay that the watch over clocks uses. */
export interface ClockWatchParts {
  readonly config: Pick<Config, 'webhooks' | 'poll' | 'budget'>;
  readonly log: EventLog;
  readonly lifecycle: Pick<Lifecycle, 'every' | 'untilTaken'>;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly queues: Pick<Queues, 'boundWaits' | 'reschedule'>;
  readonly troubles: Pick<Troubles, 'found'>;
  readonly reportError: (error: unknown) => void;
  readonly nowMs: () => number;
  /** A clock that never jumps. */
  readonly monotonicMs: () => number;
}

/**
 * Starts to watch the clocks of Redis and of this machine: reports each jump, also one since the relay
 * last ran, and bounds the waits in BullMQ's queues. Other waits are bounded where they are read.
 */
export async function startClockWatch(parts: ClockWatchParts): Promise<void> {
  const { config, log, lifecycle, redis, keys, queues, troubles, nowMs, monotonicMs } = parts;
  const names = config.webhooks.map(({ name }) => name);
  const bound = (machineWentBack = false): Promise<void> =>
    queues.boundWaits(names, { nowMs: nowMs(), machineWentBack });
  const jumped = watchClocks(log);

  const ticks = createPollTicks(redis, keys.tick, parts.reportError);
  const sinceTickMs = await lifecycle.untilTaken(() => ticks.sinceLastMs());
  if (sinceTickMs !== null && clockWentBack(sinceTickMs)) {
    logClockJump(log, 'redis', sinceTickMs);
    if (isTrouble(sinceTickMs)) await lifecycle.untilTaken(() => troubles.found('clock_jumped'));
  }
  await lifecycle.untilTaken(() => bound());

  lifecycle.every(BOUND_INTERVAL_MS, () => bound());
  lifecycle.every(READ_INTERVAL_MS, async () => {
    const askedMs = monotonicMs();
    const redisMs = await serverTimeMs(redis);
    const now = monotonicMs();
    const machineMs = jumped('machine', { timeMs: nowMs(), monotonicMs: now });
    const inTime = now - askedMs < MAX_ANSWER_MS;
    const ofRedisMs = inTime ? jumped('redis', { timeMs: redisMs, monotonicMs: now }) : 0;
    if (machineMs < 0 || ofRedisMs < 0) {
      await queues.reschedule(baseIntervalMs({ ...config.poll, ...config.budget }));
      await bound(machineMs < 0);
    }
    if (isTrouble(machineMs) || isTrouble(ofRedisMs)) await troubles.found('clock_jumped');
  });
}
