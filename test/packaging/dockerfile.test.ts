import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { WEBHOOK_TYPES } from '../../src/domain/webhook.ts';
import { markdownFiles, read } from '../docs/markdown.ts';

interface Instruction {
  readonly name: string;
  readonly argument: string;
}

/** Reads the Dockerfile: one instruction per line, continued after a backslash; # begins a comment. */
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
  version: string;
  repository?: { url: string };
  engines: { node: string };
  devDependencies: Readonly<Record<string, string>>;
};

describe('the image', () => {
  test.each([...sources])('is built from %s, which exists', (source) => {
    expect(existsSync(source)).toBe(true);
  });

  test('gets through .dockerignore exactly what it copies', () => {
    const rules = readFileSync('.dockerignore', 'utf8').split('\n');
    const allowed = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));

    expect(rules).toContain('*');
    expect(new Set(allowed)).toEqual(new Set([...sources].map((source) => source.split('/')[0])));
    expect(rules).toContain('**/.env');
  });

  test('is documented correctly: a command of the program after `run`, a program after `exec`', () => {
    const texts = markdownFiles().map(read).join('\n');
    const after = (verb: string) =>
      [
        ...texts.matchAll(
          new RegExp(`docker compose ${verb}(?: -\\S+)* relay (.+?)(?=[\`\n]|  #)`, 'g'),
        ),
      ].map(([, command]) => command);

    expect(new Set(after('run'))).toEqual(new Set(['check']));
    expect(after('exec')).not.toEqual([]);
    for (const command of after('exec')) {
      expect(command).toMatch(new RegExp(`^node ${manifest.bin['mention-relay']} `));
    }
  });

  test('names version, licence and source of the project, and every type of receiver', () => {
    const ours = argumentsOf('LABEL').join(' ');
    expect(argumentsOf('ARG').join(' ')).toContain(`VERSION=${manifest.version} `);
    expect(ours).toContain(`org.opencontainers.image.licenses="${manifest.license}"`);
    const [, source] = /image\.source="([^"]+)"/.exec(ours) ?? [];
    // Without it in the manifest, `npm pack` has no source to name either.
    if (manifest.repository) expect(manifest.repository.url).toBe(`git+${source}.git`);
    const unit = readFileSync('config/mention-relay.service', 'utf8');
    const labels = Object.values(WEBHOOK_TYPES).map(({ label }) => label);
    for (const text of [ours, /^Description=.+$/m.exec(unit)?.[0]]) {
      for (const label of labels.filter((each) => each !== 'http')) expect(text).toContain(label);
    }
  });
});

test('the image, .nvmrc, engines, the npm package node and the types agree on one Node', () => {
  const bases = argumentsOf('FROM')
    .filter((argument) => !argument.startsWith('base '))
    .map((argument) => /^(?:--platform=\S+ )?node:(\d+)-slim\b/u.exec(argument)?.[1]);
  const major = readFileSync('.nvmrc', 'utf8').trim();

  expect(new Set(bases)).toEqual(new Set([major]));
  expect(manifest.engines.node).toMatch(new RegExp(`^>=${major}(\\.|$)`, 'u'));
  expect(manifest.devDependencies['node']).toMatch(new RegExp(`^\\^${major}\\.`, 'u'));
  expect(manifest.devDependencies['@types/node']).toMatch(new RegExp(`^\\^${major}\\.`, 'u'));
  expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(Number(major));
});
