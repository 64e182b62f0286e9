import { ReplyError } from 'ioredis';
import { describe, expect, test } from 'vitest';
import {
  adviceOn,
  createRedisErrorReporter,
  mayPass,
  redisFailure,
  troubleOf,
} from '../../src/redis/redis-errors.ts';
import { recordingLog } from '../helpers/recording-log.ts';

const OOM = new Error("OOM command not allowed when used memory > 'maxmemory'.");
const NOAUTH = new Error('NOAUTH Authentication required.');

test.each([
  ['READONLY', "READONLY You can't write against a read only replica."],
  [
    'OOM',
    "OOM command not allowed when used memory > 'maxmemory'. script: 4f2, on @user_script:1.",
  ],
  [
    'OOM',
    "ERR Error running script (call to f_4f2): @user_script:3: @user_script: 3: -OOM command not allowed when used memory > 'maxmemory'.",
  ],
  [
    'MISCONF',
    'Failed to add repeatable job for next iteration: MISCONF Redis is configured to save',
  ],
  ['LOADING', 'LOADING Redis is loading the dataset in memory'],
  ['NOAUTH', 'NOAUTH Authentication required.'],
  ['WRONGPASS', 'WRONGPASS invalid username-password pair or user is disabled.'],
  ['NOPERM', "NOPERM this user has no permissions to run the 'evalsha' command"],
  ['CLUSTERDOWN', 'CLUSTERDOWN The cluster is down'],
  [null, 'Connection is closed.'],
  [null, 'ERR unknown command'],
  [null, 'no OOMPH'],
])('is %s: %s', (trouble, message) => {
  expect(troubleOf(new Error(message))).toBe(trouble);
});

test('a failed connection is no refusal', () => {
  expect(troubleOf(Object.assign(new Error('OOM '), { code: 'ECONNREFUSED' }))).toBeNull();
  expect(troubleOf('OOM ')).toBeNull();
});

test.each([
  ['a refusal', OOM, true],
  ['a connection that broke', new Error('Connection is closed.'), true],
  ['anything else', new Error('ERR unknown command'), false],
])('%s may pass: %#', (_, error, passes) => {
  expect(mayPass(error)).toBe(passes);
});

const withCode = (error: Error, code: string) => Object.assign(error, { code });

test.each([
  ['a refusal', OOM, 'refuses'],
  ['a refusal that BullMQ passes on', new Error('Failed to add: MISCONF Redis is'), 'refuses'],
  ['any other answer that is an error', new ReplyError('WRONGTYPE Operation against'), 'refuses'],
  ['nobody there', withCode(new Error('connect'), 'ECONNREFUSED'), 'unreachable'],
  ['no such socket', withCode(new Error('connect'), 'ENOENT'), 'unreachable'],
  ['a name that is none', withCode(new Error('getaddrinfo'), 'ENOTFOUND'), 'unreachable'],
  [
    'a certificate for another host',
    withCode(new Error('Hostname'), 'ERR_TLS_CERT_ALTNAME_INVALID'),
    'unreachable',
  ],
  [
    'a certificate of nobody',
    withCode(new Error('self-signed'), 'DEPTH_ZERO_SELF_SIGNED_CERT'),
    'unreachable',
  ],
  ['a connection that broke', new Error('Connection is closed.'), 'unreachable'],
  ['no answer in time', new Error('Command timed out'), 'unreachable'],
  [
    'Sentinels that are away',
    new Error('All sentinels are unreachable and retry is disabled.'),
    'unreachable',
  ],
  ['a Cluster that is away', new Error('Failed to refresh slots cache.'), 'unreachable'],
  ['a mistake in a program', new TypeError('undefined is not a function'), null],
  [
    "a misuse of Node's own API",
    withCode(new TypeError('The "path" argument'), 'ERR_INVALID_ARG_TYPE'),
    null,
  ],
  ['an assertion', withCode(new Error('false == true'), 'ERR_ASSERTION'), null],
  ['what is no error', 'OOM ', null],
] as const)('of Redis it is, or not: %s', (_, error, expected) => {
  expect(redisFailure(error)).toBe(expected);
});

test('what to do is known of refusals alone', () => {
  expect(adviceOn(NOAUTH)?.todo).toContain('REDIS_URL');
  expect(adviceOn(new ReplyError('ERR unknown command'))).toBeNull();
  expect(adviceOn(new Error('Connection is closed.'))).toBeNull();
});

describe('what goes wrong with Redis', () => {
  function teller() {
    let now = 0;
    const recording = recordingLog();
    return {
      ...recording,
      tell: createRedisErrorReporter(recording.log, () => now),
      later: (ms: number) => (now += ms),
    };
  }

  test('is told once a kind, with what to do, however often it comes', () => {
    const { tell, told, lines, later } = teller();
    for (let second = 0; second < 300; second++) {
      tell(OOM);
      if (second === 100) tell(NOAUTH);
      later(1_000);
    }
    expect(told()).toEqual(['error redis.error', 'error redis.error']);
    expect(lines.map(({ fields }) => fields)).toEqual([{ reason: 'OOM' }, { reason: 'NOAUTH' }]);
    expect(lines[0]?.message).toContain('maxmemory');
    expect(lines[1]?.message).toContain('REDIS_URL');
  });

  test('is told again when it was quiet for a minute', () => {
    const { tell, told, later } = teller();
    tell(OOM);
    later(59_999);
    tell(OOM);
    later(60_000);
    tell(OOM);
    expect(told()).toHaveLength(2);
  });

  test('is told at debug level if it is no refusal, without the message', () => {
    const { tell, told, lines, later } = teller();
    tell(new Error('something at 10.0.0.1 with hidden words'));
    tell(new Error('another'));
    later(1_000);
    tell(Object.assign(new Error('hidden'), { code: 'EPIPE' }));
    expect(told()).toEqual(['debug redis.error', 'debug redis.error']);
    expect(JSON.stringify(lines)).not.toMatch(/hidden|10\.0/);
  });
});
