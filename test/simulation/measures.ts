import { quantile } from '../chaos/verdict.ts';
import { MINUTE_MS, START_MS } from './patterns.ts';
import type { SimulatedRun } from './simulate-relay.ts';

/** What is read off a run. */
export interface Measures {
  readonly spotted: number;
  /** Those that no poll brought. */
  readonly scrolledPast: number;
  /** Of these, those that were never delivered. */
  readonly missed: number;
  /** Of these, those that lie in no gap that was told: the worst that can happen. */
  readonly missedUntold: number;
  readonly recovered: number;
  readonly gaps: number;
  readonly requestsPerMinute: number;
  readonly busiestMinute: number;
  /** From spotted to queued, of those that polls brought. Null where there are none. */
  readonly delayP50Ms: number | null;
  readonly delayP99Ms: number | null;
}

/** Reads off what became of the mentions of a run, and what it cost. */
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
  const untold = missed.filter(({ atMs }) => {
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
    missedUntold: untold.length,
    recovered: run.recoveredAtMs.size,
    gaps: run.gaps.length,
    requestsPerMinute: run.requests / (run.lengthMs / MINUTE_MS),
    busiestMinute: run.busiestMinute,
    delayP50Ms: sorted.length === 0 ? null : quantile(sorted, 0.5),
    delayP99Ms: sorted.length === 0 ? null : quantile(sorted, 0.99),
  };
}
