import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/env.ts';
import { splitWebhookVariable } from '../../src/config/names.ts';
import {
  FILE_SUFFIX,
  namesOf,
  VARIABLES,
  WEBHOOK_ATTRIBUTES,
  type Variable,
} from '../../src/config/variables.ts';
import { WEBHOOK_TYPES } from '../../src/domain/webhook.ts';
import { filledIn } from '../helpers/filled-in.ts';

const text = readFileSync(new URL('../../config/example.env', import.meta.url), 'utf8');
const lines = text.split('\n');
const assignments = lines.filter((line) => /^#?[A-Za-z0-9_]+=/.test(line));
const uncommented = assignments.map((line) => line.replace(/^#/, '')).join('\n');
const shown = parse(uncommented);
const prose = lines.filter((line) => !assignments.includes(line)).join(' ');

function read(env: Record<string, string>) {
  const readFile = (path: string): never => {
    throw new Error(`no file is read here: ${path}`);
  };
  return readConfig(env, { readFile, stdoutIsTty: false });
}

describe('config/example.env', () => {
  test('shows every variable and every attribute, and nothing unknown', () => {
    const rows = Object.keys(shown).map((name) => splitWebhookVariable(name)?.attribute ?? name);
    const known = [...Object.keys(VARIABLES), ...Object.keys(WEBHOOK_ATTRIBUTES)];
    expect(new Set(rows)).toEqual(new Set(known));
  });

  test('shows each variable once', () => {
    expect(assignments).toHaveLength(Object.keys(shown).length);
  });

  test('shows the defaults of the code', () => {
    const defaults = Object.entries(VARIABLES).flatMap(([name, row]) =>
      'default' in row ? [[name, row.default]] : [],
    );
    expect(shown).toMatchObject(Object.fromEntries(defaults));
    expect(defaults.length).toBeGreaterThan(10);
    const { slack, discord, teams, http } = WEBHOOK_TYPES;
    const { hosts: _discordHosts, label: _discord, ...like } = discord;
    expect(teams).toMatchObject(like);
    expect([slack, discord].map((type) => type.defaultConcurrency)).toEqual([1, 1]);
    expect(prose).toContain(`Default: http ${http.defaultConcurrency}, others 1.`);
    expect(http.defaultRatePerSecond).toBeNull();
    expect(prose).toContain(
      `Default: slack ${slack.defaultRatePerSecond}, discord and teams ${discord.defaultRatePerSecond}, http no limit.`,
    );
    expect(prose).toContain(
      `slack 1 to ${slack.maxBatchSize}, discord and teams 1 to ${discord.maxBatchSize}, http 1 to ${http.maxBatchSize}.`,
    );
    expect(prose).toContain(
      `Default: slack ${slack.defaultBatchSize}, discord and teams ${discord.defaultBatchSize}, http ${http.defaultBatchSize}.`,
    );
  });

  test('names the _FILE form of every secret', () => {
    const forms = [...namesOf(VARIABLES), ...namesOf(WEBHOOK_ATTRIBUTES, 'WEBHOOK_<NAME>_')];
    const missing = forms.filter((name) => name.endsWith(FILE_SUFFIX) && !prose.includes(name));
    expect(missing).toEqual([]);
  });

  test('explains every variable in the lines above it', () => {
    const unexplained = assignments.filter((line) => {
      const above = lines.slice(0, lines.indexOf(line)).findLast((other) => {
        return !assignments.includes(other) || other === '';
      });
      return above === undefined || !/^# \S/.test(above);
    });
    expect(unexplained).toEqual([]);
  });

  test('sets nothing but what is required', () => {
    expect(Object.keys(parse(text))).toEqual(['GROOUPLY_API_KEY', 'WEBHOOK_SALES_URL']);
  });

  test('copied and not filled in, is refused for each placeholder and for nothing else', () => {
    const problem = 'still has the placeholder of the example in it: write your own value there';
    const mistakesOf = (env: Record<string, string>) => {
      const reading = read(env);
      return reading.ok ? [] : reading.mistakes;
    };
    expect(mistakesOf(parse(text))).toEqual([
      { variable: 'GROOUPLY_API_KEY', problem, allowed: VARIABLES.GROOUPLY_API_KEY.rule.allowed },
      { variable: 'WEBHOOK_SALES_URL', problem, allowed: WEBHOOK_ATTRIBUTES.URL.rule.allowed },
    ]);
    // A Redis on this machine without a password is a real value.
    const secrets = Object.keys(shown).filter((name) => {
      const attribute = splitWebhookVariable(name)?.attribute;
      const rows: Readonly<Record<string, Variable<unknown>>> =
        attribute === undefined ? VARIABLES : WEBHOOK_ATTRIBUTES;
      return rows[attribute ?? name]?.secret === true && name !== 'REDIS_URL';
    });
    const mistakes = mistakesOf(shown);
    expect(mistakes.map(({ variable }) => variable).toSorted()).toEqual(secrets.toSorted());
    expect(new Set(mistakes.map((mistake) => mistake.problem))).toEqual(new Set([problem]));
  });

  test('is valid once it is filled in', () => {
    expect(read(parse(filledIn(text)))).toMatchObject({
      ok: true,
      config: { webhooks: [{ name: 'SALES', type: 'slack' }] },
    });
  });

  test('is valid once it is filled in, with all of it uncommented', () => {
    const reading = read(parse(filledIn(uncommented)));
    expect(reading).toMatchObject({
      ok: true,
      config: {
        redis: { kind: 'external' },
        webhooks: [
          {
            name: 'CRM',
            type: 'http',
            signingSecrets: [expect.any(String)],
            headers: { authorization: expect.any(String) },
          },
          {
            name: 'SALES',
            type: 'slack',
            filter: {
              keywords: ['realtor', 'looking for an agent'],
              groups: ['1617905175110739', 'real estate referral network'],
              positions: ['post', 'comment'],
              exclude: ['hiring', 'looking for work', 'no agents'],
              excludeAuthors: ['100073695043540', 'Dana R.'],
            },
          },
        ],
      },
    });
  });
});
