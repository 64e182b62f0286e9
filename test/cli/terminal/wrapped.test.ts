import { expect, test } from 'vitest';
import { textWidth, wrapped } from '../../../src/cli/terminal/table.ts';

test.each([
  ['one two three', 8, ['one two', '  three']],
  ['one two three', 80, ['one two three']],
  ['  one two three', 9, ['  one two', '  three']],
  ['https://example.com/long and more', 10, ['https://example.com/long', '  and more']],
  ['日本語 日本語', 8, ['日本語', '  日本語']],
  ['', 10, ['']],
])('%j in %i columns', (text, width, lines) => {
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
