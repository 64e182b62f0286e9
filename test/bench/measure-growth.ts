import type { Ground } from './ground.ts';
import { drainRelay, type Drain } from './measure-deliveries.ts';
import type { Series } from './results.ts';
import { byTurns } from './turns.ts';

interface Step {
  readonly setting: string;
  readonly x: number;
  readonly run: () => Promise<Drain>;
}

/** How speed and memory change with webhooks, with what waits, and with replicas. */
export async function measureGrowth(
  ground: Ground,
  { rounds, scale }: { readonly rounds: number; readonly scale: number },
): Promise<Series[]> {
  const mentions = Math.ceil(5_000 * scale);
  const axes: Readonly<Record<string, readonly Step[]>> = {
    webhooks: [1, 2, 5, 10, 20, 50, 100].map((webhooks) => ({
      setting: webhooks === 1 ? '1 webhook' : `${webhooks} webhooks`,
      x: webhooks,
      run: () => drainRelay(ground, webhooks, Math.ceil(mentions / webhooks)),
    })),
    waiting: [10, 100, 1_000, 10_000, Math.ceil(100_000 * scale)].map((waiting) => ({
      setting: `${waiting.toLocaleString('en-GB')} waiting, 1 webhook`,
      x: waiting,
      run: () => drainRelay(ground, 1, waiting + mentions, { until: mentions }),
    })),
    replicas: [1, 2, 3, 4].map((replicas) => ({
      setting: replicas === 1 ? '1 replica, 5 webhooks' : `${replicas} replicas, 5 webhooks`,
      x: replicas,
      run: () => drainRelay(ground, 5, Math.ceil((2 * mentions) / 5), { replicas }),
    })),
  };
  const series: Series[] = [];
  for (const [axis, steps] of Object.entries(axes)) {
    const samples = await byTurns(steps, rounds);
    for (const [index, { setting, x }] of steps.entries()) {
      const drains = samples[index] ?? [];
      const about = { part: 'growth', setting, subject: `by ${axis}`, x } as const;
      series.push(
        { ...about, unit: 'mentions/s', samples: drains.map(({ perSecond }) => perSecond) },
        { ...about, unit: 'MB at most', samples: drains.map(({ peakRssMb }) => peakRssMb) },
      );
    }
  }
  return series;
}
