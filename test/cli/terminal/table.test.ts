import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { fitted, table } from '../../../src/cli/terminal/table.ts';

const COLUMNS = [
  { head: 'name' },
  { head: 'count', align: 'right' },
  { head: 'reason', fill: true },
] as const;

test('columns stand below each other, numbers to the right, and nothing trails', () => {
  expect(
    table(
      COLUMNS,
      [
        ['SALES', '7', 'status 503'],
        ['A', '1200', ''],
      ],
      80,
    ),
  ).toEqual(['name   count  reason', 'SALES      7  status 503', 'A       1200']);
});

test.each([
  ['letters', 'x'.repeat(300)],
  ['wide characters', '漢'.repeat(200)],
  ['emoji of several code points', '👩‍👩‍👧‍👦'.repeat(100)],
])('no line of %s is wider than the terminal', (_, text) => {
  const lines = table(COLUMNS, [['SALES', '7', text]], 80);
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(80);
  expect(lines[1]).toMatch(/\.\.\.$/);
});

test.each([
  ['what fits is left alone', 'abcdef', 6, 'abcdef'],
  ['what does not fit ends in dots', 'abcdefg', 6, 'abc...'],
  ['a wide character is never cut in half', '漢字漢字', 6, '漢...'],
])('%s', (_, text, width, expected) => {
  expect(fitted(text, width)).toBe(expected);
});
