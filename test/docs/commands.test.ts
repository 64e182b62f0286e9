import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { parseFaultRule } from '../../src/sandbox/control.ts';
import type { FaultRule } from '../../src/sandbox/faults.ts';
import { allCode, markdownFiles, read, typedCode } from './markdown.ts';

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const program = createProgram();

const NPM_RUN = /\bnpm run (?:--silent )?([\w:-]+)/g;
const NPM_SHORT = /\bnpm (start|test|stop|restart)\b/g;
const COMMAND =
  /(?:\bmention-relay|\bdist\/main\.js|\bnpm run (?:--silent )?cli --) ([a-z][\w-]*(?: [^\n#`|&;()]*)?)/g;

/** Returns the first group of each match in the code that a reader of this text may type. */
function named(markdown: string, pattern: RegExp): string[] {
  return typedCode(markdown).flatMap((code) =>
    [...code.matchAll(pattern)].map(([, name = '']) => name),
  );
}

/** Returns the words of a command line that the program does not know: commands and options. */
function unknownWords(line: string): string[] {
  const words = line.trim().split(/\s+/);
  let command = program;
  while (command.commands.length > 0) {
    const next = command.commands.find((each) => each.name() === words[0]);
    if (next === undefined) return words.slice(0, 1);
    command = next;
    words.shift();
  }
  const options = new Set(['--help', ...command.options.map(({ long }) => long)]);
  return words.filter((word) => word.startsWith('--') && !options.has(word));
}

describe.each(markdownFiles())('%s', (file) => {
  const text = read(file);

  test('names only npm scripts that exist', () => {
    const unknown = [...named(text, NPM_RUN), ...named(text, NPM_SHORT)].filter(
      (name) => !(name in scripts),
    );
    expect(unknown).toEqual([]);
  });

  test('names only commands and options of mention-relay that exist', () => {
    expect(named(text, COMMAND).flatMap(unknownWords)).toEqual([]);
  });
});

test.each([
  ['stauts', ['stauts']],
  ['status --jsno', ['--jsno']],
  ['failed retyr', ['retyr']],
  ['failed retry --webhook SALES --all', ['--all']],
  ['failed discard --webhook SALES --all', []],
])('the check of commands finds what is wrong in %j', (line, unknown) => {
  expect(named(`\`npm run cli -- ${line}\``, COMMAND).flatMap(unknownWords)).toEqual(unknown);
});

test('README.md names what a newcomer needs', () => {
  const code = allCode(read('README.md')).map((each) => each.trim());
  expect(code).toEqual(
    expect.arrayContaining([
      'npm run setup && npm run demo',
      'npm run setup && npm test',
      'install -m 600 config/example.env .env',
      'npm start',
    ]),
  );
});

test('CONTRIBUTING.md names every check and test there is', () => {
  const text = read('CONTRIBUTING.md');
  const mentioned = new Set([...named(text, NPM_RUN), ...named(text, NPM_SHORT)]);
  for (const name of Object.keys(scripts).filter((each) => /^test|^check$/.test(each))) {
    expect(mentioned).toContain(name);
  }
});

/** Each fault of the sandbox with the fields that it needs. */
const FAULTS: Readonly<Record<FaultRule['kind'], object>> = {
  status: { status: 500 },
  envelope: { status: 500 },
  delay: { delayMs: 10 },
  reset: {},
  hang: {},
  html: {},
  truncated: {},
  malformed: { items: [] },
  links: { host: 'facebook.com', tracking: 'ref' },
  noise: {},
  nested: {},
  entities: {},
  numbers: {},
  php: {},
};

test("docs/commands.md has the sandbox's faults, each with the fields that it needs", () => {
  const [paragraph = ''] =
    /^`POST \/_sandbox\/faults`[^]*?\n\n/m.exec(read('docs/commands.md')) ?? [];
  const [, kinds = ''] = paragraph.split('Kinds:');
  const missing = Object.entries(FAULTS).flatMap(([kind, fields]) =>
    [kind, ...Object.keys(fields).map((field) => `"${field}"`)].filter(
      (word) => !kinds.includes(`\`${word}\``),
    ),
  );
  expect(missing).toEqual([]);
  const refused = Object.entries(FAULTS).filter(
    ([kind, fields]) =>
      !parseFaultRule({ kind, ...fields }).ok || parseFaultRule({ kind, other: 1 }).ok,
  );
  expect(refused).toEqual([]);
});
