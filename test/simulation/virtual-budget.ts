import type { VirtualTime } from './virtual-time.ts';

/** Who asks for a slot: a sweep, which looks for mentions that were missed, can wait. */
export type Purpose = 'poll' | 'sweep';

/** The budget of src/groouply/request-budget.io.ts in virtual time. */
export interface VirtualBudget {
  /** Waits for a slot, then runs `send`, which makes one request. */
  readonly run: <T>(purpose: Purpose, send: () => Promise<T>) => Promise<T>;
  /** The account counts as busy for half a minute from now. */
  readonly setBusy: () => void;
  /** How many slots sweeps hold now. */
  readonly heldBySweeps: () => number;
}

export interface VirtualBudgetOptions {
  readonly requestsPerWindow: number;
  readonly windowMs: number;
  /** Requests of sweeps pass only while fewer slots than this are taken. */
  readonly backgroundBelow: number;
  /** How many they may hold while the account is busy. */
  readonly backgroundWhileBusy: number;
}

// A slot is given back one window after the answer, and a margin.
const MARGIN_MS = 150;
const BUSY_MS = 30_000;

/** As many slots as there may be requests in a window. */
export function createVirtualBudget(
  time: VirtualTime,
  { requestsPerWindow, windowMs, backgroundBelow, backgroundWhileBusy }: VirtualBudgetOptions,
): VirtualBudget {
  const waiting: Record<Purpose, (() => void)[]> = { poll: [], sweep: [] };
  const held: Record<Purpose, number> = { poll: 0, sweep: 0 };

  let busyUntilMs = -Infinity;

  function mayPass(purpose: Purpose): boolean {
    const taken = held.poll + held.sweep;
    if (purpose === 'poll') return taken < requestsPerWindow;
    if (time.nowMs() >= busyUntilMs) return taken < backgroundBelow;
    return taken < requestsPerWindow && held.sweep < backgroundWhileBusy;
  }

  function grant(purpose: Purpose): void {
    while (mayPass(purpose)) {
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
    setBusy() {
      busyUntilMs = time.nowMs() + BUSY_MS;
      time.at(busyUntilMs, () => grant('sweep'));
    },
    heldBySweeps: () => held.sweep,
  };
}
