import stringWidth from 'string-width';

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
