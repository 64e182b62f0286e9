import { table } from '../../src/cli/terminal/table.ts';
import type { Compared } from './compare.ts';
import type { Measures } from './measures.ts';
import type { ComparedTarget } from './targets.ts';

/** All that was measured, for a terminal. */
export function textTable(compared: readonly Compared[]): string {
  const right = (head: string) => ({ head, align: 'right' }) as const;
  const columns = [
    { head: 'pattern' },
    { head: 'policy' },
    { head: 'recovery' },
    right('mentions'),
    right('scrolled past'),
    right('recovered'),
    right('missed'),
    right('not told'),
    right('gaps'),
    right('requests/min'),
    right('busiest'),
    right('p50'),
    right('p99'),
  ];
  const row = (measures: Measures): string[] => [
    String(measures.spotted),
    String(measures.scrolledPast),
    String(measures.recovered),
    String(measures.missed),
    String(measures.missedUntold),
    String(measures.gaps),
    measures.requestsPerMinute.toFixed(1),
    String(measures.busiestMinute),
    seconds(measures.delayP50Ms),
    seconds(measures.delayP99Ms),
  ];
  const rows = compared.flatMap(({ pattern, policy, ...each }) => [
    [pattern.name, policy.name, 'no', ...row(each.without)],
    [pattern.name, policy.name, 'yes', ...row(each.with)],
  ]);
  return table(columns, rows, Infinity).join('\n');
}

/** The lines of a table of targets: what is missed when the rate leaps, and what a day costs. */
export function markdownTargets(targets: readonly ComparedTarget[]): string[] {
  const head = ['target', 'missed in sudden rises', 'requests a minute, on a working day'];
  const rows = targets.map(({ targetShare, missedInRises, requestsPerMinute }) => [
    `${targetShare * 100} %`,
    missedShare(missedInRises),
    requestsPerMinute.toFixed(1),
  ]);
  return markdownLines(head, rows);
}

/** The lines of a Markdown table, its columns aligned. */
export function markdownLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

/** Nothing is rounded to none, and not all to all. */
function missedShare({ missed, spotted }: Pick<Measures, 'missed' | 'spotted'>): string {
  if (missed === 0) return '0';
  const percent = (missed / spotted) * 100;
  return percent < 0.1 ? '<0.1 %' : `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

function seconds(durationMs: number | null): string {
  return durationMs === null ? '' : `${(durationMs / 1000).toFixed(1)} s`;
}
