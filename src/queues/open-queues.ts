import { Queue, type Processor, type Worker, type QueueOptions, type WorkerOptions } from 'bullmq';
import type { RedisClient } from '../redis/redis-client.ts';
import { backoffMs, UNLIMITED } from './bullmq-internals.ts';
import { SalvagingWorker } from './damaged-jobs.ts';

/**
 * Signals that the relay stops. After `begun` nothing new starts, and running POSTs may end. After
 * `overdue` they are aborted.
 */
export interface Stopping {
  readonly begun: AbortSignal;
  readonly overdue: AbortSignal;
}

/** BullMQ's queues and workers on one shared connection, which stays open when they are closed. */
export interface OpenQueues {
  /** Returns the queue of this name. Opens it at the first call. */
  readonly queue: (name: string) => Queue;
  /**
   * Creates a worker of the queue of this name. Without a processor the caller takes the jobs by
   * hand and closes the worker, before its work ends. Throws after `close`.
   */
  readonly createWorker: (
    name: string,
    process: Processor | null,
    options: Omit<WorkerOptions, 'connection' | 'prefix'>,
  ) => SalvagingWorker;
  /** Makes `close` wait for this work too. */
  readonly waitFor: (work: Promise<void>) => void;
  readonly stopping: Stopping;
  /** Starts the stop, and waits for all work. It is overdue after `graceMs`. */
  readonly close: (graceMs: number) => Promise<'in time' | 'overdue'>;
}

const RETRY_DELAY_MS = 1_000;

/** Creates the opener of queues. No queue is open yet. */
export function createOpenQueues(options: {
  readonly redis: RedisClient;
  /** As a hash tag: `{mention-relay}`. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}): OpenQueues {
  const { redis, onError } = options;
  const base = {
    connection: redis,
    prefix: options.prefix,
    // Nobody reads the event stream: keep next to nothing of it.
    streams: { events: { maxLen: 10 } },
  } satisfies QueueOptions;
  const queues = new Map<string, Queue>();
  const workers: Worker[] = [];
  const manualWorkers: Worker[] = [];
  const work: Promise<void>[] = [];
  const stopBegun = new AbortController();
  const stopOverdue = new AbortController();

  return {
    queue(name) {
      const known = queues.get(name);
      if (known) return known;
      const created = new Queue(name, base);
      created.on('error', onError);
      queues.set(name, created);
      return created;
    },

    createWorker(name, process, workerOptions) {
      // A start that a stop has interrupted would open a connection that nobody closes.
      stopBegun.signal.throwIfAborted();
      const worker = new SalvagingWorker(name, process, {
        ...base,
        // A stalled job is one whose worker died: never a reason to fail the job.
        maxStalledCount: UNLIMITED,
        // BullMQ reports a connection error if all nodes of a Cluster are unreachable.
        runRetryDelay: RETRY_DELAY_MS,
        settings: { backoffStrategy: (_made, _type, error) => backoffMs(error) },
        ...workerOptions,
      });
      worker.on('error', onError);
      (process === null ? manualWorkers : workers).push(worker);
      return worker;
    },

    waitFor: (each) => void work.push(each),
    stopping: { begun: stopBegun.signal, overdue: stopOverdue.signal },

    async close(graceMs) {
      const reason = new Error('the relay is stopping');
      stopBegun.abort(reason);
      const timer = setTimeout(() => stopOverdue.abort(reason), graceMs);
      try {
        await Promise.all([...workers.map((worker) => worker.close()), ...work]);
      } finally {
        clearTimeout(timer);
      }
      // Those of a start that was interrupted before their work began.
      await Promise.all(manualWorkers.map((worker) => worker.close(true)));
      await Promise.all([...queues.values()].map((open) => open.close()));
      return stopOverdue.signal.aborted ? 'overdue' : 'in time';
    },
  };
}
