import { table } from '../../src/cli/terminal/table.ts';
import { markdownLines } from '../simulation/tables.ts';
import { GOALS, isReached, ratiosOf } from './goals.ts';
import type { Part, Results, Series } from './results.ts';
import { median } from './statistics.ts';

const NOT_MEASURED = 'not measured';
const HEAD = ['circumstances', 'what', 'unit', 'median', 'spread', 'runs', 'ratio', 'spread'];

/** All that was measured of some parts, for a terminal. */
export function textTable(results: Results, parts: readonly Part[]): string {
  const columns = HEAD.map((head, index) =>
    index < 3 ? { head } : ({ head, align: 'right' } as const),
  );
  return parts
    .filter((part) => results.series.some((each) => each.part === part))
    .map((part) => [part, ...table(columns, rowsOf(results, part), Infinity), ''].join('\n'))
    .join('\n');
}

/** The lines of the table of a part for docs/performance.md. */
export function markdownTable(results: Results, part: Part): string[] {
  return markdownLines(HEAD, rowsOf(results, part));
}

/** The lines of the table of goals for docs/performance.md. */
export function markdownGoals(results: Results): string[] {
  return markdownLines(['measure', 'goal', 'measured', 'reached'], goalRows(results));
}

/** The same for a terminal, of those that were measured. */
export function textGoals(results: Results): string {
  const columns = ['measure', 'goal', 'measured', 'reached'].map((head) => ({ head }));
  const measured = goalRows(results).filter(([, , value]) => value !== NOT_MEASURED);
  return table(columns, measured, Infinity).join('\n');
}

function goalRows(results: Results): string[][] {
  return GOALS.map((goal) => {
    const { measure, limit, sense, unit } = goal;
    const value = goal.read(results);
    const wanted = `${sense} ${limit} ${unit}`.trim();
    if (value === null) return [measure, wanted, NOT_MEASURED, ''];
    return [measure, wanted, number(value), isReached(goal, value) ? 'yes' : 'no'];
  });
}

function rowsOf(results: Results, part: Part): string[][] {
  return results.series.filter((each) => each.part === part && isWorthARow(each)).map(rowOf);

  function rowOf(series: Series): string[] {
    const ratios = ratiosOf(results, series);
    return [
      series.setting,
      series.subject,
      series.unit,
      number(median(series.samples)),
      spread(series.samples),
      String(series.samples.length),
      ratios === null ? '' : number(median(ratios)),
      ratios === null ? '' : spread(ratios),
    ];
  }
}

/** The curve of Redis's memory is a plot: it would be twenty rows. */
function isWorthARow({ part, x }: Series): boolean {
  return part !== 'memory' || x === undefined;
}

function spread(values: readonly number[]): string {
  if (values.length === 1) return '';
  return `${number(Math.min(...values))} to ${number(Math.max(...values))}`;
}

/** Three digits, as more would only be noise. */
export function number(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) >= 1_000 ? rounded.toLocaleString('en-GB') : String(rounded);
}
