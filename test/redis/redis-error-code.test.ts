import { expect, test } from 'vitest';
import { errorCode } from '../../src/redis/redis-errors.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:6379'), {
  code: 'ECONNREFUSED',
});

test.each([
  ['its code', refused, 'ECONNREFUSED'],
  [
    'that of the last node of a Cluster',
    Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: refused }),
    'ECONNREFUSED',
  ],
  ["the first word of Redis's answer", new Error('NOAUTH Authentication required.'), 'NOAUTH'],
  ['a database that there is not', new Error('ERR DB index is out of range'), 'no such database'],
  [
    'Sentinels that are away',
    new Error('All sentinels are unreachable. Retrying from scratch after 10ms.'),
    'no Sentinel answers',
  ],
  [
    'a Cluster that is away',
    new Error('None of startup nodes is available'),
    'no Cluster node answers',
  ],
  [
    "a job that is another worker's",
    new Error('Missing lock for job m-abc. moveToFinished'),
    'lock lost',
  ],
  ['a lock that ran out', new Error('could not renew lock for job m-abc'), 'lock lost'],
  ['nothing but its kind', new TypeError('Cannot read 10.0.0.7'), 'TypeError'],
])('of an error is told %s, and never its message', (_, error, told) => {
  expect(errorCode(error)).toBe(told);
});
