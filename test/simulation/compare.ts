import { measure, type Measures } from './measures.ts';
import { allPatterns, type Pattern } from './patterns.ts';
import { pollTimes, type PollTimes, type PollTimeSettings } from '../../src/polling/next-poll.ts';
import { simulateRelay, type SimulatedRun } from './simulate-relay.ts';

/** The decisions about the time of polls that are compared. */
export interface Policy {
  readonly name: string;
  readonly times: PollTimes;
}

/** Polls at the same interval always. */
export function fixedInterval(intervalMs: number): Policy {
  const times: PollTimes = {
    baseIntervalMs: intervalMs,
    minSpacingMs: () => 0,
    nextExtraInMs: () => null,
    isBusy: () => false,
  };
  return { name: `every ${intervalMs / 1000} s`, times };
}

/** Polls as the relay does. */
export function adaptive(settings: PollTimeSettings): Policy {
  return { name: `adaptive, ${settings.intervalMs / 1000} s`, times: pollTimes(settings) };
}

/** The defaults of RATE_BUDGET_PER_MINUTE and POLL_INTERVAL_SECONDS. */
export const BUDGET = { requestsPerWindow: 50, windowMs: 60_000 } as const;
export const DEFAULT_POLICY = adaptive({ intervalMs: 10_000, ...BUDGET });
/** The default, and the policies that it is compared with. */
export const POLICIES: readonly Policy[] = [
  fixedInterval(60_000),
  fixedInterval(15_000),
  DEFAULT_POLICY,
];
export const LATENCY_MS = 300;

/** A pattern under one policy, without recovery and with it. */
export interface Compared {
  readonly pattern: Pattern;
  readonly policy: Policy;
  readonly without: Measures;
  readonly with: Measures;
  /** With recovery. */
  readonly run: SimulatedRun;
}

/** Runs a pattern under a policy without recovery and with it. */
export async function compare(pattern: Pattern, policy: Policy): Promise<Compared> {
  const simulation = { pattern, policy, budget: BUDGET, latencyMs: LATENCY_MS };
  const without = measure(await simulateRelay({ ...simulation, recovery: false }));
  const run = await simulateRelay({ ...simulation, recovery: true });
  return { pattern, policy, without, with: measure(run), run };
}

/** Runs every pattern under every policy; `onDone` is called after each pattern. */
export async function compareAll(
  seed: number,
  onDone: (pattern: Pattern) => void,
): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const pattern of allPatterns(seed)) {
    for (const policy of POLICIES) compared.push(await compare(pattern, policy));
    onDone(pattern);
  }
  return compared;
}
