import { expect, test } from 'vitest';
import { readReadiness, type ReadinessPorts } from '../../src/monitoring/readiness.ts';

const NOW_MS = Date.parse('2026-11-24T12:00:00Z');
const SETTINGS = { intervalMs: 10_000, requestsPerWindow: 50, windowMs: 60_000 };

function readiness(ports: Partial<ReadinessPorts>) {
  return readReadiness(
    {
      stopping: () => false,
      starting: () => false,
      lastPollAtMs: async () => NOW_MS,
      nowMs: () => NOW_MS,
      ...ports,
    },
    SETTINGS,
  );
}

test('a relay whose last successful poll is in time is ready', async () => {
  expect(await readiness({ lastPollAtMs: async () => NOW_MS - 30_000 })).toEqual({
    ready: true,
    lastPollAt: '2026-11-24T11:59:30.000Z',
  });
});

test('one whose last successful poll is too long ago is not', async () => {
  expect(await readiness({ lastPollAtMs: async () => NOW_MS - 30_001 })).toEqual({
    ready: false,
    problem: 'polls',
    detail: 'the last successful poll is too long ago',
    lastPollAt: '2026-11-24T11:59:29.999Z',
  });
});

test('one whose last successful poll is in the future is not', async () => {
  expect(await readiness({ lastPollAtMs: async () => NOW_MS + 30_001 })).toEqual({
    ready: false,
    problem: 'polls',
    detail: 'the last successful poll is in the future: a clock is wrong or was set back',
    lastPollAt: '2026-11-24T12:00:30.001Z',
  });
});

test('one that has never polled is not', async () => {
  expect(await readiness({ lastPollAtMs: async () => null })).toEqual({
    ready: false,
    problem: 'polls',
    detail: 'no poll has succeeded yet',
    lastPollAt: null,
  });
});

test('one without Redis is not, and nothing of the error is told', async () => {
  const lastPollAtMs = () => Promise.reject(new Error('redis://:secret@host'));
  expect(await readiness({ lastPollAtMs })).toEqual({
    ready: false,
    problem: 'redis',
    detail: 'Redis does not answer',
  });
});

test('one that stops is not, and Redis is not asked any more', async () => {
  const lastPollAtMs = () => Promise.reject(new Error('It was asked.'));
  expect(await readiness({ stopping: () => true, lastPollAtMs })).toMatchObject({
    ready: false,
    problem: 'stopping',
  });
});

test('a replica that starts is not ready, though another one polls', async () => {
  expect(await readiness({ starting: () => true })).toMatchObject({
    ready: false,
    problem: 'starting',
  });
});

test('one that starts without Redis says that', async () => {
  const away = { starting: () => true, lastPollAtMs: () => Promise.reject(new Error('away')) };
  expect(await readiness(away)).toMatchObject({ ready: false, problem: 'redis' });
});
