import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../config/env.ts';
import { splitWebhookVariable } from '../../config/names.ts';
import { FILE_SUFFIX, namesOf, VARIABLES, WEBHOOK_ATTRIBUTES } from '../../config/variables.ts';
import { WEBHOOK_TYPES } from '../../src/domain/webhook.ts';

const text = readFileSync(new URL('../../config/example.env', import.meta.url), 'utf8');
const lines = text.split('\n');
const assignments = lines.filter((line) => /^#?[A-Za-z0-9_]+=/.test(line));
const shown = parse(assignments.map((line) => line.replace(/^#/, '')).join('\n'));
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
    const { slack, http } = WEBHOOK_TYPES;
    expect(prose).toContain(
      `Default: slack ${slack.defaultConcurrency}, http ${http.defaultConcurrency}.`,
    );
    expect(http.defaultRatePerSecond).toBeNull();
    expect(prose).toContain(`Default: slack ${slack.defaultRatePerSecond}, http no limit.`);
    expect(prose).toContain(
      `slack 1 to ${slack.largestBatchSize}, http 1 to ${http.largestBatchSize}.`,
    );
    expect(prose).toContain(
      `Default: slack ${slack.defaultBatchSize}, http ${http.defaultBatchSize}.`,
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

  test('is valid as it stands, and sets nothing but what is required', () => {
    expect(Object.keys(parse(text))).toEqual(['GROOUPLY_API_KEY', 'WEBHOOK_SALES_URL']);
    expect(read(parse(text))).toMatchObject({
      ok: true,
      config: { webhooks: [{ name: 'SALES', type: 'slack' }] },
    });
  });

  test('is valid with all of it uncommented', () => {
    const reading = read(shown);
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
            },
          },
        ],
      },
    });
  });
});
