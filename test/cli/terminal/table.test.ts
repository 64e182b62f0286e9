import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import {
  duration,
  timeLeft,
  fitted,
  table,
  terminalWidth,
  textWidth,
  wrapped,
} from '../../../src/cli/terminal/table.ts';

const COLUMNS = [
  { head: 'name' },
  { head: 'count', align: 'right' },
  { head: 'reason', fill: true },
] as const;

test('columns are aligned, numbers to the right, without trailing spaces', () => {
  const rows = [
    ['SALES', '7', 'status 503'],
    ['A', '1200', ''],
  ];
  expect(table(COLUMNS, rows, 80)).toEqual([
    'name   count  reason',
    'SALES      7  status 503',
    'A       1200',
  ]);
});

test.each([
  ['letters', 'x'.repeat(300)],
  ['wide characters', '漢'.repeat(200)],
  ['emoji of several code points', '👩‍👩‍👧‍👦'.repeat(100)],
])('no line with %s is wider than the terminal', (_, text) => {
  const lines = table(COLUMNS, [['SALES', '7', text]], 80);
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(80);
  expect(lines[1]).toMatch(/\.\.\.$/);
});

test.each([
  ['a fitting text stays whole', 'abcdef', 6, 'abcdef'],
  ['a longer text ends in dots', 'abcdefg', 6, 'abc...'],
  ['a wide character is never cut in half', '漢字漢字', 6, '漢...'],
])('%s', (_, text, width, expected) => {
  expect(fitted(text, width)).toBe(expected);
});

test.each([
  ['one two three', 8, ['one two', '  three']],
  ['one two three', 80, ['one two three']],
  ['  one two three', 9, ['  one two', '  three']],
  ['https://example.com/long and more', 10, ['https://example.com/long', '  and more']],
  ['日本語 日本語', 8, ['日本語', '  日本語']],
  ['', 10, ['']],
])('%j is wrapped at %i columns', (text, width, lines) => {
  expect(wrapped(text, width, '  ')).toEqual(lines);
});

test.each([
  [{ isTTY: true, columns: 72 }, 72],
  [{ isTTY: true, columns: 300 }, 100],
  [{ isTTY: true, columns: 10 }, 40],
  [{ isTTY: false, columns: 72 }, Infinity],
])('text for %j is %i wide', (stream, width) => {
  expect(textWidth(stream as never)).toBe(width);
});

test.each([
  [{ isTTY: true, columns: 120 }, 120],
  [{ isTTY: true, columns: 10 }, 80],
  [{ isTTY: false, columns: 120 }, Infinity],
  [{}, Infinity],
])('a table for %j is %s columns wide at most', (stream, width) => {
  expect(terminalWidth(stream as never)).toBe(width);
});

test('a table without a terminal is not cut', () => {
  const reason = 'x'.repeat(300);
  expect(table(COLUMNS, [['SALES', '7', reason]], Infinity)[1]).toBe(`SALES      7  ${reason}`);
});

test.each([
  [-5, '0s'],
  [59_400, '59s'],
  [60_000, '1m'],
  [3_599_000, '59m'],
  [3_600_000, '1h'],
  [86_400_000 * 13.9, '13d'],
])('%d ms is %s', (durationMs, text) => {
  expect(duration(durationMs)).toBe(text);
});

test.each([
  [86_400_000 - 1_000, '23h'],
  [86_400_000, '1d'],
  [140_400_000, '1d 15h'],
])('%d ms are left as %j', (durationMs, text) => {
  expect(timeLeft(durationMs)).toBe(text);
});
