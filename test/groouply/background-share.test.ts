import { expect, test } from 'vitest';
import { backgroundBelow, backgroundWhileBusy } from '../../src/groouply/background-share.ts';

test.each([
  ['the default: six polls a minute, three quarters of the rest', 50, 10_000, 39],
  ['a calm interval of a minute', 50, 60_000, 37],
  ['polls that take nearly all of it', 50, 1_360, 48],
  ['the largest budget', 60, 10_000, 46],
  ['a small budget', 8, 10_000, 7],
  ['one that polls use up: no more than they take', 6, 10_000, 6],
  ['an interval shorter than the budget allows', 50, 200, 50],
  ['a budget of one', 1, 67_945, 0],
])('%s', (_, requestsPerWindow, baseIntervalMs, below) => {
  expect(backgroundBelow({ requestsPerWindow, windowMs: 60_000, baseIntervalMs })).toBe(below);
});

test.each([
  [60, 6],
  [50, 5],
  [19, 1],
  [10, 1],
  [9, 0],
  [1, 0],
])('of a budget of %i, a busy account leaves %i', (requestsPerWindow, slots) => {
  expect(backgroundWhileBusy(requestsPerWindow)).toBe(slots);
});
