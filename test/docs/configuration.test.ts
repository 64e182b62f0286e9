import { describe, expect, test } from 'vitest';
import { isKnownName } from '../../src/config/names.ts';
import {
  FILE_SUFFIX,
  VARIABLES,
  WEBHOOK_ATTRIBUTES,
  type Variable,
} from '../../src/config/variables.ts';
import { WEBHOOK_TYPES } from '../../src/domain/webhook.ts';
import { allCode, markdownFiles, read, tables } from './markdown.ts';

const variables = new Map<string, Variable<unknown>>(Object.entries(VARIABLES));
for (const [name, row] of Object.entries(WEBHOOK_ATTRIBUTES)) {
  variables.set(`WEBHOOK_<NAME>_${name}`, row);
}

/** The rows of the tables of variables of one page; a row of several variables is one for each. */
function variableRows(file: string) {
  return tables(read(file))
    .filter(({ head }) => head[0] === 'variable' && head[1] === 'default')
    .flatMap(({ rows }) => rows)
    .flatMap(([names = '', value = '', meaning = '']) => {
      const [first = '', ...others] = [...names.matchAll(/`([^`]+)`/g)].map(
        ([, name = '']) => name,
      );
      const base = first.replace(/_[A-Z]+$/, '');
      return [first, ...others.map((ending) => `${base}${ending}`)].map((name) => ({
        name,
        value,
        meaning,
      }));
    });
}

const reference = variableRows('docs/configuration.md');

describe('docs/configuration.md', () => {
  test('has every variable once, and nothing unknown', () => {
    expect(reference.map(({ name }) => name).toSorted()).toEqual([...variables.keys()].toSorted());
  });

  test.each(reference)('says of $name whether it is secret', ({ name, meaning }) => {
    expect(meaning.endsWith(' Secret.')).toBe(variables.get(name)?.secret === true);
  });

  test.each(reference)('says of $name the range that is allowed', ({ name, meaning }) => {
    const allowed = variables.get(name)?.rule.allowed ?? '';
    const [, range] = /^a (?:whole )?number from ([\d.]+ to [\d.]+)/.exec(allowed) ?? [];
    expect(meaning).toContain(range ?? '');
  });

  test.each([
    ['CONCURRENCY', 'defaultConcurrency'],
    ['RATE_PER_SECOND', 'defaultRatePerSecond'],
    ['BATCH_SIZE', 'defaultBatchSize'],
  ] as const)('says how the default of %s depends on the type', (attribute, trait) => {
    const row = reference.find(({ name }) => name === `WEBHOOK_<NAME>_${attribute}`);
    const defaults = (['slack', 'discord', 'teams', 'http'] as const).map(
      (type) => `${type} ${WEBHOOK_TYPES[type][trait] ?? 'none'}`,
    );
    expect(defaults).toHaveLength(Object.keys(WEBHOOK_TYPES).length);
    expect(row?.value).toBe(defaults.join(', '));
  });

  test('says how many mentions fit into one message of a chat', () => {
    const row = reference.find(({ name }) => name === 'WEBHOOK_<NAME>_BATCH_SIZE');
    const { slack, discord, teams } = WEBHOOK_TYPES;
    expect(discord.maxBatchSize).toBe(teams.maxBatchSize);
    expect(row?.meaning).toContain(
      `for slack 1 to ${slack.maxBatchSize}, for discord and teams 1 to ${teams.maxBatchSize}.`,
    );
  });

  test('names every type and every host that means one', () => {
    const row = reference.find(({ name }) => name === 'WEBHOOK_<NAME>_TYPE');
    for (const [type, { hosts }] of Object.entries(WEBHOOK_TYPES)) {
      for (const word of [type, ...hosts]) expect(row?.meaning).toContain(`\`${word}\``);
    }
  });
});

describe.each(['docs/configuration.md', 'README.md'])('%s', (file) => {
  test.each(variableRows(file))('says the default of $name', ({ name, value }) => {
    const row = variables.get(name);
    expect(row).toBeDefined();
    if (row?.default === undefined) expect(value).toMatch(/^[a-z][a-z0-9., ]+$/);
    else expect(value).toBe(`\`${row.default}\``);
  });
});

// Names in the code, what others set, and a code of the network.
const NO_VARIABLES = new Set([
  'MALLOC_ARENA_MAX',
  'WEBHOOK_TYPES',
  'WEBHOOK_ATTRIBUTES',
  'REDIS_SERVICE_HOST',
  'REDIS_PORT',
  'NO_COLOR',
  'NODE_FUNCTION_ALLOW_BUILTIN',
  'SIGNING_SECRET',
  'TOLERANCE_SECONDS',
  'MAX_BODY_BYTES',
  'MAX_REMEMBERED',
  'NOTIFY_SOCKET',
  'EAI_AGAIN',
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
