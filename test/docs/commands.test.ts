import { describe, expect, test } from 'vitest';
import { allCode, markdownFiles, read, typedCode } from './markdown.ts';

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const commands = [...read('src/main.ts').matchAll(/\.command\('([\w-]+)'/g)].map(
  ([, name]) => name,
);

const NPM_RUN = /\bnpm run (?:--silent )?([\w:-]+)/g;
const NPM_SHORT = /\bnpm (start|test|stop|restart)\b/g;
const COMMAND =
  /(?:\bmention-relay|\bdist\/main\.js|\bnpm run (?:--silent )?cli --) ([a-z][\w-]*)/g;

/** What the first group of a pattern finds in the code of a text that a reader may type. */
function named(markdown: string, pattern: RegExp): string[] {
  return typedCode(markdown).flatMap((code) =>
    [...code.matchAll(pattern)].map(([, name = '']) => name),
  );
}

describe.each(markdownFiles())('%s', (file) => {
  const text = read(file);

  test('names no npm script that is not there', () => {
    const unknown = [...named(text, NPM_RUN), ...named(text, NPM_SHORT)].filter(
      (name) => !(name in scripts),
    );
    expect(unknown).toEqual([]);
  });

  test('names no command of mention-relay that is not there', () => {
    expect(named(text, COMMAND).filter((name) => !commands.includes(name))).toEqual([]);
  });
});

test('the commands that src/main.ts has are found', () => {
  expect(commands).toEqual(expect.arrayContaining(['run', 'status']));
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
