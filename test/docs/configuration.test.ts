import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/env.ts';
import { isKnownName } from '../../src/config/webhook-variables.ts';
import { FILE_SUFFIX, VARIABLES, type Variable } from '../../src/config/variables.ts';
import { WEBHOOK_ATTRIBUTES } from '../../src/config/webhook-variables.ts';
import { filledIn } from '../helpers/filled-in.ts';
import { allCode, codeBlocks, markdownFiles, read, tables } from './markdown.ts';

const rows: Readonly<Record<string, Variable<unknown>>> = {
  ...VARIABLES,
  ...Object.fromEntries(
    Object.entries(WEBHOOK_ATTRIBUTES).map(([name, row]) => [`WEBHOOK_<NAME>_${name}`, row]),
  ),
};

test('README.md states the defaults of the code', () => {
  const shown = tables(read('README.md'))
    .filter(({ head }) => head[0] === 'variable')
    .flatMap((table) => table.rows)
    .map(([names = '', value]) => [/`(.+?)`/.exec(names)?.[1] ?? '', value] as const);
  expect(shown.length).toBeGreaterThan(5);
  for (const [name, value] of shown) {
    const row = rows[name];
    expect(row, name).toBeDefined();
    if (row?.default === undefined) expect(value, name).not.toContain('`');
    else expect(value, name).toBe(`\`${row.default}\``);
  }
});

// Names in the code, what others set, a misspelled one, and a code of the network.
const NO_VARIABLES = new Set([
  'MALLOC_ARENA_MAX',
  'MENTION_RELAY_HEALTH_FILE',
  'WEBHOOK_TYPES',
  'WEBHOOK_ATTRIBUTES',
  'REDIS_SERVICE_HOST',
  'REDIS_PORT',
  'REDIS_TLS_URL',
  'WEBHOOK_URL',
  'POLL_INTERVAL',
  'NO_COLOR',
  'NODE_FUNCTION_ALLOW_BUILTIN',
  'SIGNING_SECRET',
  'TOLERANCE_SECONDS',
  'MAX_BODY_BYTES',
  'MAX_REMEMBERED',
  'NODE_EXTRA_CA_CERTS',
  'NOTIFY_SOCKET',
  'EAI_AGAIN',
  'NODE_OPTIONS',
]);

test.each(markdownFiles())('%s names no variable that is not there', (file) => {
  const names = allCode(read(file)).flatMap(
    (code) => code.match(/\b(?:[A-Z][A-Z0-9]*|WEBHOOK_<NAME>)(?:_[A-Z0-9]+)+\b/g) ?? [],
  );
  const unknown = names.filter(
    (name) => !NO_VARIABLES.has(name) && !isKnownName(name.replace('<NAME>', 'SALES')),
  );
  expect(unknown).toEqual([]);
});

test.each(markdownFiles())('%s names no attribute that is not there', (file) => {
  const endings = allCode(read(file)).filter((code) => /^_[A-Z]+$/.test(code));
  const known = new Set([
    FILE_SUFFIX,
    ...Object.keys(WEBHOOK_ATTRIBUTES).map((name) => `_${name}`),
  ]);
  expect(endings.filter((ending) => !known.has(ending))).toEqual([]);
});

const REQUIRED = {
  GROOUPLY_API_KEY: 'a-key',
  WEBHOOK_OTHER_URL: 'https://hooks.example.com/other',
};

/** The blocks of lines for an `.env`: settings of the relay and nothing else. */
const blocks = markdownFiles().flatMap((file) =>
  codeBlocks(read(file))
    .filter(({ language, code }) => {
      const lines = code.trim().split('\n');
      return language === 'sh' && lines.every((line) => /^(?:[A-Z][A-Z0-9_]*=.*)?$/.test(line));
    })
    .map(({ code }) => ({ file, code })),
);

function readBlock(code: string) {
  const names = new Set(code.match(/^[A-Z0-9_]+(?==)/gm));
  const others = Object.entries(REQUIRED).filter(([name]) => !names.has(name));
  return readConfig(Object.fromEntries(others), {
    readFile: (path) =>
      path === '.env'
        ? code
        : filledIn(readFileSync(join('config/templates', basename(path)), 'utf8')),
    stdoutIsTty: false,
    envFile: '.env',
  });
}

describe('the settings that', () => {
  test.each(blocks)('$file shows are valid once they are filled in: $code', ({ code }) => {
    expect(readBlock(filledIn(code))).toMatchObject({ ok: true });
  });

  test.each(blocks)('$file shows are refused if they are not: $code', ({ code }) => {
    const reading = readBlock(code);
    const mistaken = reading.ok ? [] : reading.error.map(({ variable }) => variable);
    // Where n8n and a receiver of one's own are is for the reader to know: a host of example.com. Some
    // APIs have one URL for all.
    const secrets =
      /^(\w+_(?:KEY|URL|SECRET|HEADERS))=(?!.*\b(?:(?:hooks|n8n)\.example|api\.(?:hubapi|pushover)\.))/gm;
    const shown = [...code.matchAll(secrets)].map(([, name = '']) => name);
    expect(mistaken.toSorted()).toEqual(shown.toSorted());
  });
});

test('the pages show settings', () => {
  const pages = new Set(blocks.map(({ file }) => file));
  expect(pages).toEqual(
    new Set(['README.md', 'docs/getting-started.md', 'docs/monitoring.md', 'docs/receivers.md']),
  );
});
