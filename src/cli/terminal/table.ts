import stringWidth from 'string-width';

/** A column of a table for people. */
export interface Column {
  readonly head: string;
  readonly align?: 'right';
  /** Takes what is left of the line: what does not fit ends in `...`. One a table at the most. */
  readonly fill?: true;
}

/** How wide a table may be where no terminal says it, and at the least. */
export const MIN_WIDTH = 80;

const GAP = '  ';
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * The lines of a table, its head first, each no wider than `width` columns of a terminal if one
 * column fills. Cells are safe for a terminal already, and one line each.
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

/** The text in at most `width` columns; what does not fit ends in `...`. */
export function fitted(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (stringWidth(kept + segment) > width - 3) break;
    kept += segment;
  }
  return `${kept.trimEnd()}...`;
}

/** How wide the terminal is, or what is assumed without one. */
export function terminalWidth(): number {
  return Math.max(MIN_WIDTH, process.stdout.columns ?? 0);
}

function widest(cells: readonly (readonly string[])[], column: number): number {
  return Math.max(...cells.map((row) => stringWidth(row[column] ?? '')));
}

const WIDEST = 100;
const NARROWEST = 40;

/**
 * How wide text for people is: as the terminal, but not so wide that it is hard to read. Without a
 * terminal lines stay whole, so that scripts find what they look for.
 */
export function textWidth(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'> = process.stdout,
): number {
  return stream.isTTY ? Math.min(WIDEST, Math.max(NARROWEST, stream.columns ?? 80)) : Infinity;
}

/**
 * The lines of a text, broken between words so that none is wider than `width`, unless a single word
 * is. Those after the first begin with `indent`.
 */
export function wrapped(text: string, width: number, indent = ''): string[] {
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
