import { setTimeout as sleep } from 'node:timers/promises';

/** Resources to release on shutdown. */
export interface Lifecycle {
  /** Adds a release: releases run in reverse order on a stop, or if the start fails half-way. */
  readonly onRelease: (release: () => Promise<void> | void) => void;
  /**
   * Repeats work until the stop; its errors are reported. Work of one interval runs at one time, as
   * each time wakes the process and the connection to Redis.
   */
  readonly every: (intervalMs: number, work: () => Promise<void>) => void;
  /** Asks Redis for something at the start, and again while it refuses temporarily. */
  readonly untilTaken: <T>(ask: () => Promise<T>) => Promise<T>;
  /**
   * Runs `start`. If it throws, everything is released before the error goes on. A stop ends it
   * without an error: the answers that it waits for may never come.
   */
  readonly start: (start: () => Promise<void>) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Returns true once a stop has begun. */
  readonly stopping: () => boolean;
}

const REFUSED_PAUSE_MS = 1_000;

/** Creates a lifecycle that has not begun. */
export function createLifecycle(options: {
  readonly reportError: (error: unknown) => void;
  /** Returns true if Redis may accept later what it refused with this error. */
  readonly mayPass: (error: unknown) => boolean;
}): Lifecycle {
  const { reportError, mayPass } = options;
  const releases: (() => Promise<void> | void)[] = [];
  const repeated = new Map<number, Set<() => Promise<void>>>();
  const stopped = Promise.withResolvers<void>();
  let stopping = false;

  async function release(): Promise<void> {
    for (let next = releases.pop(); next !== undefined; next = releases.pop()) await next();
  }

  function repeat(intervalMs: number): Set<() => Promise<void>> {
    const works = new Set<() => Promise<void>>();
    const timer = setInterval(() => {
      for (const work of works) void work().catch(reportError);
    }, intervalMs);
    repeated.set(intervalMs, works);
    releases.push(() => clearInterval(timer));
    return works;
  }

  async function runStart(start: () => Promise<void>): Promise<void> {
    try {
      await start();
      if (!stopping) return;
    } catch (error) {
      if (!stopping) {
        await release();
        throw error;
      }
    }
    // The resources that an interrupted start has taken since the stop.
    await release();
  }

  return {
    onRelease: (next) => void releases.push(next),
    every(intervalMs, work) {
      const works = repeated.get(intervalMs) ?? repeat(intervalMs);
      works.add(work);
      releases.push(() => void works.delete(work));
    },
    async untilTaken(ask) {
      for (;;) {
        try {
          return await ask();
        } catch (error) {
          if (stopping || !mayPass(error)) throw error;
          reportError(error);
          await sleep(REFUSED_PAUSE_MS);
        }
      }
    },
    start: (start) => Promise.race([runStart(start), stopped.promise]),
    async stop() {
      stopping = true;
      await release();
      stopped.resolve();
    },
    stopping: () => stopping,
  };
}
