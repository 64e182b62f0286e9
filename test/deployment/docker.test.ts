import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { markdownFiles, read } from '../docs/markdown.ts';

interface Instruction {
  readonly name: string;
  readonly argument: string;
}

/** Dockerfile reference: one instruction a line, continued after a backslash; # begins a comment. */
function readDockerfile(): readonly Instruction[] {
  return readFileSync('Dockerfile', 'utf8')
    .replaceAll(/\\\n\s*/gu, '')
    .split('\n')
    .filter((line) => /^[A-Z]/u.test(line))
    .map((line) => {
      const [name = '', ...rest] = line.split(' ');
      return { name, argument: rest.join(' ') };
    });
}

const instructions = readDockerfile();
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));

function argumentsOf(name: string, among = instructions): readonly string[] {
  return among.filter((instruction) => instruction.name === name).map(({ argument }) => argument);
}

const copies = argumentsOf('COPY').map((argument) => {
  const words = argument.split(' ').filter((word) => !word.startsWith('--'));
  return { fromStage: argument.includes('--from='), sources: words.slice(0, -1) };
});
const sources = new Set(
  copies.filter(({ fromStage }) => !fromStage).flatMap((copy) => copy.sources),
);

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  bin: Readonly<Record<string, string>>;
  license: string;
  engines: { node: string };
  devDependencies: Readonly<Record<string, string>>;
};

describe('the image', () => {
  test.each([...sources])('is built from %s, which exists', (source) => {
    expect(existsSync(source)).toBe(true);
  });

  test('gets from .dockerignore all that it copies, and nothing else', () => {
    const rules = readFileSync('.dockerignore', 'utf8').split('\n');
    const allowed = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));

    expect(rules).toContain('*');
    expect(new Set(allowed)).toEqual(new Set([...sources].map((source) => source.split('/')[0])));
    expect(rules).toContain('**/.env');
  });

  test('runs the program itself as process 1: no shell and no npm between it and a signal', () => {
    expect(argumentsOf('ENTRYPOINT').map((json) => JSON.parse(json) as unknown)).toEqual([
      ['node', manifest.bin['mention-relay']],
    ]);
    expect(argumentsOf('CMD').map((json) => JSON.parse(json) as unknown)).toEqual([['run']]);
    expect(argumentsOf('STOPSIGNAL')).toEqual(['SIGTERM']);
  });

  test('is documented as what it is: after `run` comes a command of the program, after `exec` a program', () => {
    const texts = markdownFiles().map(read).join('\n');
    const after = (verb: string) =>
      [
        ...texts.matchAll(
          new RegExp(`docker compose ${verb}(?: -\\S+)* relay (.+?)(?=[\`\n]|  #)`, 'g'),
        ),
      ].map(([, command]) => command);

    expect(after('run')).toEqual(['check']);
    expect(after('exec')).not.toEqual([]);
    for (const command of after('exec')) {
      expect(command).toMatch(new RegExp(`^node ${manifest.bin['mention-relay']} `));
    }
  });

  test('asks the program itself whether it is healthy, without a shell', () => {
    const [check = ''] = argumentsOf('HEALTHCHECK');

    expect(JSON.parse(check.slice(check.indexOf('CMD ') + 'CMD '.length))).toEqual([
      'node',
      manifest.bin['mention-relay'],
      'status',
      '--healthcheck',
    ]);
  });

  test('holds the build, and what that needs beside it, and runs as a user without rights', () => {
    expect(argumentsOf('RUN', lastStage)).toEqual([]);
    expect(argumentsOf('COPY', lastStage)).toEqual([
      '--from=build /app/dist dist',
      'package.json LICENSE ./',
      'config/example.env config/example.env',
    ]);
    expect(argumentsOf('ENV', lastStage)).toEqual([
      'NODE_ENV=production',
      'MALLOC_ARENA_MAX=1',
      expect.stringMatching(/^NODE_OPTIONS=/),
    ]);
    expect(argumentsOf('USER', lastStage)).toEqual(['node']);
  });

  test('names the licence of the project', () => {
    expect(argumentsOf('LABEL').join(' ')).toContain(
      `org.opencontainers.image.licenses="${manifest.license}"`,
    );
  });
});

test('the image, .nvmrc, engines, the npm package node and the types agree on one Node', () => {
  const bases = argumentsOf('FROM').map((argument) => /^node:(\d+)-slim\b/u.exec(argument)?.[1]);
  const major = readFileSync('.nvmrc', 'utf8').trim();

  expect(new Set(bases)).toEqual(new Set([major]));
  expect(manifest.engines.node).toBe(`>=${major}`);
  expect(manifest.devDependencies['node']).toMatch(new RegExp(`^\\^${major}\\.`, 'u'));
  expect(manifest.devDependencies['@types/node']).toMatch(new RegExp(`^\\^${major}\\.`, 'u'));
  expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(Number(major));
});
