import { markdownGoals, markdownTable } from './tables.ts';
import { plotBars } from './plot-bars.ts';
import { plotGrowth } from './plot-growth.ts';
import { PARTS, type Results } from './results.ts';

/** The tables of docs/performance.md, by the comment that stands before each. */
export function tablesOf(results: Results): ReadonlyMap<string, readonly string[]> {
  return new Map([
    ['goals', markdownGoals(results)],
    ...PARTS.map((part) => [part, markdownTable(results, part)] as const),
  ]);
}

/** The plots, by their file in docs/. */
export function plotsOf(results: Results): ReadonlyMap<string, string> {
  const measured = new Set(results.series.map(({ part }) => part));
  const plots = new Map<string, string>();
  if (measured.has('deliveries')) {
    const title = 'Mentions that are delivered a second';
    const about = { part: 'deliveries', unit: 'mentions/s', title } as const;
    plots.set('performance-deliveries.svg', plotBars(results, about));
  }
  if (measured.has('delay')) {
    const title = 'From the answer of the API to the POST at its receiver';
    const about = { part: 'delay', unit: 'ms, p50', title } as const;
    plots.set('performance-delay.svg', plotBars(results, about));
  }
  if (measured.has('growth') || measured.has('memory')) {
    plots.set('performance-growth.svg', plotGrowth(results));
  }
  return plots;
}

/** A page with its tables as the results have them; all else stays. */
export function withTables(page: string, results: Results): string {
  const tables = tablesOf(results);
  return page.replaceAll(
    /(<!-- npm run bench: (\w+) -->\n\n)[\s\S]*?(\n\n<!-- end -->)/g,
    (whole, head: string, name: string, end: string) => {
      const lines = tables.get(name);
      return lines === undefined ? whole : `${head}${lines.join('\n')}${end}`;
    },
  );
}
