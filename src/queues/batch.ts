import type { Job, Worker } from 'bullmq';
import type { DeliveryOutcome } from './delivery-outcome.ts';
import type { DueDelivery } from './delivery-outcome.ts';
import { readKept } from './delivery-data.ts';

/** Jobs that travel together, the first of them BullMQ's own. */
export interface Batch {
  readonly jobs: readonly Job[];
  /** Stops keeping up the locks of those that were taken by hand. */
  readonly release: () => void;
}

/**
 * Takes the jobs that wait behind one that is being processed, in their order, `size` in all, each
 * with a lock of its own, which is kept up until they are released. Where nothing waits this costs
 * one call; otherwise each round of calls, sent together, asks for as many as were there so far.
 */
export async function takeBatch(
  worker: Worker,
  first: Job,
  size: number,
  locks: { readonly lockDuration: number; readonly lockRenewTime: number },
): Promise<Batch> {
  const more: Job[] = [];
  while (more.length + 1 < size) {
    const from = more.length + 1;
    const asked = Math.min(from, size - from);
    const taken = await Promise.allSettled(
      Array.from({ length: asked }, (_, index) => {
        const token = `${first.token}-${from + index}`;
        return worker.getNextJob(token, { block: false }) as Promise<Job | undefined>;
      }),
    );
    // What was taken goes on, whatever became of the other calls.
    for (const each of taken) {
      if (each.status === 'rejected') worker.emit('error', each.reason as Error);
      else if (each.value !== undefined) more.push(each.value);
    }
    if (more.length + 1 < from + asked) break;
  }
  if (more.length === 0) return { jobs: [first], release: () => undefined };

  const keepLocks = setInterval(() => {
    const ids = more.map(({ id }) => id ?? '');
    const tokens = more.map(({ token }) => token ?? '');
    worker
      .extendJobLocks(ids, tokens, locks.lockDuration)
      .catch((error: Error) => worker.emit('error', error));
  }, locks.lockRenewTime);
  return { jobs: [first, ...more], release: () => clearInterval(keepLocks) };
}

/**
 * Delivers what can be read of the jobs; one that can't, such as one of an unknown later release,
 * fails by itself. Outcomes are in the order of the jobs.
 */
export async function deliverReadable(
  webhook: string,
  jobs: readonly Job[],
  deliver: (due: readonly DueDelivery[]) => Promise<readonly DeliveryOutcome[]>,
): Promise<readonly DeliveryOutcome[]> {
  const read = jobs.map((job) => dueOf(webhook, job));
  const due = read.filter((each) => typeof each !== 'string');
  const delivered = (due.length > 0 ? await deliver(due) : []).values();
  return read.map((each) =>
    typeof each === 'string'
      ? { kind: 'failed', reason: each }
      : (delivered.next().value ?? { kind: 'interrupted' }),
  );
}

/** The delivery of a job, or why it can't be read. */
function dueOf(webhook: string, job: Job): DueDelivery | string {
  const { reading } = readKept(webhook, job.data);
  if (!reading.ok) return reading.error;
  return { delivery: reading.value, attempt: job.attemptsMade + 1 };
}
