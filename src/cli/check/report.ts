import { styleText } from 'node:util';
import { printable, printableJson } from '../../domain/printable.ts';
import { allIsWell, type Finding } from './finding.ts';

const LEVELS = {
  ok: { word: 'ok', colour: 'green' },
  warning: { word: 'warning', colour: 'yellow' },
  problem: { word: 'PROBLEM', colour: 'red' },
  skipped: { word: 'skipped', colour: 'dim' },
} as const;

/** The findings for people, each subject under its name, colours only where the stream shows them. */
export function reportText(
  findings: readonly Finding[],
  stream: NodeJS.WriteStream = process.stdout,
): string {
  const lines: string[] = [];
  for (const [about, own] of Map.groupBy(findings, (finding) => finding.about)) {
    lines.push(styleText('bold', about, { stream }));
    for (const { level, text, todo } of own) {
      const { word, colour } = LEVELS[level];
      lines.push(`  ${styleText(colour, word.padEnd(8), { stream })} ${text}`);
      if (todo !== undefined) lines.push(`           -> ${todo}`);
    }
  }
  return [...lines, '', verdict(findings), ''].join('\n');
}

/** The configuration in lines of a name and a value; secrets are masked in it already. */
export function configurationText(masked: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(masked).flatMap(([name, value]) =>
    name === 'webhooks' && Array.isArray(value)
      ? value.map((webhook) => ['webhook', webhook] as const)
      : [[name, value] as const],
  );
  const shown = lines.map(([name, value]) => `  ${name.padEnd(20)} ${written(value)}`);
  return ['The configuration, without its secrets:', ...shown, '', ''].join('\n');
}

function written(value: unknown): string {
  return typeof value === 'string' ? printable(value, Infinity) : printableJson(value);
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
