import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../helpers/wait-until.ts';
import { startRelay, startScript, type BenchProcess } from './bench-process.ts';
import { epochMs } from './epoch.ts';
import type { Ground } from './ground.ts';
import type { NaiveTask } from './naive-script.ts';
import type { Series } from './results.ts';
import { median, quantile } from './statistics.ts';
import { byTurns } from './turns.ts';

/** How mentions come, and to how many webhooks they go. */
interface Situation {
  readonly setting: string;
  readonly webhooks: number;
  /** New at once. */
  readonly burst: number;
}

const SITUATIONS: readonly Situation[] = [
  { setting: '1 new, 1 webhook', webhooks: 1, burst: 1 },
  { setting: '20 new at once, 1 webhook', webhooks: 1, burst: 20 },
  { setting: '20 new at once, 5 webhooks', webhooks: 5, burst: 20 },
];
const ENDPOINT = '/account/mentions';
const TIMEOUT_MS = 20_000;
const NAIVE_INTERVAL_MS = 250;
const MAX_PAUSE_MS = 300;
const NAIVE = 'script without a queue';

/** From the poll's answer, as it leaves the API, to each POST at its receiver. */
async function delaysOf(
  ground: Ground,
  { webhooks, burst }: Situation,
  start: (urls: readonly string[]) => Promise<BenchProcess> | BenchProcess,
  trials: number,
): Promise<number[]> {
  const { sandbox, receivers, answers } = ground;
  const urls = await receivers.open(webhooks);
  await ground.clear();
  const delays: number[] = [];
  await ground.during(await start(urls), async () => {
    const startedAtMs = epochMs();
    await waitUntil('the first polls', () => pollsSince(ground, startedAtMs) >= 2);
    for (let trial = 0; trial < trials; trial++) {
      // So that it does not fall at the same moment between two polls each time.
      await sleep((MAX_PAUSE_MS * trial) / trials);
      const spottedAtMs = epochMs();
      sandbox.spot(burst);
      const already = delays.length;
      const arrivals = await receivers.waitFor(already + burst * webhooks, TIMEOUT_MS);
      const answer = answers().find(
        ({ endpoint, atMs }) => endpoint === ENDPOINT && atMs >= spottedAtMs,
      );
      if (answer === undefined) throw new Error('there was no poll');
      delays.push(...arrivals.slice(already).map(({ atMs }) => atMs - answer.outAtMs));
    }
  });
  return delays;
}

function pollsSince(ground: Ground, sinceMs: number): number {
  return ground.answers().filter(({ endpoint, atMs }) => endpoint === ENDPOINT && atMs >= sinceMs)
    .length;
}

/** The delay, calm and when many come at once: the relay, and a script without a queue. */
export async function measureDelay(
  ground: Ground,
  { rounds, trials }: { readonly rounds: number; readonly trials: number },
): Promise<Series[]> {
  const series: Series[] = [];
  for (const situation of SITUATIONS) {
    const environment = await ground.environment(situation.webhooks);
    const contestants = [
      {
        subject: NAIVE,
        start: (urls: readonly string[]) => {
          const task: NaiveTask = {
            apiUrl: ground.sandbox.url.href,
            apiKey: 'sandbox-key',
            urls,
            intervalMs: NAIVE_INTERVAL_MS,
          };
          return startScript('naive-script.ts', task);
        },
      },
      {
        subject: 'relay',
        start: () =>
          startRelay({ ...environment, POLL_INTERVAL_SECONDS: '1', RATE_BUDGET_PER_MINUTE: '60' }),
      },
    ];
    const samples = await byTurns(
      contestants.map(({ start }) => ({ run: () => delaysOf(ground, situation, start, trials) })),
      rounds,
    );
    for (const [index, { subject }] of contestants.entries()) {
      const runs = samples[index] ?? [];
      const about = { part: 'delay', setting: situation.setting, subject } as const;
      const compared = subject === NAIVE ? {} : { reference: NAIVE };
      series.push(
        { ...about, ...compared, unit: 'ms, p50', samples: runs.map(median) },
        // Of all runs together: one has too few for the slowest hundredth.
        { ...about, ...compared, unit: 'ms, p99', samples: [quantile(runs.flat(), 0.99)] },
      );
    }
  }
  return series;
}
