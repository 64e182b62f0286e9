import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../helpers/wait-until.ts';
import { contestantsOf, type Build } from './builds.ts';
import type { Ground } from './ground.ts';
import { epochMs, type BenchProcess } from './processes.ts';
import { measure, median, quantile, type Sample, type Series } from './statistics.ts';

/** How many mentions come at once, and to how many webhooks they go. */
const SITUATIONS = [
  { setting: '1 new, 1 webhook', webhooks: 1, burst: 1 },
  { setting: '20 new at once, 1 webhook', webhooks: 1, burst: 20 },
  { setting: '20 new at once, 5 webhooks', webhooks: 5, burst: 20 },
] as const;
type Situation = (typeof SITUATIONS)[number];

const TIMEOUT_MS = 20_000;
const MAX_PAUSE_MS = 300;

/** Measures the delay from the API's answer to the POST: calm, and when many mentions come at once. */
export async function measureDelay(
  ground: Ground,
  builds: readonly Build[],
  { rounds, trials }: { readonly rounds: number; readonly trials: number },
): Promise<Series[]> {
  const series: Series[] = [];
  for (const situation of SITUATIONS) {
    const { setting, webhooks } = situation;
    const env = {
      ...(await ground.environment(webhooks)),
      POLL_INTERVAL_SECONDS: '1',
      RATE_BUDGET_PER_MINUTE: '60',
    };
    const contestants = contestantsOf(
      builds,
      { setting, subject: 'relay', reference: null },
      (build) => delaysOf(ground, situation, () => build.start(env), trials),
    );
    series.push(...(await measure('delay', contestants, rounds)));
  }
  return series;
}

async function delaysOf(
  ground: Ground,
  { webhooks, burst }: Situation,
  startRelay: () => BenchProcess,
  trials: number,
): Promise<Sample> {
  const { sandbox, receivers, polls } = ground;
  await ground.clear();
  const relay = startRelay();
  const delays: number[] = [];
  try {
    await waitUntil('the first polls', () => polls().length >= 2);
    for (let trial = 0; trial < trials; trial++) {
      // Each trial falls at another moment between two polls.
      await sleep((MAX_PAUSE_MS * trial) / trials);
      const spottedAtMs = epochMs();
      sandbox.spot(burst);
      const already = delays.length;
      const arrivals = await receivers.waitFor(already + burst * webhooks, TIMEOUT_MS);
      const poll = polls().find(({ atMs }) => atMs >= spottedAtMs);
      if (poll === undefined) throw new Error('there was no poll');
      delays.push(...arrivals.slice(already).map(({ atMs }) => atMs - poll.answeredAtMs));
    }
  } finally {
    await relay.kill();
  }
  return { 'ms, p50': median(delays), 'ms, p90': quantile(delays, 0.9) };
}
