import { ReplyError } from 'ioredis';
import { describe, expect, test } from 'vitest';
import {
  adviceOn,
  createRedisErrorReporter,
  errorCode,
  mayPass,
  redisFailure,
  troubleOf,
} from '../../src/redis/redis-errors.ts';
import { recordingLog } from '../helpers/recording-log.ts';

const withCode = (error: Error, code: string) => Object.assign(error, { code });

const coded = (code: string) => withCode(new Error('connect 10.0.0.7'), code);

const OOM = new Error("OOM command not allowed when used memory > 'maxmemory'.");
const NOAUTH = new Error('NOAUTH Authentication required.');
const CLOSED = new Error('Connection is closed.');
const REFUSED = withCode(new Error('connect ECONNREFUSED 10.0.0.7:6379'), 'ECONNREFUSED');
const CLUSTER_AWAY = Object.assign(new Error('Failed to refresh slots cache.'), {
  lastNodeError: REFUSED,
});

test.each([
  ['READONLY', "READONLY You can't write against a read only replica."],
  ['OOM', 'OOM command not allowed. script: 4f2, on @user_script:1.'],
  ['OOM', 'ERR Error running script (call to f_4f2): @user_script: 3: -OOM command not allowed'],
  ['MISCONF', 'Failed to add repeatable job for next iteration: MISCONF Redis is configured'],
  ['LOADING', 'LOADING Redis is loading the dataset in memory'],
  ['BUSY', 'BUSY Redis is busy running a script. You can only call SCRIPT KILL'],
  ['NOAUTH', 'NOAUTH Authentication required.'],
  ['WRONGPASS', 'WRONGPASS invalid username-password pair or user is disabled.'],
  ['NOPERM', "NOPERM this user has no permissions to run the 'evalsha' command"],
  ['CLUSTERDOWN', 'CLUSTERDOWN The cluster is down'],
  [null, 'Connection is closed.'],
  [null, 'ERR unknown command'],
  [null, 'no OOMPH'],
])('the refusal is %s: %s', (trouble, message) => {
  expect(troubleOf(new Error(message))).toBe(trouble);
  expect(troubleOf(withCode(new Error(message), 'ECONNREFUSED'))).toBeNull();
});

/** An error, the failure of Redis that it means, if Redis may answer later, and its code in logs. */
test.each<[Error, 'refuses' | 'unreachable' | null, boolean, string]>([
  [OOM, 'refuses', true, 'OOM'],
  [new Error('Failed to add: MISCONF Redis is'), 'refuses', true, 'Error'],
  [new ReplyError('WRONGTYPE Operation against'), 'refuses', false, 'WRONGTYPE'],
  [new ReplyError('ERR DB index is out of range'), 'refuses', false, 'no such database'],
  [REFUSED, 'unreachable', false, 'ECONNREFUSED'],
  [coded('ENOENT'), 'unreachable', false, 'ENOENT'],
  [coded('ERR_TLS_CERT_ALTNAME'), 'unreachable', false, 'ERR_TLS_CERT_ALTNAME'],
  [coded('DEPTH_ZERO_SELF_SIGNED'), 'unreachable', false, 'DEPTH_ZERO_SELF_SIGNED'],
  [CLOSED, 'unreachable', true, 'Error'],
  [new Error('Command timed out'), 'unreachable', false, 'Error'],
  [new Error('All sentinels are unreachable.'), 'unreachable', false, 'no Sentinel answers'],
  [new Error('None of startup nodes is available'), 'unreachable', true, 'no Cluster node answers'],
  [CLUSTER_AWAY, 'unreachable', true, 'ECONNREFUSED'],
  [new Error('Missing lock for job m-abc. moveToFinished'), null, false, 'lock lost'],
  [new Error('could not renew lock for job m-abc'), null, false, 'lock lost'],
  [new TypeError('Cannot read 10.0.0.7'), null, false, 'TypeError'],
  [withCode(new TypeError('path'), 'ERR_INVALID_ARG_TYPE'), null, false, 'ERR_INVALID_ARG_TYPE'],
  [coded('ERR_ASSERTION'), null, false, 'ERR_ASSERTION'],
])('%s: Redis %s, may answer later: %s, logged as %s', (error, failure, passes, code) => {
  expect(redisFailure(error)).toBe(failure);
  expect(mayPass(error)).toBe(passes);
  expect(errorCode(error)).toBe(code);
});

test('only refusals have advice', () => {
  expect(adviceOn(NOAUTH)?.todo).toContain('REDIS_URL');
  expect(adviceOn(new ReplyError('ERR unknown command'))).toBeNull();
  expect(adviceOn(CLOSED)).toBeNull();
  expect(redisFailure('OOM ')).toBeNull();
});

describe('an error of Redis', () => {
  function reporter() {
    let now = 0;
    const recording = recordingLog();
    const report = createRedisErrorReporter(recording.log, () => now);
    return { ...recording, report, later: (ms: number) => (now += ms) };
  }

  test('is logged once per kind, with what to do, however often it comes', () => {
    const { report, lines, later } = reporter();
    for (let second = 0; second < 300; second++) {
      report(OOM);
      if (second === 100) report(NOAUTH);
      later(1_000);
    }
    expect(lines).toMatchObject([
      { level: 'error', event: 'redis.error', fields: { reason: 'OOM' } },
      { level: 'error', event: 'redis.error', fields: { reason: 'NOAUTH' } },
    ]);
    expect(lines[0]?.message).toContain('maxmemory');
    expect(lines[1]?.message).toContain('REDIS_URL');
  });

  test('is logged again after a quiet minute', () => {
    const { report, lines, later } = reporter();
    report(OOM);
    later(59_999);
    report(OOM);
    later(60_000);
    report(OOM);
    expect(lines).toHaveLength(2);
  });

  test('is logged at debug level if it is no refusal, without the message', () => {
    const { report, lines, later } = reporter();
    report(new Error('something at 10.0.0.1 with hidden words'));
    report(new Error('another'));
    later(1_000);
    report(withCode(new Error('hidden'), 'EPIPE'));
    expect(lines.map(({ level }) => level)).toEqual(['debug', 'debug']);
    expect(JSON.stringify(lines)).not.toMatch(/hidden|10\.0/);
  });
});
