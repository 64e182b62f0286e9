/** One API request that arrived. */
export interface RequestRecord {
  readonly atMs: number;
  /** The path below the base URL. */
  readonly endpoint: string;
  /** The HTTP status of the answer; null while there is none, and for good after a reset or a hang. */
  readonly status: number | null;
}

/** Every API request that arrived, those refused included. */
export interface RequestLog {
  /** Notes an arrival. The function returned notes the status of its answer. */
  readonly arrive: (endpoint: string) => {
    readonly atMs: number;
    readonly answered: (status: number) => void;
  };
  /**
   * How long a client has to wait if this arrival was one too many, in milliseconds; null if the
   * limit allows it.
   */
  readonly waitMs: (atMs: number) => number | null;
  readonly requests: () => readonly RequestRecord[];
  /** The number of all arrivals, also of those no longer kept. */
  readonly total: () => number;
  readonly busiestWindow: (windowMs: number) => number;
}

/** Allows `limit` arrivals in any rolling window. Keeps and counts the newest 100,000. */
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
  /** How many arrived less than `windowMs` before `nowMs`. */
  readonly within: (windowMs: number, nowMs: number) => number;
  /** The most that arrived in any half-open window [t, t + windowMs). */
  readonly busiest: (windowMs: number) => number;
  /** The first time at which one more arrival would make no window hold more than `limit`. */
  readonly freeAtMs: (limit: number, windowMs: number, nowMs: number) => number;
}

/** Keeps the newest `keepAtMost` arrivals and counts among those. */
export function createRollingCount(keepAtMost = 100_000): RollingCount {
  // In order of time even when the clock is set back, so that counting from the end is exact.
  const arrivalsMs: number[] = [];

  return {
    add(atMs) {
      let index = arrivalsMs.length;
      while (index > 0 && (arrivalsMs[index - 1] as number) > atMs) index -= 1;
      arrivalsMs.splice(index, 0, atMs);
      // In one go now and then: taking off one at a time would move the whole list each time.
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
      let most = 0;
      let first = 0;
      for (const [last, atMs] of arrivalsMs.entries()) {
        while (atMs - (arrivalsMs[first] as number) >= windowMs && first < last) first += 1;
        most = Math.max(most, last - first + 1);
      }
      return most;
    },

    freeAtMs(limit, windowMs, nowMs) {
      if (limit < 1) return nowMs + windowMs;
      const inTheWay = arrivalsMs[arrivalsMs.length - limit];
      return inTheWay === undefined ? nowMs : Math.max(nowMs, inTheWay + windowMs);
    },
  };
}
