import type { Compared } from './compare.ts';
import type { Measures } from './measures.ts';
import type { ComparedTarget } from './targets.ts';

/**
 * Returns the lines of a table, one line per pattern: the share that each
 * policy misses, with recovery in brackets; the cost and the delay of the last policy.
 */
export function markdownTable(compared: readonly Compared[]): string[] {
  const policies = [...new Set(compared.map(({ policy }) => policy.name))];
  const patterns = [...new Set(compared.map(({ pattern }) => pattern.name))];
  const head = ['mentions come', 'of them', ...policies, 'requests a minute', 'p50', 'p99'];
  const rows = patterns.map((name) => {
    const runs = compared.filter(({ pattern }) => pattern.name === name);
    const last = runs.at(-1)?.with;
    if (last === undefined) throw new Error(`nothing was measured of ${name}`);
    const misses = runs.map((each) => `${missedShare(each.without)} (${missedShare(each.with)})`);
    const requests = `${last.requestsPerMinute.toFixed(1)}, at most ${last.busiestMinute}`;
    const delays = [seconds(last.delayP50Ms), seconds(last.delayP99Ms)];
    return [name, last.spotted.toLocaleString('en-GB')].concat(misses, requests, delays);
  });
  return markdownLines(head, rows);
}

/** Returns the lines of a table of targets: the share missed in leaps of the rate, and the cost of a day. */
export function markdownTargets(targets: readonly ComparedTarget[]): string[] {
  const head = ['target', 'missed in sudden rises', 'requests a minute, on a working day'];
  const rows = targets.map(({ targetShare, missedInRises, requestsPerMinute }) => [
    `${targetShare * 100} %`,
    missedShare(missedInRises),
    requestsPerMinute.toFixed(1),
  ]);
  return markdownLines(head, rows);
}

/** Returns the lines of a Markdown table with aligned columns. */
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

/** Returns the missed share; only zero is shown as zero. */
function missedShare({ missed, spotted }: Pick<Measures, 'missed' | 'spotted'>): string {
  if (missed === 0) return '0';
  const percent = (missed / spotted) * 100;
  return percent < 0.1 ? '<0.1 %' : `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

function seconds(durationMs: number | null): string {
  return durationMs === null ? '' : `${(durationMs / 1000).toFixed(1)} s`;
}
