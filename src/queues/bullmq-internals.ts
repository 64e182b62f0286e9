/**
 * The relay relies on these points of BullMQ beyond its documentation. Each point is covered by
 * test/queues/bullmq-internals.test.ts, which fails when an upgrade changes it:
 *
 * - a forced close ends a blocked `getNextJob` at once, and jobs taken before can still be finished;
 * - `getNextJob` calls made together take jobs in their order;
 * - `moveToCompleted` with `fetchNext` locks the next job with the token that it was given;
 * - `moveToWait` returns a job to the head of the queue and uses no attempt;
 * - `moveToDelayed` uses no attempt, and a job that is due goes to the end of the queue;
 * - a custom backoff receives the error of `moveToFailed`;
 * - an error of a BullMQ script has a numeric code, and an error of Redis has none;
 * - an error about a lost lock has the words that `errorCode` of src/redis/redis-errors.ts knows;
 * - a handle made of a job's id alone can retry it, and many handles in one transaction;
 * - a job that can't be read is active when `getNextJob` throws, locked with the token that it was given;
 * - a worker may override `moveToActive` and `createJob`;
 * - a job's hash has the fields `data`, `atm` (attempts), `failedReason` and `timestamp`;
 * - the last job of the list of those that wait is taken first;
 * - the score of a delayed job is the time when it is due, in milliseconds, times 4096, and its hash has
 *   its `delay`;
 * - locks and the check for jobs of dead replicas are keys that expire.
 */
import { Job, UnrecoverableError, type JobJson, type Queue, type RedisQueueBackend } from 'bullmq';
import type { SalvagingWorker } from './damaged-jobs.ts';
import type { DigestPeriod } from '../domain/hours/digest-times.ts';
import { LUA_NOW, luaScript, readLua, type RedisClient } from '../redis/redis-client.ts';

/** Effectively unlimited, for counts of BullMQ. */
export const UNLIMITED = 1_000_000_000;

// For an error outside an attempt.
const UNEXPECTED_RETRY_MS = 5_000;

/** Carries the delay that the schedule gives to BullMQ's backoff. */
class RetryIn extends Error {
  override readonly name = 'RetryIn';
  readonly delayMs: number;

  constructor(reason: string, delayMs: number) {
    super(reason);
    this.delayMs = delayMs;
  }
}

/** Returns the error that fails an attempt of a job, which is retried after `delayMs`. */
export function retryIn(reason: string, delayMs: number): Error {
  return new RetryIn(reason, delayMs);
}

/** Returns the error that fails a job for good. */
export function failedForGood(reason: string): Error {
  return new UnrecoverableError(reason);
}

/**
 * Returns the retry delay, in milliseconds, of a job that failed with this error. It is finite and
 * at least 1: BullMQ retries at once after 0, and never after NaN.
 */
export function backoffMs(error: Error | undefined): number {
  return error instanceof RetryIn ? Math.max(1, error.delayMs) : UNEXPECTED_RETRY_MS;
}

/** The job that a worker takes after it completed one; undefined if none waits. */
export type NextJob = Job | undefined;

/** The options of each delivery's job. */
export const JOB_OPTIONS = {
  // The retry schedule limits attempts, and may change while jobs wait.
  attempts: UNLIMITED,
  backoff: { type: 'custom' },
  removeOnComplete: true,
  removeOnFail: false,
  stackTraceLimit: 0,
} as const;

/** Completes a job; with a worker, takes the next one under the same token in the same call. */
export async function completeAndTakeNext(
  job: Job,
  token: string,
  worker: SalvagingWorker | undefined,
): Promise<NextJob> {
  if (!worker) {
    await job.moveToCompleted(undefined, token, false);
    return undefined;
  }
  try {
    const reply = await job.moveToCompleted(undefined, token, true);
    const [data, id = ''] = (reply ?? []) as [data?: JobJson | null, id?: string];
    return data ? worker.createJob(data, id) : undefined;
  } catch (error) {
    return worker.salvage(token, error as Error);
  }
}

/** Returns true if a BullMQ script refused because the job or its lock is gone. Do not retry. */
export function isRefusedByScript(error: unknown): boolean {
  return typeof (error as { code?: unknown }).code === 'number';
}

/**
 * Moves failed jobs to the head of their queue, one after the other, with their attempts counted
 * from the start; the last one ends up in front. Skips jobs that have not failed, and returns the
 * number of the others. Uses one transaction, so that no replica takes a job in between.
 */
export async function retryTogether(queue: Queue, ids: readonly string[]): Promise<number> {
  const { backend } = queue;
  const transaction = (await backend.client).multi();
  const recording = Object.create(backend, {
    execCommand: {
      value(_client: unknown, name: string, args: unknown[]) {
        backend.execCommand(transaction, name, args);
        return RETRIED;
      },
    },
  }) as RedisQueueBackend;
  const fromTheStart = { resetAttemptsMade: true, resetAttemptsStarted: true };
  for (const id of ids) {
    await recording.retryFinishedJob(jobHandle(queue, id), 'failed', fromTheStart);
  }
  let retried = 0;
  for (const [error, reply] of (await transaction.exec()) ?? []) {
    if (error) throw error;
    if (reply === RETRIED) retried += 1;
  }
  return retried;
}

const RETRIED = 1;

/** Returns a handle of a job that is not read. A retry moves the job to the head of its queue. */
export function jobHandle(queue: Queue, id: string): Job {
  return new Job(queue, 'deliver', {}, { lifo: true }, id);
}

const DUE_FIRST = readLua(new URL('./due-first.lua', import.meta.url));

/** The jobs that may be taken while others wait. */
export interface DueJobs {
  readonly nowMs: number;
  readonly most: number;
  /** Deliveries that were queued in this period wait, others are due; null if all but alerts wait. */
  readonly waiting: DigestPeriod | null;
  /** True to find them all, also one that waits in the middle of the queue. */
  readonly thorough: boolean;
}

/**
 * Brings jobs that may be taken to the head of their queue, also those whose retry is due: an alert
 * or, if there is none, deliveries. Returns their number.
 */
export async function bringDueFirst(
  redis: RedisClient,
  queue: Queue,
  { nowMs, most, waiting, thorough }: DueJobs,
): Promise<number> {
  const keys = ['wait', 'delayed'].map((name) => queue.toKey(name));
  const period = [waiting?.sinceMs ?? '', waiting?.untilMs ?? ''];
  const args = [queue.toKey(''), nowMs, most, thorough ? 1 : 0, ...period];
  return Number(await luaScript(redis, DUE_FIRST)(keys, args));
}

const BOUND_WAITS = LUA_NOW + readLua(new URL('./bound-waits.lua', import.meta.url));

/** The times that a worker gives to its queue, in milliseconds. */
export interface QueueTimes {
  readonly lockDuration: number;
  readonly stalledInterval: number;
}

/** The time of this replica. */
export interface ReplicaTime {
  readonly nowMs: number;
  /** True if it went back just now. Otherwise a time is too far ahead only if Redis agrees. */
  readonly machineWentBack: boolean;
}

/**
 * Lets the delays and locks of a queue begin again that last longer than they were set for: they are
 * from before a clock went back. Returns their number.
 */
export async function boundWaits(
  redis: RedisClient,
  queue: Queue,
  { lockDuration, stalledInterval }: QueueTimes,
  { nowMs, machineWentBack }: ReplicaTime,
): Promise<number> {
  const keys = ['delayed', 'active', 'stalled-check'].map((name) => queue.toKey(name));
  const args = [queue.toKey(''), nowMs, machineWentBack ? 1 : 0, lockDuration, stalledInterval];
  return Number(await luaScript(redis, BOUND_WAITS)(keys, args));
}
