import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Queue } from 'bullmq';
import type { AttemptResult, Delivery } from '../domain/delivery.ts';
import { waitsForDigest, type DigestPeriod } from '../domain/hours/digest-times.ts';
import { keepsHours } from '../domain/hours/working-hours.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import {
  bringDueFirst,
  completeAndTakeNext,
  failedForGood,
  isRefusedByScript,
  JOB_OPTIONS,
  retryIn,
  type NextJob,
} from './bullmq-internals.ts';
import type { SalvagingWorker } from './damaged-jobs.ts';
import { readKept } from './delivery-data.ts';

/** A delivery that this replica has taken from its queue. */
export interface DueDelivery {
  readonly delivery: Delivery;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
}

/** A queued delivery that this release can't read: of a later release, or damaged. It has failed. */
export interface UnreadableDelivery {
  readonly webhook: string;
  readonly jobId: string;
  readonly attempt: number;
  /** Without any content. */
  readonly reason: string;
}

/** The outcome of a delivery in this replica, for the queue to act on. */
export type DeliveryOutcome =
  /** The webhook accepted it now, in one POST with `batchSize` deliveries. */
  | { readonly kind: 'accepted'; readonly result: AttemptResult; readonly batchSize: number }
  /** The webhook had accepted it before. */
  | { readonly kind: 'repeated' }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Not attempted, or failed for a reason outside the delivery; uses no attempt. */
  | { readonly kind: 'back' }
  /** A failed probe of a held webhook: goes behind those that wait; uses no attempt. */
  | { readonly kind: 'behind' };

/** A delivery with its outcome. */
export interface Ended<Item> {
  readonly item: Item;
  readonly outcome: DeliveryOutcome;
}

/** The deliveries that need not wait, besides alerts. */
export interface DueDeliveries {
  /** The period in which deliveries were queued that wait; null if all wait. */
  readonly waiting: DigestPeriod | null;
  readonly most: number;
  /** False if the last search was in vain, and nothing was taken since. */
  readonly thorough: boolean;
}

/** The deliveries of one webhook, taken in their order by this replica. */
export interface DeliveryJobs<Item extends DueDelivery = DueDelivery> {
  /** Waits for the next delivery, until `takeNoMore` or for about ten seconds at most. */
  next(): Promise<Item | undefined>;
  /** Takes the deliveries that wait now, `max` at most. */
  more(max: number): Promise<readonly Item[]>;
  /**
   * Takes what need not wait, past all other deliveries: an alert, or if there is none, the
   * deliveries of a digest.
   */
  due(which: DueDeliveries): Promise<readonly Item[]>;
  /**
   * Ends deliveries in the queue. Deliveries with the outcome `back` return to its head, in the
   * order in which they were taken; with `behind`, to its end. With `takeNext`, one delivery is taken
   * for each that is done. Deliveries that Redis refused to end are `unfinished`: retry them.
   */
  finish(
    ended: readonly Ended<Item>[],
    options: { readonly takeNext: boolean },
  ): Promise<{ readonly taken: readonly Item[]; readonly unfinished: readonly Ended<Item>[] }>;
  /** Ends a wait at once. Afterwards nothing is taken; taken deliveries can still be finished. */
  takeNoMore(): Promise<void>;
  /** Releases the connections and timers. Call it when all taken deliveries are finished. */
  close(): Promise<void>;
}

/** A job of BullMQ's that this replica has locked. */
export interface TakenJob extends DueDelivery {
  readonly job: Job;
  readonly token: string;
  /** Jobs are numbered in the order in which they were taken. */
  readonly number: number;
}

// A lock of 60 s outlasts an outage of Redis of 45 s; with one of 30 s, jobs ran again although
// their POST had succeeded. After a crash another replica takes over the jobs when their
// locks expire.
const LOCK_MS = 60_000;
/** Locks are renewed before a sixth of their duration has passed. */
const RENEWALS = 6;

/** Options of a worker without a processor, whose jobs are taken by hand. */
export const MANUAL_WORKER = {
  lockDuration: LOCK_MS,
  stalledInterval: 15_000,
  // Seconds between an idle worker's own requests for jobs; BullMQ's default is 5.
  drainDelay: 10,
};

// A marker that another replica's job left behind ends a wait early. Several in a row mean that
// something is wrong: the loop must not spin.
const EARLY_MS = 5;
const MAX_EARLY_ENDS = 3;
const EARLY_PAUSE_MS = 20;

/**
 * Takes a webhook's jobs by hand (docs.bullmq.io, "Manually fetching jobs"), renews their locks until
 * they are finished, and takes over jobs of dead replicas.
 */
export async function takeDeliveryJobs(options: {
  readonly webhook: string;
  readonly redis: RedisClient;
  readonly queue: Queue;
  /** Without a processor, and with {@link MANUAL_WORKER}. */
  readonly worker: SalvagingWorker;
  readonly onUnreadable: (delivery: UnreadableDelivery) => void;
  readonly onError: (error: Error) => void;
}): Promise<DeliveryJobs<TakenJob>> {
  const { webhook, redis, queue, worker, onUnreadable, onError } = options;
  const { lockDuration: lockMs = LOCK_MS } = worker.opts;
  const held = new Set<TakenJob>();
  let tokensGiven = 0;
  let taken = 0;
  let earlyEnds = 0;

  await worker.startStalledCheckTimer();
  const renewing = setInterval(() => {
    const kept = [...held];
    if (kept.length === 0) return;
    const ids = kept.map(({ job }) => job.id ?? '');
    const tokens = kept.map(({ token }) => token);
    worker.extendJobLocks(ids, tokens, lockMs).catch(onError);
  }, lockMs / RENEWALS);

  /** Keeps a taken job, to renew its lock. Fails a job that can't be read. */
  function hold(job: Job, token: string): TakenJob | undefined {
    // The options in Redis may be damaged.
    Object.assign(job.opts, JOB_OPTIONS);
    const { reading } = readKept(webhook, job.data);
    const attempt = job.attemptsMade + 1;
    if (!reading.ok) {
      const reason = reading.error;
      const unreadable = { webhook, jobId: job.id ?? '', attempt, reason };
      job
        .moveToFailed(failedForGood(reason), token, false)
        .then(() => onUnreadable(unreadable))
        .catch(onError);
      return undefined;
    }
    taken += 1;
    const item = { job, token, number: taken, delivery: reading.value, attempt };
    held.add(item);
    return item;
  }

  async function take(block: boolean): Promise<TakenJob | undefined> {
    tokensGiven += 1;
    // One token per job: a job that lost its lock and was taken again must not be finished by its
    // old token.
    const token = `${worker.id}:${tokensGiven}`;
    const job = (await worker.getNextJob(token, { block })) as Job | undefined;
    return job && hold(job, token);
  }

  async function takeMany(count: number): Promise<readonly TakenJob[]> {
    const calls = await Promise.allSettled(Array.from({ length: count }, () => take(false)));
    return calls.flatMap((call) => {
      if (call.status === 'fulfilled') return call.value ?? [];
      onError(call.reason as Error);
      return [];
    });
  }

  /** Puts jobs back to the head of their queue. Of those that Redis refuses the locks expire. */
  async function putBack(items: readonly TakenJob[]): Promise<void> {
    const calls = items.toReversed().map((item) => {
      held.delete(item);
      return endJob(item, { kind: 'back' }, undefined).catch(onError);
    });
    await Promise.all(calls);
  }

  async function finishOne(
    { item, outcome }: Ended<TakenJob>,
    takeNext: boolean,
  ): Promise<TakenJob | undefined> {
    const next = await endJob(item, outcome, takeNext ? worker : undefined);
    held.delete(item);
    return next && hold(next, item.token);
  }

  return {
    async next() {
      // BullMQ can't finish jobs of a worker that was closed before its connections were ready.
      await worker.waitUntilReady();
      const startedMs = performance.now();
      const item = await take(true);
      const early = item === undefined && performance.now() - startedMs < EARLY_MS;
      earlyEnds = early ? earlyEnds + 1 : 0;
      if (earlyEnds >= MAX_EARLY_ENDS) await sleep(EARLY_PAUSE_MS);
      return item;
    },

    async more(max) {
      return takeMany(max <= 1 ? max : Math.min(max, await queue.getWaitingCount()));
    },

    async due({ waiting, most, thorough }) {
      const which = { nowMs: Date.now(), most, waiting, thorough };
      const items = await takeMany(await bringDueFirst(redis, queue, which));
      // Another replica may have taken some of them before.
      const isEarly = ({ delivery, job }: TakenJob) =>
        keepsHours(delivery.kind) && (waiting === null || waitsForDigest(job.timestamp, waiting));
      await putBack(items.filter(isEarly));
      return items.filter((item) => !isEarly(item));
    },

    async finish(ended, { takeNext }) {
      const unfinished: Ended<TakenJob>[] = [];
      // Jobs return in reverse, since each goes to the head of the queue; they end up in order.
      const goingBack = ended.filter(({ outcome }) => outcome.kind === 'back');
      const ordered = [
        ...ended.filter(({ outcome }) => outcome.kind !== 'back'),
        ...goingBack.toSorted((a, b) => b.item.number - a.item.number),
      ];
      const calls = ordered.map((each) =>
        finishOne(each, takeNext).catch((error: Error) => {
          onError(error);
          // The job or its lock is gone: nothing is left to finish.
          if (isRefusedByScript(error)) held.delete(each.item);
          else unfinished.push(each);
          return undefined;
        }),
      );
      const next = await Promise.all(calls);
      return { taken: next.filter((item) => item !== undefined), unfinished };
    },

    // Forced: otherwise BullMQ waits until its blocking command ends. Jobs are finished on a shared
    // connection, which stays open.
    takeNoMore: () => worker.close(true),

    async close() {
      clearInterval(renewing);
      await worker.close(true);
    },
  };
}

/** Ends a job in BullMQ. Returns the next one if this one is done and `worker` is given. */
async function endJob(
  { job, token }: TakenJob,
  outcome: DeliveryOutcome,
  worker: SalvagingWorker | undefined,
): Promise<NextJob> {
  switch (outcome.kind) {
    case 'accepted':
    case 'repeated':
      return completeAndTakeNext(job, token, worker);
    case 'retry':
      await job.moveToFailed(retryIn(outcome.reason, outcome.delayMs), token, false);
      return undefined;
    case 'failed':
      await job.moveToFailed(failedForGood(outcome.reason), token, false);
      return undefined;
    case 'back':
      await job.moveToWait(token);
      return undefined;
    case 'behind':
      // The next job to be taken brings a delayed one that is due to the end of the queue.
      await job.moveToDelayed(Date.now(), token);
      return undefined;
  }
}
