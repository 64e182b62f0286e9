import { describe, expect, test } from 'vitest';
import { damageIn, holdsCommand } from '../../src/redis/repair-log.ts';

const command = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

const SET = command('SET', 'key', 'value');
const ZEROS = '\0'.repeat(100);

describe('the refused end of an append-only file holds a command', () => {
  test.each([
    ['zeros', ZEROS, false],
    ['nothing', '', false],
    ['half a command', SET.slice(0, -4), false],
    ['half a command and zeros', SET.slice(0, -4) + ZEROS, false],
    ['a command whose length is too great', SET.replace('$5', '$500'), false],
    ['stars and numbers', '*1\r\n*2\r\n*3\r\n$-1\r\n*0\r\n', false],
    ['a transaction without its end', command('MULTI') + SET + SET, false],
    ['a transaction that breaks off in zeros', command('MULTI') + SET + ZEROS, false],
    ['a command behind zeros', ZEROS + SET, true],
    ['a command behind half a command', SET.slice(0, -4) + SET, true],
    ['a command behind a broken transaction', command('MULTI') + SET + ZEROS + SET, true],
    ['a command that looks whole at the beginning', SET + ZEROS, true],
    ['a whole transaction', command('MULTI') + SET + command('EXEC') + ZEROS, true],
    ['a transaction in a transaction', command('MULTI') + command('multi') + ZEROS, true],
    // Bytes are counted, not letters.
    ['a command with letters of two bytes', ZEROS + command('SET', 'key', 'Häuser'), true],
    ['binary data behind garbage', `\xff\xfe${command('SET', 'k', '\r\n*1\r\n')}`, true],
  ])('%s', (_, end, holds) => {
    expect(holdsCommand(Buffer.from(end))).toBe(holds);
  });

  test('in a MB of stars, in bounded time', () => {
    expect(holdsCommand(Buffer.from('*9\r\n$1\r\n'.repeat(100_000)))).toBe(false);
  });
});

const BASE_OK =
  'AOF analyzed: filename=appendonly.aof.1.base.rdb, size=89, ok_up_to=89, ok_up_to_line=1, diff=0';

test.each([
  [
    'of Redis 7 names the file',
    `${BASE_OK}\nBASE AOF appendonly.aof.1.base.rdb is valid\nAOF appendonly.aof.1.incr.aof format error\nAOF analyzed: filename=appendonly.aof.1.incr.aof, size=433, ok_up_to=133, ok_up_to_line=33, diff=300\nAOF appendonly.aof.1.incr.aof is not valid. Use the --fix option to try fixing it.\n`,
    { file: 'appendonly.aof.1.incr.aof', okBytes: 133, sizeBytes: 433 },
  ],
  [
    'of Redis 6.2 names none',
    'The AOF appears to start with an RDB preamble.\n0x 85: Expected prefix\nAOF analyzed: size=225, ok_up_to=222, ok_up_to_line=33, diff=3\nAOF is not valid. Use the --fix option to try fixing it.\n',
    { file: 'appendonly.aof', okBytes: 222, sizeBytes: 225 },
  ],
  [
    'of one file names its path',
    'AOF analyzed: filename=/data/appendonly.aof, size=225, ok_up_to=222, ok_up_to_line=33, diff=3\n',
    { file: 'appendonly.aof', okBytes: 222, sizeBytes: 225 },
  ],
  [
    'about a damaged base has no file to cut',
    'RDB preamble of AOF file is not sane, aborting.\n',
    null,
  ],
  ['about sound files has none', `${BASE_OK}\nAll AOF files and manifest are valid\n`, null],
])('a report of redis-check-aof %s', (_, report, damage) => {
  expect(damageIn(report)).toEqual(damage);
});
