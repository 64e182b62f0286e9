import { expect, test } from 'vitest';
import { pollsInTime } from '../../src/monitoring/readiness.ts';

const settings = { intervalMs: 10_000, requestsPerWindow: 50, windowMs: 60_000 };

test.each([
  ['no poll ever succeeded', null, settings, false],
  ['the last one was just now', 0, settings, true],
  ['three intervals ago is still in time', 30_000, settings, true],
  ['longer ago is not', 30_001, settings, false],
  ['as far in the future is in time: clocks differ', -30_000, settings, true],
  ['further in the future is not: the clock was set back', -30_001, settings, false],
  [
    'a short interval has the patience of one poll with its retries',
    30_000,
    { ...settings, intervalMs: 100 },
    true,
  ],
  ['a long interval is waited for', 180_000, { ...settings, intervalMs: 60_000 }, true],
  ['a small budget slows the polls down', 180_000, { ...settings, requestsPerWindow: 1 }, true],
  ['a small budget is no excuse for ever', 180_001, { ...settings, requestsPerWindow: 1 }, false],
])('%s', (_case, ageMs, given, healthy) => {
  const nowMs = 1_700_000_000_000;
  expect(pollsInTime(ageMs === null ? null : nowMs - ageMs, nowMs, given)).toBe(healthy);
});
