import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mergeEnvFile } from '../../src/config/settings.ts';
import { readConfig } from '../../src/config/env.ts';

const readFile = (path: string): string => readFileSync(path, 'utf8');
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const ENV = { GROOUPLY_API_KEY: 'key', WEBHOOK_CRM_URL: 'https://crm.example.com/hook' };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function read(env: Record<string, string>) {
  return readConfig(env, { readFile, stdoutIsTty: false });
}

describe('a .env file', () => {
  test('adds its variables, and real ones win unless they are empty', () => {
    const path = write(
      '.env',
      [
        'GROOUPLY_API_KEY=from-file',
        'export BACKLOG=none # a comment',
        'LOG_LEVEL=warn',
        'REDIS_PREFIX=file',
        `WEBHOOK_CRM_HEADERS='{"x-key":"a # b"}'`,
        'DATA_DIR=',
      ].join('\r\n'),
    );
    const env = { LOG_LEVEL: 'debug', GROOUPLY_API_KEY: '', REDIS_PREFIX: ' ', PATH: '/bin' };
    expect(mergeEnvFile(env, { path, readFile })).toEqual({
      ok: true,
      value: {
        PATH: '/bin',
        GROOUPLY_API_KEY: 'from-file',
        BACKLOG: 'none',
        LOG_LEVEL: 'debug',
        REDIS_PREFIX: 'file',
        WEBHOOK_CRM_HEADERS: '{"x-key":"a # b"}',
        DATA_DIR: '',
      },
    });
  });

  test("changes neither the process's environment nor the one it is given", () => {
    const before = { ...process.env };
    const env = Object.freeze({ A: '1' });
    mergeEnvFile(env, { path: write('.env', 'A=2\nCONFIG_TEST_ONLY=3'), readFile });
    expect(process.env).toEqual(before);
    expect(env).toEqual({ A: '1' });
  });

  test('may be missing', () => {
    const env = { A: '1' };
    expect(mergeEnvFile(env, { path: join(folder, '.env'), readFile })).toEqual({
      ok: true,
      value: env,
    });
  });

  test('that is there but can not be read is a mistake', () => {
    const path = join(folder, '.env');
    mkdirSync(path);
    expect(mergeEnvFile({}, { path, readFile })).toEqual({
      ok: false,
      error: [
        {
          variable: path,
          problem: "can't be read (EISDIR)",
          allowed: 'a readable file of lines such as NAME=value, or none at all',
        },
      ],
    });
  });

  // Tests may run as root, whom the system refuses no file.
  test.each([
    ['the system refuses', Object.assign(new Error('hidden'), { code: 'EACCES' }), 'EACCES'],
    ['fails in an unheard-of way', new Error('hidden'), 'unknown error'],
  ])('that %s is a mistake', (_, error, code) => {
    const readFailing = (): never => {
      throw error;
    };
    const reading = mergeEnvFile({}, { path: '.env', readFile: readFailing });
    expect(reading).toMatchObject({
      ok: false,
      error: [{ variable: '.env', problem: `can't be read (${code})` }],
    });
    expect(JSON.stringify(reading)).not.toContain('hidden');
  });
});

describe('the _FILE form', () => {
  test('of every secret gives what is in the file, without the line break at its end', () => {
    const reading = read({
      GROOUPLY_API_KEY_FILE: write('key', 'key-in-file\n'),
      REDIS_URL_FILE: write('redis', 'redis://:p@localhost/1\r\n'),
      WEBHOOK_CRM_URL_FILE: write('url', 'https://crm.example.com/in-file'),
      WEBHOOK_CRM_SECRET_FILE: write('secret', `${SECRET}\n`),
      WEBHOOK_CRM_HEADERS_FILE: write('headers', '{\n  "x-key": "value"\n}\n'),
      // Empty, so they count as unset.
      GROOUPLY_API_KEY: '',
      WEBHOOK_CRM_URL: ' ',
    });
    expect(reading).toMatchObject({
      ok: true,
      value: {
        groouply: { apiKey: 'key-in-file' },
        redis: { kind: 'external', url: 'redis://:p@localhost/1' },
        webhooks: [
          {
            name: 'CRM',
            url: new URL('https://crm.example.com/in-file'),
            signingSecrets: [SECRET],
            headers: { 'x-key': 'value' },
          },
        ],
      },
    });
  });

  test.each(['GROOUPLY_API_KEY', 'WEBHOOK_CRM_URL'] as const)(
    'of %s next to the plain one is a mistake, and no other follows from it',
    (name) => {
      const env = { ...ENV, [`${name}_FILE`]: write('file', 'hidden') };
      expect(read(env)).toEqual({
        ok: false,
        error: [
          { variable: name, problem: `is set, and so is ${name}_FILE`, allowed: 'one of the two' },
        ],
      });
    },
  );

  const allowed = 'the path of a readable file that holds the value and nothing else';

  test('of a file that does not exist is a mistake with its path and the code', () => {
    const path = join(folder, 'missing');
    expect(read({ ...ENV, WEBHOOK_CRM_SECRET_FILE: path })).toEqual({
      ok: false,
      error: [
        {
          variable: 'WEBHOOK_CRM_SECRET_FILE',
          problem: `names a file that can't be read: "${path}" (ENOENT)`,
          allowed,
        },
      ],
    });
  });

  test('of an empty file is a mistake', () => {
    const path = write('empty', '\n');
    expect(read({ ...ENV, REDIS_URL_FILE: path })).toEqual({
      ok: false,
      error: [{ variable: 'REDIS_URL_FILE', problem: `names an empty file: "${path}"`, allowed }],
    });
  });

  test('of a file with a wrong value is a mistake that does not repeat it', () => {
    const reading = read({ ...ENV, REDIS_URL_FILE: write('redis', 'hidden') });
    expect(reading).toMatchObject({
      ok: false,
      error: [
        {
          variable: 'REDIS_URL_FILE',
          problem: 'begins with no scheme of a Redis',
        },
      ],
    });
    expect(JSON.stringify(reading)).not.toContain('hidden');
  });

  test.each([
    ['WEBHOOK_CRM_SECRET_FILE', SECRET],
    ['REDIS_URL_FILE', 'redis://:hidden@localhost'],
    ['WEBHOOK_CRM_HEADERS_FILE', '{"x-key": "a.hidden.token"}'],
    ['GROOUPLY_API_KEY_FILE', '0f6b2c81hidden'],
  ])('with the secret itself instead of a path does not repeat it: %s', (name, secret) => {
    const { GROOUPLY_API_KEY: key, ...webhook } = ENV;
    const env = name.startsWith('GROOUPLY') ? webhook : { ...webhook, GROOUPLY_API_KEY: key };
    const reading = read({ ...env, [name]: secret });
    expect(reading).toMatchObject({
      ok: false,
      error: [
        {
          variable: name,
          problem: "names a file that can't be read: a value that looks like a secret (ENOENT)",
        },
      ],
    });
    expect(JSON.stringify(reading)).not.toMatch(/hidden|whsec_/);
  });
});
