import stringWidth from 'string-width';

/** Describes a column of a table. */
export interface Column {
  readonly head: string;
  readonly align?: 'right';
  /** Fills the rest of the line; a longer cell ends in `...`. At most one column of a table. */
  readonly fill?: true;
}

/** The minimum width of tables on a terminal. */
const MIN_WIDTH = 80;

const GAP = '  ';
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Returns the lines of a table, its head first. They are at most `width` terminal columns wide if
 * one column fills. The cells must be safe for a terminal, and one line each.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const cells = [columns.map(({ head }) => head), ...rows];
  const widths = columns.map(({ fill }, column) =>
    fill ? 0 : Math.max(...cells.map((row) => stringWidth(row[column] ?? ''))),
  );
  const taken = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1);
  const left = Math.max(0, width - taken);
  return cells.map((row) =>
    columns
      .map(({ align, fill }, column) => {
        const cell = fill ? fitted(row[column] ?? '', left) : (row[column] ?? '');
        const room = fill ? Math.min(left, widest(cells, column)) : (widths[column] ?? 0);
        const space = ' '.repeat(Math.max(0, room - stringWidth(cell)));
        return align === 'right' ? space + cell : cell + space;
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** Shortens a text to `width` columns; a shortened text ends in `...`. */
export function fitted(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (stringWidth(kept + segment) > width - 3) break;
    kept += segment;
  }
  return `${kept.trimEnd()}...`;
}

/** Returns the width of tables: that of the terminal. Without one nothing is cut. */
export function terminalWidth(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'> = process.stdout,
): number {
  return stream.isTTY ? Math.max(MIN_WIDTH, stream.columns ?? 0) : Infinity;
}

function widest(cells: readonly (readonly string[])[], column: number): number {
  return Math.max(...cells.map((row) => stringWidth(row[column] ?? '')));
}

const WIDEST = 100;
const NARROWEST = 40;

/**
 * Returns the width of prose: that of the terminal, within limits that stay readable. Without a
 * terminal lines stay whole, so that scripts can search them.
 */
export function textWidth(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'> = process.stdout,
): number {
  return stream.isTTY ? Math.min(WIDEST, Math.max(NARROWEST, stream.columns ?? 80)) : Infinity;
}

/**
 * Breaks a text between words into lines of at most `width` columns; a longer word stays whole. The
 * lines after the first begin with `indent`.
 */
export function wrapped(text: string, width: number, indent = ''): string[] {
  // Measuring a line again with each of its words would take half a minute for a post of 20,000 characters.
  if (width === Infinity) return [text];
  const [, margin = '', rest = ''] = /^(\s*)(.*)$/s.exec(text) ?? [];
  const lines: string[] = [];
  let line = margin;
  let empty = true;
  for (const word of rest.split(' ')) {
    const longer = empty ? line + word : `${line} ${word}`;
    if (!empty && stringWidth(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
    empty = false;
  }
  return [...lines, line];
}

/** Formats a duration in its largest unit: `40s`, `5m`, `3h`, `13d`. */
export function duration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Returns the time until something as {@link duration} does, with the hours beside days. */
export function timeLeft(durationMs: number): string {
  const hours = Math.floor(durationMs / 3_600_000) % 24;
  const rest = durationMs >= 86_400_000 && hours > 0 ? ` ${hours}h` : '';
  return duration(durationMs) + rest;
}
