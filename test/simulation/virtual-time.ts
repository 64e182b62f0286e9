import { setImmediate as turnOfTheLoop } from 'node:timers/promises';

/** A clock that stands still until it is run, and then goes from one event to the next. */
export interface VirtualTime {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Calls back at that time, or at once if it is over. Returns what calls it off. */
  readonly at: (timeMs: number, happen: () => void) => () => void;
  readonly sleep: (durationMs: number) => Promise<void>;
  /** Lets all happen that is due up to that time. What it sets off is waited for. */
  readonly runUntil: (timeMs: number) => Promise<void>;
}

interface Event {
  readonly atMs: number;
  readonly happen: () => void;
}

/**
 * Events at the same time happen in the order in which they were added. What follows from an event
 * by promises alone has happened before the next one.
 */
export function createVirtualTime(startMs: number): VirtualTime {
  let nowMs = startMs;
  // There are never more than a few dozen.
  const events: Event[] = [];

  function at(timeMs: number, happen: () => void): () => void {
    const event = { atMs: Math.max(nowMs, timeMs), happen };
    const later = events.findIndex(({ atMs }) => atMs > event.atMs);
    events.splice(later === -1 ? events.length : later, 0, event);
    return () => {
      const index = events.indexOf(event);
      if (index !== -1) events.splice(index, 1);
    };
  }

  return {
    nowMs: () => nowMs,
    at,
    sleep: (durationMs) =>
      new Promise((resolve) => {
        at(nowMs + durationMs, resolve);
      }),
    async runUntil(timeMs) {
      await turnOfTheLoop();
      for (let next = events[0]; next !== undefined && next.atMs <= timeMs; next = events[0]) {
        events.shift();
        nowMs = next.atMs;
        next.happen();
        await turnOfTheLoop();
      }
      nowMs = Math.max(nowMs, timeMs);
    },
  };
}
