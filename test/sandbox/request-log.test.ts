import { describe, expect, test } from 'vitest';
import { createRequestLog } from '../../src/sandbox/request-log.ts';

describe('a limit of 3 requests in 1000 ms', () => {
  test.each([
    { name: 'allows three at once', atMs: [0, 0, 0], waitsMs: [null, null, null] },
    { name: 'refuses a fourth after 999 ms', atMs: [0, 0, 0, 999], waitsMs: [null, null, null, 1] },
    {
      name: 'allows a fourth after 1000 ms',
      atMs: [0, 0, 0, 1000],
      waitsMs: [null, null, null, null],
    },
    {
      name: 'counts those refused, so that hammering never gets through',
      atMs: [0, 0, 0, 600, 700, 800, 1200],
      waitsMs: [null, null, null, 400, 300, 800, 500],
    },
    {
      name: 'allows one for each that leaves',
      atMs: [0, 400, 800, 1000, 1399],
      waitsMs: [null, null, null, null, 401],
    },
  ])('$name', ({ atMs, waitsMs }) => {
    let nowMs = 0;
    const log = createRequestLog(3, 1000, () => nowMs);
    const waits = atMs.map((time) => {
      nowMs = time;
      return log.waitMs(log.arrive('/account/info').atMs);
    });
    expect(waits).toEqual(waitsMs);
  });
});

test('A request has no status before it is answered', () => {
  const log = createRequestLog(3, 1000, () => 42);
  const { answered } = log.arrive('/account/info');
  const before = log.requests();
  answered(200);
  expect(before).toEqual([{ atMs: 42, endpoint: '/account/info', status: null }]);
  expect(log.requests()).toEqual([{ atMs: 42, endpoint: '/account/info', status: 200 }]);
});

test('A path of any length takes little room', () => {
  const log = createRequestLog(3, 1000, () => 0);
  log.arrive(`/${'x'.repeat(10_000)}`);
  expect(log.requests()[0]?.endpoint).toHaveLength(100);
});
