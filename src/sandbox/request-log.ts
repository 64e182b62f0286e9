/** One API request. */
export interface RequestRecord {
  readonly atMs: number;
  /** The path below the base URL. */
  readonly endpoint: string;
  /** The HTTP status of the answer; null before it is sent, and for good after a reset or a hang. */
  readonly status: number | null;
}

/** All API requests, refused ones included. */
export interface RequestLog {
  /** Records an arrival. The function that it returns records the status of the answer. */
  readonly arrive: (endpoint: string) => {
    readonly atMs: number;
    readonly answered: (status: number) => void;
  };
  /** Returns how long the client must wait, in milliseconds, or null if the limit allows this arrival. */
  readonly waitMs: (atMs: number) => number | null;
  readonly requests: () => readonly RequestRecord[];
  /** Returns the number of all arrivals, also of those no longer kept. */
  readonly total: () => number;
  readonly busiestWindow: (windowMs: number) => number;
}

/** Allows `limit` arrivals in any rolling window. Keeps the newest 100,000 and counts among them. */
export function createRequestLog(limit: number, windowMs: number, now: () => number): RequestLog {
  type Entry = { atMs: number; endpoint: string; status: number | null };
  let records: Entry[] = [];
  let total = 0;
  const count = createRollingCount(KEPT_RECORDS);

  return {
    arrive(endpoint) {
      const record: Entry = {
        atMs: now(),
        endpoint: endpoint.slice(0, 100),
        status: null,
      };
      total += 1;
      records.push(record);
      if (records.length >= KEPT_RECORDS * 1.1) records = records.slice(-KEPT_RECORDS);
      count.add(record.atMs);
      return {
        atMs: record.atMs,
        answered: (status) => {
          record.status = status;
        },
      };
    },
    waitMs: (atMs) =>
      count.within(windowMs, atMs) > limit ? count.freeAtMs(limit, windowMs, atMs) - atMs : null,
    requests: () => records.map(({ atMs, endpoint, status }) => ({ atMs, endpoint, status })),
    total: () => total,
    busiestWindow: (ofMs) => count.busiest(ofMs),
  };
}

const KEPT_RECORDS = 100_000;

/** Counts arrivals in rolling windows, exactly. Times are in milliseconds of the caller's clock. */
export interface RollingCount {
  readonly add: (atMs: number) => void;
  /** Returns how many arrived less than `windowMs` before `nowMs`. */
  readonly within: (windowMs: number, nowMs: number) => number;
  /** Returns the most that arrived in any half-open window [t, t + windowMs). */
  readonly busiest: (windowMs: number) => number;
  /** Returns the first time at which one more arrival keeps every window within `limit`. */
  readonly freeAtMs: (limit: number, windowMs: number, nowMs: number) => number;
}

/** Keeps the newest `keepAtMost` arrivals and counts among them. */
export function createRollingCount(keepAtMost = 100_000): RollingCount {
  // In order of time even when the clock is set back, so that counting from the end is exact.
  const arrivalsMs: number[] = [];

  return {
    add(atMs) {
      let index = arrivalsMs.length;
      while (index > 0 && (arrivalsMs[index - 1] as number) > atMs) index -= 1;
      arrivalsMs.splice(index, 0, atMs);
      // Many at once, now and then: to remove one at a time would move the whole list each time.
      if (arrivalsMs.length >= keepAtMost * 1.1) {
        arrivalsMs.splice(0, arrivalsMs.length - keepAtMost);
      }
    },

    within(windowMs, nowMs) {
      let count = 0;
      while (
        count < arrivalsMs.length &&
        (arrivalsMs[arrivalsMs.length - 1 - count] as number) > nowMs - windowMs
      ) {
        count += 1;
      }
      return count;
    },

    busiest(windowMs) {
      let max = 0;
      let first = 0;
      for (const [last, atMs] of arrivalsMs.entries()) {
        while (atMs - (arrivalsMs[first] as number) >= windowMs && first < last) first += 1;
        max = Math.max(max, last - first + 1);
      }
      return max;
    },

    freeAtMs(limit, windowMs, nowMs) {
      if (limit < 1) return nowMs + windowMs;
      const blocking = arrivalsMs[arrivalsMs.length - limit];
      return blocking === undefined ? nowMs : Math.max(nowMs, blocking + windowMs);
    },
  };
}
