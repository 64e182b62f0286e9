import { expect, test } from 'vitest';
import { lengthOfTime, nearest, since, unknownCommand } from '../../../src/cli/terminal/usage.ts';

const nowMs = Date.parse('2026-11-23T08:00:00Z');

test.each([
  ['90m', 'an age in minutes', '2026-11-23T06:30:00.000Z'],
  ['24h', 'an age in hours', '2026-11-22T08:00:00.000Z'],
  ['7d', 'an age in days', '2026-11-16T08:00:00.000Z'],
  ['2026-11-20', 'a date', '2026-11-20T00:00:00.000Z'],
  ['2026-11-20T10:30', 'a time without a zone: UTC', '2026-11-20T10:30:00.000Z'],
  ['2026-11-20 10:30:15', 'a time after a space', '2026-11-20T10:30:15.000Z'],
  ['2026-11-20T10:30:15.5Z', 'a time in UTC', '2026-11-20T10:30:15.500Z'],
  ['2026-11-20T10:30+02:00', 'a time with a zone', '2026-11-20T08:30:00.000Z'],
])('--since %s is %s', (text, _name, expected) => {
  expect(new Date(since(text, nowMs)).toISOString()).toBe(expected);
});

test.each(['', 'all', '0h', 'yesterday', '7', '2026-13-01', '2026-11-20T25:00', 'Post 1'])(
  '--since "%s" is refused with the allowed forms',
  (text) => {
    expect(() => since(text, nowMs)).toThrow(/90m, 24h or 7d/);
  },
);

test('--for takes a length of time in the forms of an age', () => {
  expect(['90m', '2h', ' 7D '].map(lengthOfTime)).toEqual([5_400_000, 7_200_000, 604_800_000]);
  for (const text of ['', '0h', '2', '2 hours', '90s', '-1h', '9999999d']) {
    expect(() => lengthOfTime(text)).toThrow('90m, 2h or 7d');
  }
});

test.each([
  ['sales', 'SALES'],
  ['SALSE', 'SALES'],
  ['CMR', 'CRM'],
  ['B', undefined],
  ['OPERATIONS', undefined],
  ['', undefined],
])('a webhook that is named %j is probably %s', (word, meant) => {
  expect(nearest(word, ['A', 'CRM', 'SALES'])).toBe(meant);
});

test.each([
  ['chek', "error: unknown command 'chek', did you mean check?"],
  ['statsu', "error: unknown command 'statsu', did you mean status?"],
  ['dance', "error: unknown command 'dance'"],
  ['\u001b[2J', "error: unknown command '\\u{1b}[2J'"],
])('the unknown command %j is refused', (word, error) => {
  expect(unknownCommand(word, ['run', 'check', 'status', 'group', 'groups'])).toBe(error);
});
