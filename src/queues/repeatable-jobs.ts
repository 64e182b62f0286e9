import { DAMAGED } from './damaged-jobs.ts';
import type { OpenQueues } from './open-queues.ts';

/** Runs a poll job. Must not throw. Its signal aborts when the relay stops. */
export type PollJob = (
  signal: AbortSignal,
  /** The token of an extra poll; null for a scheduled poll. */
  token: string | null,
) => Promise<void>;

/**
 * The queue of polls: scheduled polls (one repeatable job per interval, run by any free replica),
 * and single extra polls between two of them.
 */
export interface PollQueue {
  /** Runs `poll` at once, and once per interval over all replicas. */
  startPolling(intervalMs: number, poll: PollJob): Promise<void>;
  /** Asks for an extra poll, on any replica, `delayMs` from now. */
  askForExtraPoll(delayMs: number, token: string): Promise<void>;
  /**
   * Restores the schedule and polls at once. Used if polls stopped because Redis was emptied, or a
   * replica with a fast clock set the next poll far in the future.
   */
  reschedulePolls(intervalMs: number): Promise<void>;
  /** Returns true if the schedule exists. */
  pollsScheduled(): Promise<boolean>;
}

/** The name of the queue of polls. */
export const POLL = 'poll';
const EXTRA = 'extra';
// A poll is idempotent, and the next one is scheduled before it begins: after a crash another worker
// takes it over within 20 seconds.
/** The locks of polls. */
export const POLL_LOCKS = { lockDuration: 10_000, stalledInterval: 5_000 };
const ONCE = { removeOnComplete: true, removeOnFail: true };

/** Creates the queue of polls. No poll runs yet. */
export function createPollQueue({ queue, createWorker, stopping }: OpenQueues): PollQueue {
  async function schedule(intervalMs: number): Promise<void> {
    await queue(POLL).upsertJobScheduler(
      POLL,
      { every: intervalMs },
      { name: POLL, data: {}, opts: ONCE },
    );
  }

  async function reschedulePolls(intervalMs: number): Promise<void> {
    // An upsert alone keeps the time of the next poll.
    await queue(POLL).removeJobScheduler(POLL);
    await schedule(intervalMs);
  }

  return {
    async startPolling(intervalMs, poll) {
      await schedule(intervalMs);
      createWorker(
        POLL,
        (job) => {
          if (job.name === DAMAGED) return reschedulePolls(intervalMs);
          const { token } = job.data as { token?: unknown };
          return poll(stopping.begun, typeof token === 'string' ? token : null);
        },
        { concurrency: 1, ...POLL_LOCKS },
      );
    },

    async askForExtraPoll(delayMs, token) {
      await queue(POLL).add(EXTRA, { token }, { ...ONCE, delay: delayMs });
    },

    reschedulePolls,

    pollsScheduled: async () => (await queue(POLL).getJobSchedulersCount()) > 0,
  };
}

/** The queue of sweeps: one at a time over all replicas, beside the polls. */
export interface SweepQueue {
  /**
   * Runs `sweep` now, and once per interval over all replicas, never two at a time. `sweep` must
   * not throw. Its signal aborts when the relay stops.
   */
  startSweeping(intervalMs: number, sweep: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Asks for a sweep as soon as none runs. */
  sweepSoon(): Promise<void>;
  /**
   * Restores the schedule after Redis was emptied, or a clock went back. Does nothing before sweeps
   * have started.
   */
  rescheduleSweeps(): Promise<void>;
  /** Returns true if the schedule exists, or sweeps have not started. */
  sweepsScheduled(): Promise<boolean>;
}

/** The name of the queue of sweeps. */
export const SWEEP = 'sweep';
const SOON = 'soon';
// A sweep can be repeated: after a crash another worker takes it over in less than a minute.
/** The locks of sweeps. */
export const SWEEP_LOCKS = { lockDuration: 15_000, stalledInterval: 10_000 };

/** Creates the queue of sweeps. No sweep runs yet. */
export function createSweepQueue({ queue, createWorker, stopping }: OpenQueues): SweepQueue {
  let everyMs: number | undefined;

  async function schedule(): Promise<void> {
    if (everyMs === undefined) return;
    await queue(SWEEP).setGlobalConcurrency(1);
    await queue(SWEEP).upsertJobScheduler(
      SWEEP,
      { every: everyMs },
      { name: SWEEP, data: {}, opts: ONCE },
    );
  }

  async function rescheduleSweeps(): Promise<void> {
    if (everyMs === undefined) return;
    // As for polls: an upsert alone keeps the time of the next sweep.
    await queue(SWEEP).removeJobScheduler(SWEEP);
    await schedule();
  }

  async function sweepSoon(): Promise<void> {
    // One waiting sweep is enough. Changes during a running sweep are left to the next one.
    await queue(SWEEP).add(SOON, {}, { ...ONCE, deduplication: { id: SOON } });
  }

  return {
    async startSweeping(intervalMs, sweep) {
      everyMs = intervalMs;
      await schedule();
      createWorker(
        SWEEP,
        (job) => (job.name === DAMAGED ? rescheduleSweeps() : sweep(stopping.begun)),
        { concurrency: 1, ...SWEEP_LOCKS },
      );
      await sweepSoon();
    },
    sweepSoon,
    rescheduleSweeps,
    sweepsScheduled: async () =>
      everyMs === undefined || (await queue(SWEEP).getJobSchedulersCount()) > 0,
  };
}
