import { quantile } from '../chaos/verdict.ts';
import { MINUTE_MS, START_MS } from './patterns.ts';
import type { SimulatedRun } from './simulate-relay.ts';

/** The measures of a run. */
export interface Measures {
  readonly spotted: number;
  /** Mentions that no poll brought. */
  readonly scrolledPast: number;
  /** Mentions that scrolled past and were never delivered. */
  readonly missed: number;
  /** Missed mentions in no reported gap: the worst case. */
  readonly missedUnreported: number;
  readonly recovered: number;
  readonly gaps: number;
  readonly requestsPerMinute: number;
  readonly busiestMinute: number;
  /** From spotted to queued, of mentions that polls brought; null if there are none. */
  readonly delayP50Ms: number | null;
  readonly delayP99Ms: number | null;
}

/** Measures what became of the mentions of a run, and its cost. */
export function measure(run: SimulatedRun): Measures {
  const arrivals = run.pattern.arrivals.filter(
    ({ atMs, mention }) => atMs > run.firstWindowAtMs || run.queuedAtMs.has(mention.id),
  );
  const delaysMs: number[] = [];
  const scrolledPast = arrivals.filter(({ atMs, mention }) => {
    const queuedAtMs = run.queuedAtMs.get(mention.id);
    if (queuedAtMs !== undefined) delaysMs.push(queuedAtMs - atMs);
    return queuedAtMs === undefined;
  });
  const missed = scrolledPast.filter(({ mention }) => !run.recoveredAtMs.has(mention.id));
  const unreported = missed.filter(({ atMs }) => {
    // The API gives whole seconds.
    const spottedAtMs = START_MS + Math.floor(atMs / 1000) * 1000;
    return !run.gaps.some(
      ({ fromMs, toMs }) =>
        spottedAtMs >= (fromMs ?? -Infinity) && spottedAtMs <= (toMs ?? Infinity),
    );
  });
  const sorted = delaysMs.sort((one, other) => one - other);
  return {
    spotted: arrivals.length,
    scrolledPast: scrolledPast.length,
    missed: missed.length,
    missedUnreported: unreported.length,
    recovered: run.recoveredAtMs.size,
    gaps: run.gaps.length,
    requestsPerMinute: run.requests / (run.lengthMs / MINUTE_MS),
    busiestMinute: run.busiestMinute,
    delayP50Ms: sorted.length === 0 ? null : quantile(sorted, 0.5),
    delayP99Ms: sorted.length === 0 ? null : quantile(sorted, 0.99),
  };
}
