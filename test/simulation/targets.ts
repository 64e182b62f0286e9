import { adaptive, BUDGET, LATENCY_MS } from './compare.ts';
import { measure, type Measures } from './measures.ts';
import { ramp, SECOND_MS, suddenRise, workingDay, type Pattern } from './patterns.ts';
import { simulateRelay } from './simulate-relay.ts';

/** Measures of the default policy with another target, without recovery. */
export interface ComparedTarget {
  /** The share of the next window that should be new. */
  readonly targetShare: number;
  readonly missedInRises: { readonly spotted: number; readonly missed: number };
  /** On a working day. */
  readonly requestsPerMinute: number;
}

const TARGETS = [0.1, 0.2, 0.3, 0.5];
const RISES = 5;

/** Compares targets in rises that polls can hardly follow, and on a working day. */
export async function compareTargets(seed: number): Promise<ComparedTarget[]> {
  const rises = Array.from({ length: RISES }, (_, index) => [
    suddenRise(seed + index),
    ramp(4, 40, 5 * SECOND_MS, seed + index),
  ]).flat();
  const day = workingDay(seed);
  const compared: ComparedTarget[] = [];
  for (const targetShare of TARGETS) {
    const missedInRises = { spotted: 0, missed: 0 };
    for (const rise of rises) {
      const { spotted, missed } = await measured(rise, targetShare);
      missedInRises.spotted += spotted;
      missedInRises.missed += missed;
    }
    const { requestsPerMinute } = await measured(day, targetShare);
    compared.push({ targetShare, missedInRises, requestsPerMinute });
  }
  return compared;
}

async function measured(pattern: Pattern, targetShare: number): Promise<Measures> {
  const policy = adaptive({ intervalMs: 10_000, targetShare, ...BUDGET });
  const simulation = { pattern, policy, budget: BUDGET, latencyMs: LATENCY_MS, recovery: false };
  return measure(await simulateRelay(simulation));
}
