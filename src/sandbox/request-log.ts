import { createRollingCount } from './rolling-count.ts';

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
