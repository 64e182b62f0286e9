import { createMetrics } from '../../src/monitoring/metrics.io.ts';
import type { RelayStatus } from '../../src/monitoring/relay-status.io.ts';
import { seriesOf } from './health-page.ts';

/** What /metrics shows of one metric. */
export interface ShownMetric {
  readonly type: string;
  /** In the order in which they are shown, without the bounds of a histogram. */
  readonly labels: readonly string[];
}

const STANDING: RelayStatus = {
  webhooks: [
    {
      webhook: 'SALES',
      counts: { waiting: 0, active: 0, retrying: 0, failed: 0 },
      oldestWaitingAtMs: null,
      heldForMs: null,
      pausedForMs: null,
    },
  ],
  budgetUsed: 0,
  lastPollAtMs: null,
  completeness: null,
};

/** All that /metrics shows of a relay with a webhook and a Redis, by name. */
export async function shownMetrics(): Promise<ReadonlyMap<string, ShownMetric>> {
  const metrics = createMetrics({
    webhooks: ['SALES'],
    budgetSize: 50,
    version: '1.2.3',
    nowMs: Date.now,
  });
  const { body } = await metrics.page(STANDING);
  const series = Object.keys(seriesOf(body));
  return new Map(
    [...body.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => {
      const own = series.filter((each) => metricOf(each.split('{')[0] ?? '', type) === name);
      const labels = own.flatMap((each) =>
        [...each.matchAll(/(\w+)="/g)].map(([, label]) => label),
      );
      const set = new Set(labels.filter((label) => label !== undefined && label !== 'le'));
      return [name, { type, labels: [...set] as string[] }];
    }),
  );
}

/** All names of metrics in queries and prose: those of the relay, and those of its process. */
export function metricNames(text: string, shown: ReadonlyMap<string, ShownMetric>): Set<string> {
  const histograms = new Set(
    [...shown].filter(([, { type }]) => type === 'histogram').map(([name]) => name),
  );
  const written = text.match(/\b(?:mention_relay|process)_\w+/g) ?? [];
  return new Set(
    written.map((name) => {
      const base = metricOf(name, 'histogram');
      return histograms.has(base) ? base : name;
    }),
  );
}

function metricOf(series: string, type: string): string {
  return type === 'histogram' ? series.replace(/_(?:bucket|sum|count)$/, '') : series;
}
