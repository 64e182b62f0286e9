import type { VirtualTime } from './virtual-time.ts';

/** Who asks for a slot: a poll goes before a sweep, which looks for mentions that were missed. */
export type Purpose = 'poll' | 'sweep';

/** The budget of src/adapters/request-budget.ts in virtual time. */
export interface VirtualBudget {
  /** Waits for a slot, then runs `send`, which makes one request. */
  readonly run: <T>(purpose: Purpose, send: () => Promise<T>) => Promise<T>;
  /** How many slots sweeps hold now, or wait for. */
  readonly slotsOfSweeps: () => number;
}

export interface VirtualBudgetOptions {
  readonly requestsPerWindow: number;
  readonly windowMs: number;
  /** How many of the slots sweeps may hold at the same time. */
  readonly sweepSlots: number;
}

// A slot is given back one window after the answer, and a margin.
const MARGIN_MS = 150;

/** As many slots as there may be requests in a window. */
export function createVirtualBudget(
  time: VirtualTime,
  { requestsPerWindow, windowMs, sweepSlots }: VirtualBudgetOptions,
): VirtualBudget {
  let free = requestsPerWindow;
  let freeForSweeps = sweepSlots;
  const waiting: Record<Purpose, (() => void)[]> = { poll: [], sweep: [] };

  // A sweep leaves one for a poll that may come at any moment.
  const leastForSweep = Math.min(2, requestsPerWindow);

  function grant(): void {
    while (free > 0) {
      const poll = waiting.poll.shift();
      const sweepMay = freeForSweeps > 0 && free >= leastForSweep;
      const next = poll ?? (sweepMay ? waiting.sweep.shift() : undefined);
      if (next === undefined) return;
      free -= 1;
      if (poll === undefined) freeForSweeps -= 1;
      next();
    }
  }

  return {
    async run(purpose, send) {
      await new Promise<void>((resolve) => {
        waiting[purpose].push(resolve);
        grant();
      });
      try {
        return await send();
      } finally {
        time.at(time.nowMs() + windowMs + MARGIN_MS, () => {
          free += 1;
          if (purpose === 'sweep') freeForSweeps += 1;
          grant();
        });
      }
    },
    slotsOfSweeps: () => Math.min(sweepSlots, sweepSlots - freeForSweeps + waiting.sweep.length),
  };
}
