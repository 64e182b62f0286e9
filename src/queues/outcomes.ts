import { UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import type { DeliveryOutcome } from './delivery-outcome.ts';

// For errors that are not the attempt's, such as a Redis that refuses writes.
const UNEXPECTED_RETRY_MS = 5_000;

/** Carries the pipeline's choice of delay to BullMQ's backoff strategy. */
class RetryIn extends Error {
  override readonly name = 'RetryIn';
  readonly delayMs: number;
  constructor(reason: string, delayMs: number) {
    super(reason);
    this.delayMs = delayMs;
  }
}

/**
 * When a job that threw this comes back, in milliseconds. Always a finite number: BullMQ never
 * runs a job again whose backoff is not one, or throws.
 */
export function backoffMs(error: Error | undefined): number {
  return error instanceof RetryIn ? error.delayMs : UNEXPECTED_RETRY_MS;
}

/** Ends the turn of a job that BullMQ gave: by returning, or by throwing what BullMQ expects. */
export async function conclude(
  job: Job,
  outcome: DeliveryOutcome | undefined,
  token: string | undefined,
): Promise<void> {
  switch (outcome?.kind) {
    case 'done':
      return;
    case 'retry':
      throw new RetryIn(outcome.reason, outcome.delayMs);
    case 'failed':
      throw new UnrecoverableError(outcome.reason);
    case 'hold':
      throw Worker.RateLimitError();
    case 'interrupted':
    case undefined:
      await job.moveToWait(token);
      throw new WaitingError();
  }
}

/**
 * Ends the turns of jobs that were taken by hand. What goes wrong with one, such as a lock that was
 * lost, is told and stops no other.
 */
export async function finishAll(
  jobs: readonly Job[],
  outcomes: readonly (DeliveryOutcome | undefined)[],
  onError: (error: Error) => void,
): Promise<void> {
  const turns = jobs.map((job, index) => ({ job, outcome: outcomes[index] }));
  const done = turns.filter(({ outcome }) => outcome?.kind === 'done');
  await Promise.all(done.map(({ job, outcome }) => finish(job, outcome).catch(onError)));
  // The last one first, one after the other: those that go back to the head of the queue keep
  // their order.
  for (const { job, outcome } of turns.toReversed()) {
    if (outcome?.kind !== 'done') await finish(job, outcome).catch(onError);
  }
}

/** Ends the turn of a job that was taken by hand. Throws if its lock was lost. */
async function finish(job: Job, outcome: DeliveryOutcome | undefined): Promise<void> {
  const token = job.token ?? '';
  switch (outcome?.kind) {
    case 'done':
      await job.moveToCompleted(undefined, token, false);
      return;
    case 'retry':
      await job.moveToFailed(new RetryIn(outcome.reason, outcome.delayMs), token, false);
      return;
    case 'failed':
      await job.moveToFailed(new UnrecoverableError(outcome.reason), token, false);
      return;
    case 'hold':
    case 'interrupted':
    case undefined:
      await job.moveToWait(token);
  }
}
