/**
 * The relay relies on these points of BullMQ beyond its documentation. Each point is held by
 * test/queues/bullmq-internals.test.ts, which fails when an upgrade changes it:
 *
 * - a forced close ends a blocked `getNextJob` at once, and jobs taken before can still be finished;
 * - `getNextJob` calls made together take jobs in their order;
 * - `moveToCompleted` with `fetchNext` locks the next job with the token that it was given;
 * - `moveToWait` returns a job to the head of the queue and uses no attempt;
 * - a custom backoff receives the error of `moveToFailed`;
 * - what a script of BullMQ refuses has a numeric code, and what Redis refuses has none;
 * - a job can be retried by a handle made of its id alone, and many in one transaction.
 */
import { Job, UnrecoverableError, type Queue, type RedisQueueBackend, type Worker } from 'bullmq';

/** Effectively unlimited, for counts of BullMQ. */
export const UNLIMITED = 1_000_000_000;

// For an error that is not an attempt's.
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

/** Fails a job's attempt, so that it comes back after `delayMs`. */
export function retryIn(reason: string, delayMs: number): Error {
  return new RetryIn(reason, delayMs);
}

/** Fails a job for good. */
export function failedForGood(reason: string): Error {
  return new UnrecoverableError(reason);
}

/**
 * Returns the delay after which a job comes back that failed with this error, in milliseconds. It is
 * finite and at least 1: BullMQ retries at once after 0, and never after what is no number.
 */
export function backoffMs(error: Error | undefined): number {
  return error instanceof RetryIn ? Math.max(1, error.delayMs) : UNEXPECTED_RETRY_MS;
}

/** The job that a worker takes in place of one that is done; undefined where none waits. */
export type NextJob = Job | undefined;

/** Completes a job; with a worker, takes the next one under the same token in the same call. */
export async function completeAndTakeNext(
  job: Job,
  token: string,
  worker: Worker | undefined,
): Promise<NextJob> {
  const reply = await job.moveToCompleted(undefined, token, worker !== undefined);
  const [data, id] = (reply ?? []) as [data?: Parameters<typeof Job.fromJSON>[1], id?: string];
  return data && worker ? Job.fromJSON(worker, data, id) : undefined;
}

/** Returns true if a script of BullMQ refused: the job is gone, or its lock. Trying again is no use. */
export function isRefusedByScript(error: unknown): boolean {
  return typeof (error as { code?: unknown }).code === 'number';
}

/**
 * Puts failed jobs at the head of their queue, one after the other, with their attempts counted from
 * the start: the last one ends up in front. Returns how many they were; those that are no longer
 * failed are left alone. It is one transaction, so that no replica takes one of them in between.
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

/** A handle of a job, to act on it without reading it. A retry puts it at the head of its queue. */
export function jobHandle(queue: Queue, id: string): Job {
  return new Job(queue, 'deliver', {}, { lifo: true }, id);
}
