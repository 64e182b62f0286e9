import type { Readiness } from './readiness.ts';

/** The facts that the status line names. */
export interface ServiceFacts {
  readonly readiness: Readiness;
  /** Where Redis is, without a secret. */
  readonly redisPlace: string;
  /** Why Redis refuses the relay; null if it does not, or is away. */
  readonly redisRefusal: string | null;
  readonly webhooks: number;
  /** Deliveries that wait, are under way or are retried; null if unknown. */
  readonly waiting: number | null;
}

/** Returns the line that `systemctl status` shows: the work, or what the relay waits for. */
export function serviceStatus(facts: ServiceFacts): string {
  const { readiness, redisPlace, redisRefusal, webhooks, waiting } = facts;
  if (!readiness.ready && readiness.problem !== 'polls' && readiness.problem !== 'webhooks') {
    if (readiness.problem === 'stopping') return readiness.detail;
    if (redisRefusal !== null) return `waiting for ${redisPlace}: ${redisRefusal}`;
    return readiness.problem === 'redis' ? `waiting for ${redisPlace}` : readiness.detail;
  }
  const lastPoll = clockTime(readiness.lastPollAt);
  if (!readiness.ready) {
    return lastPoll === null ? readiness.detail : `${readiness.detail}; last poll ${lastPoll}`;
  }
  const receivers = webhooks === 1 ? '1 webhook' : `${webhooks} webhooks`;
  const work = waiting === null ? receivers : `${receivers}, ${waiting} deliveries waiting`;
  return `last poll ${lastPoll}; ${work}`;
}

/** Returns the time of day of an ISO 8601 time. */
function clockTime(time: string | null): string | null {
  return time === null ? null : `${time.slice(11, 19)} UTC`;
}
