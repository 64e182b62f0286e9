import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

describe('a .env file', () => {
  const read = (env: Record<string, string>, path: string, reader = readFile) =>
    readConfig(env, { readFile: reader, stdoutIsTty: false, envFile: path });

  test('adds its variables, and real ones win unless they are empty', () => {
    const path = write(
      '.env',
      [
        'GROOUPLY_API_KEY=from-file',
        'export BACKLOG=none # a comment',
        'LOG_LEVEL=warn',
        'REDIS_PREFIX=file',
        `WEBHOOK_CRM_URL=https://crm.example.com/hook`,
        `WEBHOOK_CRM_HEADERS='{"x-key":"a # b"}'`,
        'DATA_DIR=',
      ].join('\r\n'),
    );
    const before = { ...process.env };
    const env = { LOG_LEVEL: 'debug', GROOUPLY_API_KEY: '', REDIS_PREFIX: ' ', PATH: '/bin' };
    expect(read(Object.freeze(env), path)).toMatchObject({
      ok: true,
      value: {
        groouply: { apiKey: 'from-file' },
        poll: { backlog: { kind: 'none' } },
        log: { level: 'debug' },
        redisPrefix: 'file',
        redis: { dataDir: resolve('data') },
        webhooks: [{ headers: { 'x-key': 'a # b' } }],
        warnings: [],
      },
    });
    expect(process.env).toEqual(before);
  });

  test('may be missing', () => {
    expect(read(ENV, join(folder, '.env'))).toMatchObject({ ok: true });
  });

  // Tests may run as root, whom the system refuses no file.
  test.each([
    ['is a folder', () => readFile(folder), 'EISDIR'],
    ['the system refuses', Object.assign(new Error('hidden'), { code: 'EACCES' }), 'EACCES'],
    ['fails in an unknown way', new Error('hidden'), 'unknown error'],
  ])('that %s is a mistake, and the only one', (_, failing, code) => {
    const readFailing = (): string => {
      if (typeof failing === 'function') return failing();
      throw failing;
    };
    expect(read({}, '.env', readFailing)).toEqual({
      ok: false,
      error: [
        {
          variable: '.env',
          problem: `can't be read (${code})`,
          allowed: 'a readable file of lines such as NAME=value, or none at all',
        },
      ],
    });
  });
});

describe('the _FILE form', () => {
  const read = (env: Record<string, string>) => readConfig(env, { readFile, stdoutIsTty: false });

  test('of every secret gives the content of the file, without the line break at its end', () => {
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

  const allowed = 'the path of a readable file that holds the value and nothing else';
  const secretItself = "names a file that can't be read: a value that looks like a secret (ENOENT)";

  test.each<[string, string, () => string, string, string?]>([
    [
      'of a missing file',
      'WEBHOOK_CRM_SECRET',
      () => join(folder, 'missing'),
      `names a file that can't be read: "PATH" (ENOENT)`,
    ],
    ['of an empty file', 'REDIS_URL', () => write('empty', '\n'), 'names an empty file: "PATH"'],
    [
      'of a file in another encoding',
      'GROOUPLY_API_KEY',
      () => write('utf-16', 'h\0i\0d\0'),
      'names a file that is not a text in UTF-8: "PATH"',
    ],
    [
      'of a wrong value',
      'REDIS_URL',
      () => write('redis', 'hidden'),
      'begins with no scheme of a Redis',
      'redis://',
    ],
    ['with the secret itself', 'WEBHOOK_CRM_SECRET', () => SECRET, secretItself],
    ['with the secret itself', 'REDIS_URL', () => 'redis://:hidden@localhost', secretItself],
    [
      'with the secret itself',
      'WEBHOOK_CRM_HEADERS',
      () => '{"x-key": "a.hidden.token"}',
      secretItself,
    ],
    ['with the secret itself', 'GROOUPLY_API_KEY', () => '0f6b2c81hidden', secretItself],
  ])(
    '%s is a mistake that does not repeat it: %s',
    (_, name, makePath, problem, rule = allowed) => {
      const path = makePath();
      const reading = read({ ...ENV, [name]: '', [`${name}_FILE`]: path });
      expect(reading).toEqual({
        ok: false,
        error: [
          {
            variable: `${name}_FILE`,
            problem: problem.replace('PATH', path),
            allowed: expect.stringContaining(rule),
          },
        ],
      });
      expect(JSON.stringify(reading)).not.toMatch(/hidden|whsec_/);
    },
  );

  test.each(['GROOUPLY_API_KEY', 'WEBHOOK_CRM_URL'])(
    'of %s beside the plain one is a mistake, and no other follows from it',
    (name) => {
      expect(read({ ...ENV, [`${name}_FILE`]: write('file', 'hidden') })).toEqual({
        ok: false,
        error: [
          { variable: name, problem: `is set, and so is ${name}_FILE`, allowed: 'one of the two' },
        ],
      });
    },
  );
});
