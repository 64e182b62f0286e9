import { setTimeout as sleep } from 'node:timers/promises';

/** What is held while the relay runs, and let go of when it stops. */
export interface Lifecycle {
  /** To be called when stopping, in reverse order, also when starting failed half-way. */
  readonly onRelease: (release: () => Promise<void> | void) => void;
  /** Does something again and again until stopping; what it throws is told. */
  readonly every: (intervalMs: number, work: () => Promise<void>) => void;
  /** Asks Redis for something at the start, and again for as long as it refuses for now. */
  readonly untilTaken: <T>(ask: () => Promise<T>) => Promise<T>;
  /**
   * Runs `start`. If it throws, everything is released before the error goes on. A stop in the
   * meantime ends it without an error: what it still waits for may never be answered then.
   */
  readonly start: (start: () => Promise<void>) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Whether a stop has begun. */
  readonly stopping: () => boolean;
}

const REFUSED_PAUSE_MS = 1_000;

/** A lifecycle that has not begun. */
export function createLifecycle(options: {
  readonly reportError: (error: unknown) => void;
  /** Whether what Redis refused with this error may be taken later. */
  readonly mayPass: (error: unknown) => boolean;
}): Lifecycle {
  const { reportError, mayPass } = options;
  const releases: (() => Promise<void> | void)[] = [];
  const stopped = Promise.withResolvers<void>();
  let stopping = false;

  async function release(): Promise<void> {
    for (let next = releases.pop(); next !== undefined; next = releases.pop()) await next();
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
    // What a start that was cut off by a stop has taken since.
    await release();
  }

  return {
    onRelease: (next) => void releases.push(next),
    every(intervalMs, work) {
      const timer = setInterval(() => void work().catch(reportError), intervalMs);
      releases.push(() => clearInterval(timer));
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
