import { Queue, Worker, type Job, type QueueOptions, type WorkerOptions } from 'bullmq';
import type { RedisClient } from '../redis/redis-client.ts';
import type { Stopping } from './delivery-outcome.ts';

/** BullMQ's queues and workers on one shared connection, which stays open when they are closed. */
export interface OpenQueues {
  /** The queue of this name, opened when it is asked for first. */
  readonly queue: (name: string) => Queue;
  /** Starts to process the jobs of the queue of this name. */
  readonly startWorker: (
    name: string,
    process: (job: Job, token: string | undefined) => Promise<void>,
    options: Omit<WorkerOptions, 'connection' | 'prefix'>,
  ) => Worker;
  /** How jobs under way are told of the close. */
  readonly stopping: Stopping;
  /**
   * Takes no more jobs and waits for those under way, which are told at once that it has begun, and
   * after `graceMs` that it is overdue.
   */
  readonly close: (graceMs: number) => Promise<'in time' | 'overdue'>;
}

/** More than any count of BullMQ's ever comes to. */
export const NEVER = 1_000_000_000;
const RETRY_DELAY_MS = 1_000;

/** No queue is open yet. */
export function createOpenQueues(options: {
  readonly redis: RedisClient;
  /** As a hash tag: `{mention-relay}`. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}): OpenQueues {
  const { redis, onError } = options;
  const base: QueueOptions = {
    connection: redis,
    prefix: options.prefix,
    // Nobody reads the event stream: keep next to nothing of it.
    streams: { events: { maxLen: 10 } },
  };
  const queues = new Map<string, Queue>();
  const workers: Worker[] = [];
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

    startWorker(name, process, workerOptions) {
      const worker = new Worker(name, process, {
        ...base,
        // A stalled job is one whose worker died. However often that happens, it is not the job's
        // fault.
        maxStalledCount: NEVER,
        // What BullMQ calls a connection error comes from a Cluster whose nodes are all away.
        runRetryDelay: RETRY_DELAY_MS,
        ...workerOptions,
      });
      worker.on('error', onError);
      workers.push(worker);
      return worker;
    },

    stopping: { begun: stopBegun.signal, overdue: stopOverdue.signal },

    async close(graceMs) {
      const reason = new Error('the relay is stopping');
      stopBegun.abort(reason);
      const timer = setTimeout(() => stopOverdue.abort(reason), graceMs);
      try {
        await Promise.all(workers.map((worker) => worker.close()));
      } finally {
        clearTimeout(timer);
      }
      await Promise.all([...queues.values()].map((open) => open.close()));
      return stopOverdue.signal.aborted ? 'overdue' : 'in time';
    },
  };
}
