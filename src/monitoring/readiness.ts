import { isoTime } from '../domain/event-log.ts';

/** The facts in Redis that the relay's health depends on. */
export interface HealthFacts {
  readonly lastPollAtMs: number | null;
  /** True if the API rejected the key since then. */
  readonly keyRejected: boolean;
  /** The webhooks for mentions, if the URL of every one is gone; otherwise empty. */
  readonly gone: readonly string[];
}

/** Answers that readiness depends on. */
export interface ReadinessPorts {
  readonly stopping: () => boolean;
  /** True until this replica can poll and deliver. */
  readonly starting: () => boolean;
  /** Throws if Redis does not answer in time. */
  readonly facts: () => Promise<HealthFacts>;
  readonly nowMs: () => number;
}

/** The health of the relay over all replicas. */
export type Health =
  | { readonly ready: true; readonly lastPollAt: string }
  | {
      readonly ready: false;
      readonly problem: 'polls' | 'webhooks';
      readonly detail: string;
      readonly lastPollAt: string | null;
    };

/** The state of a relay for people and programs: ready, or the problem. */
export type Readiness =
  | Health
  | {
      readonly ready: false;
      readonly problem: 'starting' | 'stopping' | 'redis';
      readonly detail: string;
    };

/**
 * Judges the relay: ready if Redis answers, polls on any replica succeed in time, and a webhook
 * accepts mentions. Never throws.
 */
export async function readReadiness(
  ports: ReadinessPorts,
  settings: HealthSettings,
): Promise<Readiness> {
  if (ports.stopping())
    return { ready: false, problem: 'stopping', detail: 'the relay is stopping' };
  let facts: HealthFacts;
  try {
    facts = await ports.facts();
  } catch {
    return { ready: false, problem: 'redis', detail: 'Redis does not answer' };
  }
  // Other replicas may be polling already.
  if (ports.starting()) {
    return { ready: false, problem: 'starting', detail: 'the relay is starting' };
  }
  return judgeHealth(facts, ports.nowMs(), settings);
}

/** Judges the health of the relay by its facts in Redis. */
export function judgeHealth(facts: HealthFacts, nowMs: number, settings: HealthSettings): Health {
  const { lastPollAtMs, keyRejected, gone } = facts;
  const lastPollAt = isoTime(lastPollAtMs);
  if (lastPollAt === null || keyRejected || !pollsInTime(lastPollAtMs, nowMs, settings)) {
    const detail = keyRejected ? KEY_REJECTED : whyNot(lastPollAtMs, nowMs);
    return { ready: false, problem: 'polls', detail, lastPollAt };
  }
  if (gone.length === 0) return { ready: true, lastPollAt };
  const detail = `the URL of every webhook for mentions is gone (410): ${gone.join(', ')}`;
  return { ready: false, problem: 'webhooks', detail, lastPollAt };
}

const KEY_REJECTED =
  'the API rejected GROOUPLY_API_KEY; it is tried again every 5 minutes, or at once after a restart';

function whyNot(lastPollAtMs: number | null, nowMs: number): string {
  if (lastPollAtMs === null) return 'no poll has succeeded yet';
  return lastPollAtMs > nowMs
    ? 'the last successful poll is in the future: a clock is wrong or went back'
    : 'the last successful poll is too long ago';
}

/** The settings that determine when a poll is late. */
export interface HealthSettings {
  readonly intervalMs: number;
  readonly requestsPerWindow: number;
  readonly windowMs: number;
}

const MISSED_POLLS = 3;
// One poll with its retries may take this long without anything being wrong.
const MIN_PATIENCE_MS = 30_000;

/**
 * Returns true if the last successful poll is recent: at most three intervals ago, or three of the
 * intervals that the budget allows if those are longer. A poll further in the future is not recent
 * either: after a clock went back, the relay would look healthy for too long.
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

/** Redis did not answer in time. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/**
 * Wraps a question to Redis: each call waits at most `timeoutMs`, then throws UnansweredError. Calls
 * share one question at a time, because commands to an absent Redis queue up until it is back.
 */
export function boundedQuestion<T>(ask: () => Promise<T>, timeoutMs: number): () => Promise<T> {
  let underWay: Promise<T> | undefined;

  function join(): Promise<T> {
    if (underWay !== undefined) return underWay;
    const asked = ask().finally(() => (underWay = undefined));
    // Nobody may be waiting any longer when the answer is an error.
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
