import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/env.ts';
import { allowedBy } from '../../src/config/rules.ts';
import { splitWebhookVariable } from '../../src/config/webhook-variables.ts';
import { VARIABLES, type Variable } from '../../src/config/variables.ts';
import { WEBHOOK_ATTRIBUTES } from '../../src/config/webhook-variables.ts';
import { filledIn } from '../helpers/filled-in.ts';
import { rulesOf } from '../helpers/phrase-rules.ts';

const text = readFileSync(new URL('../../config/example.env', import.meta.url), 'utf8');
const lines = text.split('\n');
const assignments = lines.filter((line) => /^#?[A-Za-z0-9_]+=/.test(line));
const uncommented = assignments.map((line) => line.replace(/^#/, '')).join('\n');
const shown = parse(uncommented);

function read(env: Record<string, string>) {
  const readFile = (path: string): string => {
    if (path.startsWith('config/templates/')) return readFileSync(path, 'utf8');
    throw new Error(`no file is read here: ${path}`);
  };
  return readConfig(env, { readFile, stdoutIsTty: false });
}

describe('config/example.env', () => {
  test('sets nothing but what is required', () => {
    expect(Object.keys(parse(text))).toEqual(['GROOUPLY_API_KEY', 'WEBHOOK_SALES_URL']);
  });

  test('copied but not filled in is refused for each placeholder and nothing else', () => {
    const problem = 'still has the placeholder of the example in it: write your own value there';
    const mistakesOf = (env: Record<string, string>) => {
      const reading = read(env);
      return reading.ok ? [] : reading.error;
    };
    expect(mistakesOf(parse(text))).toEqual([
      {
        variable: 'GROOUPLY_API_KEY',
        problem,
        allowed: allowedBy(VARIABLES.GROOUPLY_API_KEY.rule),
      },
      { variable: 'WEBHOOK_SALES_URL', problem, allowed: allowedBy(WEBHOOK_ATTRIBUTES.URL.rule) },
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
      value: { webhooks: [{ name: 'SALES', type: 'slack' }] },
    });
  });

  test('is valid once it is filled in, with all of it uncommented', () => {
    const reading = read(parse(filledIn(uncommented)));
    expect(reading).toMatchObject({
      ok: true,
      value: {
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
              include: rulesOf('looking for + agent*', 'recommend* + realtor'),
              exclude: rulesOf('hiring', 'looking for work', 'no agents', 'apply* + job'),
              excludeAuthors: ['100073695043540', 'Dana R.'],
            },
          },
        ],
      },
    });
  });
});
