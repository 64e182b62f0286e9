import { contestantsOf, type Build } from './builds.ts';
import { counted, type Ground } from './ground.ts';
import { drainRelay } from './measure-deliveries.ts';
import { measure, type Sample, type Series } from './statistics.ts';

/** Measures how speed and memory change with webhooks, with waiting deliveries and with replicas. */
export async function measureGrowth(
  ground: Ground,
  builds: readonly Build[],
  { rounds, scale }: { readonly rounds: number; readonly scale: number },
): Promise<Series[]> {
  const mentions = Math.ceil(5_000 * scale);
  const axes = [
    [1, 10, 100].map((webhooks) => ({
      setting: counted(webhooks, 'webhook'),
      run: (build: Build) => drained(ground, build, webhooks, Math.ceil(mentions / webhooks)),
    })),
    [1_000, 10_000, 100_000].map((full) => {
      const waiting = Math.ceil(full * scale);
      return {
        setting: `1 webhook, ${waiting.toLocaleString('en-GB')} waiting`,
        run: (build: Build) => drained(ground, build, 1, waiting + mentions, { until: mentions }),
      };
    }),
    [1, 2, 4].map((replicas) => ({
      setting: `5 webhooks, ${counted(replicas, 'replica')}`,
      run: (build: Build) => drained(ground, build, 5, Math.ceil((2 * mentions) / 5), { replicas }),
    })),
  ];
  const series: Series[] = [];
  for (const steps of axes) {
    const contestants = steps.flatMap(({ setting, run }) =>
      contestantsOf(builds, { setting, subject: 'relay', reference: null }, run),
    );
    series.push(...(await measure('growth', contestants, rounds)));
  }
  return series;
}

/** Returns speed and memory alone: what a delivery costs is measured elsewhere. */
async function drained(...relays: Parameters<typeof drainRelay>): Promise<Sample> {
  const { 'mentions/s': speed = NaN, 'peak MB': memory = NaN } = await drainRelay(...relays);
  return { 'mentions/s': speed, 'peak MB': memory };
}
