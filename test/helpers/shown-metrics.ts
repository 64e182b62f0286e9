import { createMetrics } from '../../src/monitoring/metrics.io.ts';
import type { RelayStatus } from '../../src/monitoring/relay-status.io.ts';

/** A metric as /metrics shows it. */
export interface ShownMetric {
  readonly type: string;
  /** In the order of the page, without the bounds of a histogram. */
  readonly labels: readonly string[];
}

const STATUS: RelayStatus = {
  webhooks: [
    {
      webhook: 'SALES',
      counts: { waiting: 0, active: 0, retrying: 0, failed: 0 },
      oldestWaitingAtMs: null,
      closedForMs: null,
      nextDigestAtMs: null,
      heldForMs: null,
      pausedForMs: null,
      gone: false,
      operatorPause: null,
    },
  ],
  budgetUsed: 0,
  lastPollAtMs: null,
  completeness: null,
};

/** Returns all metrics of a relay with one webhook, by name. */
export async function shownMetrics(): Promise<ReadonlyMap<string, ShownMetric>> {
  const metrics = createMetrics({
    webhooks: ['SALES'],
    budgetSize: 50,
    version: '1.2.3',
    nowMs: Date.now,
  });
  const { body } = await metrics.page(STATUS);
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

/** Returns all names of the relay's and its process's metrics in queries and prose. */
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

/** Returns the value of each series of a page of metrics, by its name and labels as written. */
export function seriesOf(page: string): Readonly<Record<string, number>> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}
