import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEnvFile } from '../../src/config/env-file.ts';
import { readConfig } from '../../src/config/env.ts';
import { valueOf } from '../helpers/value-of.ts';

const REAL = { GROOUPLY_API_KEY: 'key', WEBHOOK_A_URL: 'https://a.example/hook' };

function read(text: string, real: Record<string, string | undefined> = REAL) {
  return readConfig(real, { readFile: () => text, stdoutIsTty: false, envFile: '.env' });
}

/** Returns `NAME problem` for each mistake. */
function mistakesOf(text: string, real?: Record<string, string | undefined>): string[] {
  const reading = read(text, real);
  return reading.ok ? [] : reading.error.map(({ variable, problem }) => `${variable} ${problem}`);
}

const filterOf = (text: string) => valueOf(read(text)).webhooks[0]?.filter;

describe('a value of .env', () => {
  const CUT = 'is cut off at a "#" in .env';

  test.each([
    ['that begins with a "#"', 'WEBHOOK_A_KEYWORDS=#realtor, #agent'],
    ['with a "#" behind a letter', 'WEBHOOK_A_KEYWORDS=C#, java'],
    ['with a "#" behind a space, and none behind it', 'WEBHOOK_A_KEYWORDS=realtor, #agent'],
    ['with a "#" directly behind the "="', 'WEBHOOK_A_KEYWORDS=# all of them'],
    ['with a "#", in a list whose entries are in quotes', 'WEBHOOK_A_EXCLUDE="a, b", C#'],
    ['with a "#" and then a comment', 'WEBHOOK_A_EXCLUDE=C# # a language'],
    ['that is a URL with a fragment', 'WEBHOOK_B_URL=https://b.example/hook#top'],
    ['that is a secret', 'HEARTBEAT_URL=https://b.example/hidden#hidden'],
    ['of a line that begins with export', 'export WEBHOOK_A_GROUPS=#1 agents'],
    ['in the form of YAML', 'WEBHOOK_A_GROUPS: #1 agents'],
    ['with Windows line ends', 'LOG_LEVEL=info\r\nWEBHOOK_A_GROUPS=#1 agents\r\n'],
    ['that is the last of several for its variable', 'BACKLOG=none\nBACKLOG=24h#x'],
  ])('%s is a mistake that names the file: %s', (_, text) => {
    const name = /(WEBHOOK_\w+|HEARTBEAT_URL|BACKLOG)(?=[=:])/.exec(text)?.[0] ?? '';
    expect(mistakesOf(text)).toEqual([`${name} ${CUT}`]);
    expect(JSON.stringify(read(text))).toContain('in quotation marks');
    expect(JSON.stringify(read(text))).not.toContain('hidden');
  });

  test.each([
    ['a comment behind it', 'WEBHOOK_A_KEYWORDS=crm # all, #of them', ['crm']],
    ['a comment of several "#"', 'WEBHOOK_A_KEYWORDS=crm ## all', ['crm']],
    ['an empty comment', 'WEBHOOK_A_KEYWORDS=crm #', ['crm']],
    ['a "#" in single quotes', "WEBHOOK_A_KEYWORDS='#realtor, C#'", ['#realtor', 'c#']],
    ['a "#" in double quotes', 'WEBHOOK_A_KEYWORDS="#realtor, C#"', ['#realtor', 'c#']],
    ['a "#" in quotes, and a comment', "WEBHOOK_A_KEYWORDS='C#' # a language", ['c#']],
    ['a comment right behind the quotes', "WEBHOOK_A_KEYWORDS='C#'#x", ['c#']],
    [
      'entries in quotes, all of it in single quotes',
      `WEBHOOK_A_KEYWORDS='"Austin, TX", C#'`,
      ['austin, tx', 'c#'],
    ],
    ['entries in quotes', 'WEBHOOK_A_KEYWORDS="Austin, TX", crm', ['austin, tx', 'crm']],
    ['a byte order mark before it', '\ufeffWEBHOOK_A_KEYWORDS=crm', ['crm']],
    ['white space around the "="', '  WEBHOOK_A_KEYWORDS = crm', ['crm']],
    ['no-break spaces around it', 'WEBHOOK_A_KEYWORDS=\u00a0crm\u00a0', ['crm']],
    ['a line that is commented out', '#WEBHOOK_A_KEYWORDS=#x\nWEBHOOK_A_KEYWORDS=crm', ['crm']],
  ])('with %s is read', (_, text, keywords) => {
    expect(filterOf(text)).toEqual({ keywords });
  });

  test.each([
    ['WEBHOOK_A_KEYWORDS="Austin, TX", "Dallas, TX"'],
    ['WEBHOOK_A_EXCLUDE="hiring","looking for work"'],
    ["WEBHOOK_A_KEYWORDS='Austin, TX', 'Dallas, TX'"],
    ["WEBHOOK_A_GROUPS='Austin, TX', crm"],
    ['WEBHOOK_A_GROUPS=`Austin, TX` , crm'],
  ])('with entries in quotation marks that dotenv takes for its own is a mistake: %s', (text) => {
    const name = text.slice(0, text.indexOf('='));
    expect(mistakesOf(text)).toEqual([
      `${name} has entries in quotation marks that are lost in .env`,
    ]);
  });

  test('may go on in the next lines inside of quotes', () => {
    const text = `WEBHOOK_A_HEADERS='{\n  "x-key": "a # b"\n}'\nBACKLOG=none # a comment`;
    const { webhooks, poll } = valueOf(read(text));
    expect(webhooks[0]?.headers).toEqual({ 'x-key': 'a # b' });
    expect(poll.backlog).toEqual({ kind: 'none' });
  });

  test('that is cut is no mistake where the environment sets the variable, or it is not known', () => {
    expect(mistakesOf('GROOUPLY_API_KEY=a#b\nCOLOUR=#ff0000')).toEqual([]);
  });

  test.each([
    ['GROOUPLY_API_KEY', 'GROOUPLY_API_KEY=#hidden'],
    ['WEBHOOK_A_URL', 'WEBHOOK_A_URL=#hidden'],
  ])('of the required %s is reported for that alone', (name, text) => {
    expect(mistakesOf(text, { ...REAL, [name]: undefined })).toEqual([`${name} ${CUT}`]);
  });

  test.each([
    ['"', 'WEBHOOK_A_KEYWORDS="crm, erp'],
    ["'", "WEBHOOK_A_KEYWORDS='crm, erp"],
    ['`', 'WEBHOOK_A_KEYWORDS=`crm, erp'],
  ])('that begins with a %s and is not closed is a mistake', (_, text) => {
    expect(mistakesOf(`${text}\nLOG_LEVEL=info`)).toEqual([
      'WEBHOOK_A_KEYWORDS begins with a quotation mark in .env that is not closed',
    ]);
  });

  test('that swallows another variable, because a quotation mark is missing, is a mistake', () => {
    expect(mistakesOf(`DATA_DIR='./data\nBACKLOG=none'`)).toEqual([
      'DATA_DIR holds the line of BACKLOG in .env: a quotation mark is missing',
      'BACKLOG is inside the quotation marks of DATA_DIR in .env',
    ]);
  });

  test.each([
    'WEBHOOK_A_KEYWORDS crm',
    'WEBHOOK_A_KEYWORDS:crm',
    'set WEBHOOK_A_KEYWORDS=crm',
    '"WEBHOOK_A_KEYWORDS"=crm',
    '$WEBHOOK_A_KEYWORDS=crm',
  ])('in a form that dotenv skips is a mistake: %s', (text) => {
    expect(mistakesOf(`LOG_LEVEL=info\n${text}`)).toEqual([
      'WEBHOOK_A_KEYWORDS is in .env, but not as NAME=value',
    ]);
  });

  test.each([
    ['UTF-16', Buffer.from('\ufeffBACKLOG=none', 'utf16le')],
    ['Latin-1', Buffer.from('WEBHOOK_A_KEYWORDS=caf\u00e9', 'latin1')],
  ])('in a file that is saved as %s is a mistake of the file', (_, bytes) => {
    expect(mistakesOf(bytes.toString('utf8'), {})).toEqual(['.env is not a text in UTF-8']);
  });
});

describe('a warning', () => {
  const warningsOf = (text: string, real = {}) =>
    valueOf(read(text, { ...REAL, ...real })).warnings.map(
      ({ code, variables }) => [code, variables] as const,
    );

  test('lists the unknown variables of .env, and none of the real environment', () => {
    const text = 'WEBHOOK_URL=https://x\nREDIS_PASSWORD=x\nNODE_ENV=production\nPORT=1\nEMPTY=';
    expect(warningsOf(text, { REDIS_TLS_URL: 'x', PORT: '1' })).toEqual([
      ['unknown_variables', ['NODE_ENV', 'REDIS_PASSWORD', 'WEBHOOK_URL']],
    ]);
  });

  test('counts the lines of .env that set nothing', () => {
    const text = [
      '\ufeff# a comment',
      `WEBHOOK_A_HEADERS='{`,
      '  "x-key": "value"',
      `}' # a comment`,
      '',
      'WE\u0412HOOK_B_URL=https://b.example/hidden',
      'hidden',
    ];
    expect(warningsOf(text.join('\r\n'))).toEqual([['unknown_variables', ['line 6', 'line 7']]]);
  });

  test('does not repeat what may be a part of a secret that dotenv takes for a name', () => {
    const text = 'OTHER=-----BEGIN\nMIIEvQIBADANBgkq==\nwJalrXUtnFEMI==\n';
    expect(warningsOf(text)).toEqual([['unknown_variables', ['OTHER', 'and 2 more']]]);
  });

  test('names variables that are set twice, unless to the same value or by the environment', () => {
    const twice = ['B_URL', 'A_URL', 'A_TYPE'].flatMap((name) => [
      `WEBHOOK_${name}=${name === 'A_TYPE' ? 'http' : 'https://one.example'}`,
      `WEBHOOK_${name}=${name === 'A_TYPE' ? 'http' : 'https://two.example'}`,
    ]);
    expect(warningsOf(twice.join('\n'))).toEqual([['repeated_variables', ['WEBHOOK_B_URL']]]);
  });

  test('names a known variable with a service link as its value, which is ignored', () => {
    const link = 'tcp://10.0.0.11:80';
    const real = { ...REAL, HEALTH_PORT: link };
    for (const reading of [
      read('', real),
      read(`HEALTH_PORT=${link}`),
      read(`HEALTH_PORT=${link}`, real),
    ]) {
      const { health, warnings } = valueOf(reading);
      expect(health).toBeNull();
      expect(warnings).toMatchObject([{ code: 'service_links', variables: ['HEALTH_PORT'] }]);
    }
    for (const reading of [
      read('HEALTH_PORT=9464', { ...REAL, HEALTH_PORT: 'tcp://[fd00::1]:80' }),
      read(`HEALTH_PORT=${link}`, { ...REAL, HEALTH_PORT: '9464' }),
    ]) {
      expect(valueOf(reading).health).toMatchObject({ port: 9464 });
    }
    expect(mistakesOf('HEALTH_PORT=tcp://health')).toHaveLength(1);
  });
});

test('no part of a value in one line is lost in silence', () => {
  const characters = fc.constantFrom(...'ab,# \t"\'`'.split(''));
  const unquoted = (text: string) => text.trim().replace(/^(['"`])(.*)\1$/, '$2');
  fc.assert(
    fc.property(fc.string({ unit: characters, maxLength: 14 }), (written) => {
      const reading = readEnvFile('.env', () => `LOG_LEVEL=info\nBACKLOG=${written}\nDATA_DIR=x`);
      const { values, mistakes } = valueOf(reading);
      if (mistakes.has('BACKLOG')) return;
      const [, , quoted] = /^\s*(["'`])(.*?)\1\s*#/.exec(written) ?? [];
      const withoutComment = written.replace(/(?<=\s)#+(?:\s.*)?$/, '');
      const whole = [unquoted(written), unquoted(withoutComment), written.trim(), quoted];
      expect(whole).toContain(values['BACKLOG']);
    }),
    { numRuns: 3000 },
  );
});
