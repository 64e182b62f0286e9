import { expect, test } from 'vitest';
import type { Readiness } from '../../src/monitoring/readiness.ts';
import { serviceStatus, type ServiceFacts } from '../../src/monitoring/service-status.ts';

const lastPollAt = '2026-11-24T11:59:30.123Z';
const absent: Readiness = { ready: false, problem: 'redis', detail: 'Redis does not answer' };
const starting: Readiness = { ready: false, problem: 'starting', detail: 'the relay is starting' };
const password = { redisRefusal: 'Redis refuses the user or the password' };

test.each<[string, Readiness, Partial<ServiceFacts>, string]>([
  [
    'work',
    { ready: true, lastPollAt },
    {},
    'last poll 11:59:30 UTC; 3 webhooks, 0 deliveries waiting',
  ],
  [
    'a single webhook',
    { ready: true, lastPollAt },
    { webhooks: 1, waiting: 12 },
    'last poll 11:59:30 UTC; 1 webhook, 12 deliveries waiting',
  ],
  [
    'a start that other replicas hide',
    { ready: true, lastPollAt },
    { waiting: null },
    'last poll 11:59:30 UTC; 3 webhooks',
  ],
  ['an absent Redis', absent, {}, 'waiting for Redis 10.0.0.5:6379'],
  [
    'a wrong password',
    absent,
    password,
    'waiting for Redis 10.0.0.5:6379: Redis refuses the user or the password',
  ],
  ['a start', starting, {}, 'the relay is starting'],
  [
    'a start that Redis refuses',
    starting,
    password,
    'waiting for Redis 10.0.0.5:6379: Redis refuses the user or the password',
  ],
  [
    'a rejected key',
    { ready: false, problem: 'polls', detail: 'the API rejects GROOUPLY_API_KEY', lastPollAt },
    {},
    'the API rejects GROOUPLY_API_KEY; last poll 11:59:30 UTC',
  ],
  [
    'no poll yet',
    {
      ready: false,
      problem: 'polls',
      detail: 'no poll has succeeded yet',
      lastPollAt: null,
    },
    {},
    'no poll has succeeded yet',
  ],
  [
    'a stop',
    { ready: false, problem: 'stopping', detail: 'the relay is stopping' },
    password,
    'the relay is stopping',
  ],
])('the status line shows %s', (_case, readiness, facts, line) => {
  expect(
    serviceStatus({
      readiness,
      redisPlace: 'Redis 10.0.0.5:6379',
      redisRefusal: null,
      webhooks: 3,
      waiting: 0,
      ...facts,
    }),
  ).toBe(line);
});
