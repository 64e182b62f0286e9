// `npm run docs`: writes what the documentation repeats of the code. A test fails where the two differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { format, resolveConfig } from 'prettier';
import { allowedBy } from '../src/config/rules.ts';
import {
  FILE_SUFFIX,
  namesOf,
  SECTIONS,
  type Rows,
  type Variable,
} from '../src/config/variables.ts';
import { VARIABLES } from '../src/config/variables.ts';
import { WEBHOOK_ATTRIBUTES } from '../src/config/webhook-variables.ts';
import { EVENT_GROUPS } from '../src/domain/event-log.ts';
import { createProgram } from '../src/cli/program.ts';

const program = createProgram();
const ROOT = join(import.meta.dirname, '..');

/** Makes each generated file from the code and from what people wrote in the file itself. */
const GENERATED: Readonly<Record<string, (present: string) => string>> = {
  'docs/configuration.md': (page) => fillMarkers(page, variableSubjects()),
  'docs/commands.md': (page) => fillMarkers(page, commandSubjects()),
  'docs/logs.md': withEventHeadings,
  'config/example.env': exampleEnv,
};

export const GENERATED_FILES = Object.keys(GENERATED);

/** Returns the present text of a generated file, and the text that it should have. */
export async function generate(
  file: string,
): Promise<{ readonly present: string; readonly generated: string }> {
  const path = join(ROOT, file);
  const present = readFileSync(path, 'utf8');
  const generated = GENERATED[file]?.(present) ?? present;
  if (!file.endsWith('.md')) return { present, generated };
  return {
    present,
    generated: await format(generated, { ...(await resolveConfig(path)), filepath: path }),
  };
}

const MARKED = /(<!-- generated: (.+?) -->)[\s\S]*?(<!-- end of generated -->)/g;

/**
 * Fills each place between a marker such as `<!-- generated: variables Redis -->` and its end. Throws
 * if the page has no place for one of the subjects.
 */
function fillMarkers(page: string, subjects: readonly string[]): string {
  const missing = subjects.filter((subject) => !page.includes(`<!-- generated: ${subject} -->`));
  if (missing.length > 0) throw new Error(`The page has no marker for: ${missing.join('; ')}.`);
  return page.replace(
    MARKED,
    (_, begin: string, subject: string, end: string) =>
      `${begin}\n\n${contentOf(subject)}\n\n${end}`,
  );
}

function variableSubjects(): string[] {
  return ['WEBHOOK_<NAME>', ...Object.keys(SECTIONS)].map((section) => `variables ${section}`);
}

function commandSubjects(): string[] {
  return ['commands', ...program.commands.map((command) => `help ${command.name()}`)];
}

function contentOf(subject: string): string {
  const [kind = '', ...words] = subject.split(' ');
  const name = words.join(' ');
  if (subject === 'variables WEBHOOK_<NAME>') {
    return variableTable(WEBHOOK_ATTRIBUTES, 'WEBHOOK_<NAME>_');
  }
  const section: Rows | undefined = SECTIONS[name as keyof typeof SECTIONS];
  if (kind === 'variables' && section !== undefined) return variableTable(section);
  if (subject === 'commands') return commandTable();
  const command = findCommand(words);
  if (kind === 'help' && command !== undefined) return `\`\`\`text\n${helpOf(command)}\n\`\`\``;
  throw new Error(`Nothing can be generated for the marker "${subject}".`);
}

// --- Variables ---

function variableTable(rows: Rows, prefix = ''): string {
  return table(
    ['variable', 'default', 'meaning'],
    Object.entries(rows).map(([name, row]) => [
      `\`${prefix}${name}\``,
      row.default === undefined ? whenUnset(row) : `\`${row.default}\``,
      `${row.meaning} Allowed: ${allowedBy(row.rule)}.${row.secret === true ? ' Secret.' : ''}`,
    ]),
  );
}

function whenUnset({ required, unset = 'none' }: Variable<unknown>): string {
  return required === true ? 'required' : unset;
}

const EXAMPLE_WIDTH = 100;
const SALES = 'WEBHOOK_SALES_';
const CRM = 'WEBHOOK_CRM_';
/** The attributes that mean nothing for Slack, so that another webhook shows them. */
const OF_HTTP = new Set(['SECRET', 'HEADERS', 'TEMPLATE_FILE']);

const INTRODUCTION = `
The configuration of mention-relay. Copy this file to .env, in the folder that the relay is
started in, and fill in the lines that are not commented out. All others show the default or an
example.

- A placeholder that is left as it is here is a mistake.
- Real environment variables win over .env. An empty value counts as unset in both: an empty real
  variable does not hide the one in .env.
- Put a value with a "#", a "$" or a quotation mark in it in 'single quotes'. A "#" with spaces
  around it begins a comment.
- In a list, an entry with a comma is in quotation marks: '"Austin, TX", realtor'.
- Every secret can come from a file. The path stands in one of these variables, and setting both
  forms is a mistake:
  ${secretFiles().join(', ')}.
- A misspelled name is a mistake. Other unknown names are ignored; those in .env are logged.`;

const ABOUT_WEBHOOKS = `
WEBHOOK_<NAME>_<ATTRIBUTE>. Choose the NAME: A-Z, 0-9 and _, not ending in an attribute such as
_URL or _TYPE. A mention must match every list that is set, and no exclusion. Lists ignore case.`;

const ABOUT_CRM = 'Any other receiver gets signed JSON (https://www.standardwebhooks.com).';

function secretFiles(): string[] {
  return [...namesOf(VARIABLES), ...namesOf(WEBHOOK_ATTRIBUTES, 'WEBHOOK_<NAME>_')].filter(
    (name) => name.endsWith(FILE_SUFFIX) && !name.endsWith('TEMPLATE_FILE'),
  );
}

function exampleEnv(): string {
  const attributes: [string, Variable<unknown>][] = Object.entries(WEBHOOK_ATTRIBUTES);
  const ofAll = attributes.filter(([name]) => !OF_HTTP.has(name));
  const ofHttp = attributes.filter(([name]) => OF_HTTP.has(name));
  const crm = [
    comment(ABOUT_CRM),
    `#${CRM}URL=https://crm.example.com/hooks/mentions`,
    `#${CRM}TYPE=http`,
  ].join('\n');
  const { Groouply, ...others } = SECTIONS;
  return [
    comment(INTRODUCTION),
    heading('Groouply'),
    ...examplesOf(Groouply),
    `${heading('Webhooks: at least one')}\n${comment(ABOUT_WEBHOOKS)}`,
    ...ofAll.map(([name, row]) => exampleOf(`${SALES}${name}`, row)),
    crm,
    ...ofHttp.map(([name, row]) => exampleOf(`${CRM}${name}`, row)),
    ...Object.entries(others).flatMap(([section, rows]) => [heading(section), ...examplesOf(rows)]),
  ]
    .map((paragraph) => `${paragraph}\n`)
    .join('\n');
}

function examplesOf(rows: Rows): string[] {
  return Object.entries(rows).map(([name, row]) => exampleOf(name, row));
}

/** Returns one variable of config/example.env: its explanation, and the line to fill in. */
function exampleOf(name: string, row: Variable<unknown>): string {
  const value = row.example ?? row.default ?? '';
  const shown = /["#]/.test(value) ? `'${value}'` : value;
  const unset = row.default ?? whenUnset(row);
  const facts = [
    `Allowed: ${allowedBy(row.rule)}.`,
    row.required === true ? 'Required.' : unset === value ? '' : `Default: ${unset}.`,
    row.secret === true ? 'Secret.' : '',
  ];
  const explanation = comment(
    [row.meaning.replaceAll('`', ''), facts.filter((fact) => fact !== '').join(' ')].join('\n'),
  );
  return `${explanation}\n${row.required === true ? '' : '#'}${name}=${shown}`;
}

/** Returns a text as comment: lines that are too long are wrapped, with their indentation. */
function comment(text: string): string {
  return text
    .trim()
    .split('\n')
    .flatMap((line) => wrap(line, EXAMPLE_WIDTH - 2))
    .map((line) => `# ${line}`.trimEnd())
    .join('\n');
}

function wrap(line: string, width: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trim().split(' ')) {
    const longer = current === indent ? `${current}${word}` : `${current} ${word}`;
    if (longer.length > width && current !== indent) {
      lines.push(current);
      current = `${indent}${word}`;
    } else {
      current = longer;
    }
  }
  return [...lines, current];
}

function heading(title: string): string {
  return `# --- ${title} `.padEnd(EXAMPLE_WIDTH - 1, '-');
}

// --- Commands ---

function commandTable(): string {
  return table(
    ['command', 'what it does'],
    program.commands.map((command) => [`\`${command.name()}\``, command.description()]),
  );
}

function findCommand(names: readonly string[]): Command | undefined {
  return names.reduce<Command | undefined>(
    (parent, name) => parent?.commands.find((command) => command.name() === name),
    program,
  );
}

/** Returns what `--help` prints for a command, without its description and what all commands share. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => EXAMPLE_WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text
    .replace(`${command.description()}\n\n`, '')
    .replace(/^ +(?:-h, --help|help \[command\]|78) .*\n/gm, '')
    .replace('\nOptions:\n\n', '\n')
    .trim();
}

// --- Events ---

/**
 * Returns docs/logs.md with the headings of the code's events, in the code's order. What people wrote
 * below a heading moves with it; a new event gets a line that says what to write.
 */
function withEventHeadings(page: string): string {
  const [introduction = '', ...parts] = page.split(/^(?=##)/m);
  const bodies = new Map(
    parts.map((part) => {
      const [title = '', ...body] = part.split('\n');
      return [title.replace(/^#+ /, '').replaceAll('`', ''), body.join('\n').trim()];
    }),
  );
  const take = (title: string, otherwise: string): string => {
    const body = bodies.get(title) ?? otherwise;
    bodies.delete(title);
    return body;
  };
  const groups = Object.entries(EVENT_GROUPS).flatMap(([group, events]) => [
    `## ${group}`,
    take(group, ''),
    ...events.flatMap((event) => [
      `### \`${event}\``,
      take(event, '**level.** Say when it is logged, then its `Fields:` and what to `Do:`.'),
    ]),
  ]);
  if (bodies.size > 0) {
    throw new Error(
      `docs/logs.md describes ${[...bodies.keys()].join(', ')}, which src/domain/event-log.ts does not have: rename or remove it there.`,
    );
  }
  return `${[introduction.trim(), ...groups].filter((part) => part !== '').join('\n\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

if (import.meta.main) {
  for (const file of GENERATED_FILES) {
    const { present, generated } = await generate(file);
    if (present === generated) continue;
    writeFileSync(join(ROOT, file), generated);
    process.stdout.write(`${file} written\n`);
  }
}
