import type { VirtualTime } from './virtual-time.ts';

/** Who asks for a slot: a sweep, which looks for mentions that were missed, can wait. */
export type Purpose = 'poll' | 'sweep';

/** The budget of src/adapters/request-budget.ts in virtual time. */
export interface VirtualBudget {
  /** Waits for a slot, then runs `send`, which makes one request. */
  readonly run: <T>(purpose: Purpose, send: () => Promise<T>) => Promise<T>;
  /** How many slots sweeps hold now. */
  readonly heldBySweeps: () => number;
}

export interface VirtualBudgetOptions {
  readonly requestsPerWindow: number;
  readonly windowMs: number;
  /** Requests of sweeps pass only while fewer slots than this are taken. */
  readonly backgroundBelow: number;
}

// A slot is given back one window after the answer, and a margin.
const MARGIN_MS = 150;

/** As many slots as there may be requests in a window. */
export function createVirtualBudget(
  time: VirtualTime,
  { requestsPerWindow, windowMs, backgroundBelow }: VirtualBudgetOptions,
): VirtualBudget {
  const below: Record<Purpose, number> = { poll: requestsPerWindow, sweep: backgroundBelow };
  const waiting: Record<Purpose, (() => void)[]> = { poll: [], sweep: [] };
  const held: Record<Purpose, number> = { poll: 0, sweep: 0 };

  function grant(purpose: Purpose): void {
    while (held.poll + held.sweep < below[purpose]) {
      const next = waiting[purpose].shift();
      if (next === undefined) return;
      held[purpose] += 1;
      next();
    }
  }

  return {
    async run(purpose, send) {
      await new Promise<void>((resolve) => {
        waiting[purpose].push(resolve);
        grant(purpose);
      });
      try {
        return await send();
      } finally {
        time.at(time.nowMs() + windowMs + MARGIN_MS, () => {
          held[purpose] -= 1;
          grant('poll');
          grant('sweep');
        });
      }
    },
    heldBySweeps: () => held.sweep,
  };
}
