import { execFileSync } from 'node:child_process';
import { cpus, totalmem, type } from 'node:os';
import { table } from '../../src/cli/terminal/table.ts';
import { markdownLines } from '../simulation/tables.ts';
import {
  median,
  pairedRatios,
  referenceOf,
  valuesOf,
  type Part,
  type Series,
} from './statistics.ts';

/**
 * Returns the lines of a table for a terminal, one row per series and unit. References have no rows:
 * their medians are in the rows of those compared to them.
 */
export function textTable(all: readonly Series[]): string[] {
  const left = ['part', 'circumstances', 'what', 'unit'].map((head) => ({ head }));
  const right = ['median', 'spread', 'reference', 'ratio', 'spread'].map(
    (head) => ({ head, align: 'right' }) as const,
  );
  const references = new Set(all.map((series) => referenceOf(series, all)));
  const shown = all.filter((series) => !references.has(series));
  const rows = shown.flatMap((series) =>
    unitsOf([series]).map((unit) => {
      const values = valuesOf(series, unit);
      const row = [series.part, series.setting, series.subject, unit].concat(figures(values));
      const reference = referenceOf(series, all);
      if (reference === undefined) return row;
      return row
        .concat(rounded(median(valuesOf(reference, unit))))
        .concat(figures(pairedRatios(series, reference, unit)));
    }),
  );
  return table(left.concat(right), rows, Infinity);
}

/**
 * Returns the lines of a part's table for docs/performance.md: one row per series with the medians.
 * Where the part has a reference, a column has the ratio of the first unit to it.
 */
export function markdownTable(all: readonly Series[], part: Part): string[] {
  const ofPart = all.filter((series) => series.part === part);
  const units = unitsOf(ofPart);
  const compared = ofPart.some(({ reference }) => reference !== null);
  const rows = ofPart.map((series) => {
    const medians = units.map((unit) => rounded(median(valuesOf(series, unit))));
    if (!compared) return [series.setting].concat(medians);
    return [series.setting, series.subject].concat(medians, ratioTo(referenceOf(series, all)));

    function ratioTo(reference: Series | undefined): string {
      if (reference === undefined) return '';
      const [ratio, spread] = figures(pairedRatios(series, reference, units[0] ?? ''));
      return `${ratio} (${spread})`;
    }
  });
  const head = compared
    ? ['circumstances', 'what', ...units, 'ratio']
    : ['circumstances', ...units];
  return markdownLines(head, rows);
}

/** Returns a page with new lines between its markers; where a name has no new lines, the old stay. */
export function withTables(page: string, tables: ReadonlyMap<string, readonly string[]>): string {
  return page.replaceAll(
    /(<!-- npm run bench: (\w+) -->\n\n)[\s\S]*?(\n\n<!-- end -->)/g,
    (whole, head: string, name: string, end: string) => {
      const lines = tables.get(name);
      return lines === undefined ? whole : `${head}${lines.join('\n')}${end}`;
    },
  );
}

/** Returns a line that names the machine. */
export function describeMachine(): string {
  const redis = execFileSync('redis-server', ['--version'], { encoding: 'utf8' });
  const memoryGb = Math.round(totalmem() / 1024 ** 3);
  return [
    `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${memoryGb} GB`,
    type(),
    `Node ${process.versions.node}`,
    `Redis ${/v=([\d.]+)/.exec(redis)?.[1] ?? 'unknown'}`,
  ].join(', ');
}

function unitsOf(series: readonly Series[]): string[] {
  return [...new Set(series.flatMap(({ samples }) => Object.keys(samples[0] ?? {})))];
}

/** Returns the median and the spread. */
function figures(values: readonly number[]): string[] {
  return [
    rounded(median(values)),
    `${rounded(Math.min(...values))} to ${rounded(Math.max(...values))}`,
  ];
}

/** Returns three digits: more would only be noise. */
function rounded(value: number): string {
  const number = Number(value.toPrecision(3));
  return Math.abs(number) >= 1_000 ? number.toLocaleString('en-GB') : String(number);
}
