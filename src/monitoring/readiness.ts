import { isoTime } from '../domain/event-log.ts';

export interface ReadinessPorts {
  readonly stopping: () => boolean;
  /** Whether this replica has not yet got so far that it can deliver and poll. */
  readonly starting: () => boolean;
  /** Throws if Redis does not answer in time. */
  readonly lastPollAtMs: () => Promise<number | null>;
  readonly nowMs: () => number;
}

/** Whether a relay does its work, and if not, what is wrong. For people and programs. */
export type Readiness =
  | { readonly ready: true; readonly lastPollAt: string }
  | {
      readonly ready: false;
      readonly problem: 'starting' | 'stopping' | 'redis';
      readonly detail: string;
    }
  | {
      readonly ready: false;
      readonly problem: 'polls';
      readonly detail: string;
      readonly lastPollAt: string | null;
    };

/** A relay is ready when Redis answers and polls succeed in time, on any replica. Never throws. */
export async function readReadiness(
  ports: ReadinessPorts,
  settings: HealthSettings,
): Promise<Readiness> {
  if (ports.stopping()) return { ready: false, problem: 'stopping', detail: 'the relay stops' };
  let lastPollAtMs: number | null;
  try {
    lastPollAtMs = await ports.lastPollAtMs();
  } catch {
    return { ready: false, problem: 'redis', detail: 'Redis does not answer' };
  }
  // Other replicas may poll meanwhile.
  if (ports.starting()) return { ready: false, problem: 'starting', detail: 'the relay starts' };
  const lastPollAt = isoTime(lastPollAtMs);
  if (lastPollAt !== null && pollsInTime(lastPollAtMs, ports.nowMs(), settings)) {
    return { ready: true, lastPollAt };
  }
  const detail = whyNot(lastPollAtMs, ports.nowMs());
  return { ready: false, problem: 'polls', detail, lastPollAt };
}

function whyNot(lastPollAtMs: number | null, nowMs: number): string {
  if (lastPollAtMs === null) return 'no poll has succeeded yet';
  return lastPollAtMs > nowMs
    ? 'the last successful poll is in the future: a clock is wrong or was set back'
    : 'the last successful poll is too long ago';
}

/** What health is judged by. */
export interface HealthSettings {
  readonly intervalMs: number;
  readonly requestsPerWindow: number;
  readonly windowMs: number;
}

const MISSED_POLLS = 3;
// One poll with its retries may take this long without anything being wrong.
const MIN_PATIENCE_MS = 30_000;

/**
 * Whether a relay polls as it should: its last successful poll is no older than three polls take,
 * at the interval or, where the budget allows fewer, at the budget's own pace. No further in the
 * future either: where a clock was set back, it would look healthy until that time has come.
 */
export function pollsInTime(
  lastPollAtMs: number | null,
  nowMs: number,
  { intervalMs, requestsPerWindow, windowMs }: HealthSettings,
): boolean {
  if (lastPollAtMs === null) return false;
  const paceMs = Math.max(intervalMs, windowMs / requestsPerWindow);
  return Math.abs(nowMs - lastPollAtMs) <= Math.max(MISSED_POLLS * paceMs, MIN_PATIENCE_MS);
}

/** A question to Redis that was not answered in time. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/**
 * Asks a question that may not be answered for long, and waits `timeoutMs` at most: then it throws
 * UnansweredError. While one is under way no other is asked, and its answer is for all who wait: a
 * command to a Redis that is away is kept until it is back, so asking again and again would pile
 * them up.
 */
export function boundedQuestion<T>(ask: () => Promise<T>, timeoutMs: number): () => Promise<T> {
  let underWay: Promise<T> | undefined;

  function join(): Promise<T> {
    if (underWay !== undefined) return underWay;
    const asked = ask().finally(() => (underWay = undefined));
    // An answer that nobody waits for any more may be an error.
    asked.catch(() => undefined);
    underWay = asked;
    return asked;
  }

  return async () => {
    const tooLate = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => tooLate.reject(new UnansweredError(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    try {
      return await Promise.race([join(), tooLate.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}
