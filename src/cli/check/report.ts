import { styleText } from 'node:util';
import { textWidth, wrapped } from '../wrapped.ts';
import { allIsWell, type Finding } from './finding.ts';

const LEVELS = {
  ok: { word: 'ok', colour: 'green' },
  warning: { word: 'warning', colour: 'yellow' },
  problem: { word: 'PROBLEM', colour: 'red' },
  skipped: { word: 'skipped', colour: 'dim' },
} as const;

const MARGIN = ' '.repeat(11);

/** The findings for people, each subject under its name, colours only where the stream shows them. */
export function reportText(
  findings: readonly Finding[],
  stream: NodeJS.WriteStream = process.stdout,
): string {
  const width = textWidth(stream);
  const lines: string[] = [];
  for (const [about, own] of Map.groupBy(findings, (finding) => finding.about)) {
    lines.push(styleText('bold', about, { stream }));
    for (const { level, text, todo } of own) {
      const { word, colour } = LEVELS[level];
      const [first = '', ...others] = wrapped(text, width - MARGIN.length, '');
      lines.push(`  ${styleText(colour, word.padEnd(8), { stream })} ${first}`);
      lines.push(...others.map((line) => MARGIN + line));
      if (todo !== undefined) lines.push(...wrapped(`${MARGIN}-> ${todo}`, width, `${MARGIN}   `));
    }
  }
  return [...lines, '', verdict(findings), ''].join('\n');
}

function verdict(findings: readonly Finding[]): string {
  if (allIsWell(findings)) return 'All is well.';
  const counted = (level: Finding['level'], one: string, more: string): string[] => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : more}`];
  };
  return `${[
    ...counted('problem', 'problem', 'problems'),
    ...counted('warning', 'warning', 'warnings'),
    ...counted('skipped', 'thing not looked at', 'things not looked at'),
  ].join(', ')}.`;
}
