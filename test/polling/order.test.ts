import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oldestFirst } from '../../src/polling/poll.ts';
import { mention } from '../helpers/mentions.ts';

type Spotted = readonly [id: string, spotted: string | null];

const windowOf = (items: readonly Spotted[]) =>
  items.map(([id, spotted]) => mention(1, { id, spotted }));
const ordered = (items: readonly Spotted[]) => oldestFirst(windowOf(items)).map(({ id }) => id);

describe('the order of a window', () => {
  test.each<[string, readonly Spotted[], string[]]>([
    ['of an empty window is empty', [], []],
    [
      'reverses a window that comes newest first',
      [
        ['c', '3'],
        ['b', '2'],
        ['a', '1'],
      ],
      ['a', 'b', 'c'],
    ],
    [
      'keeps a window that comes oldest first',
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
      ['a', 'b', 'c'],
    ],
    [
      'sorts a window that comes mixed',
      [
        ['b', '2'],
        ['d', '4'],
        ['a', '1'],
        ['c', '3'],
      ],
      ['a', 'b', 'c', 'd'],
    ],
    [
      "reverses the API's order within a second",
      [
        ['d', '5'],
        ['c', '5'],
        ['b', '5'],
        ['a', '1'],
      ],
      ['a', 'b', 'c', 'd'],
    ],
    [
      'is by number, not by letter',
      [
        ['b', '1000'],
        ['a', '999'],
      ],
      ['a', 'b'],
    ],
    [
      'puts mentions without a readable time last, the API order reversed',
      [
        ['d', null],
        ['b', '9'],
        ['c', 'soon'],
        ['a', '1'],
      ],
      ['a', 'b', 'c', 'd'],
    ],
    [
      'is the API order reversed if no time is readable',
      [
        ['c', null],
        ['b', null],
        ['a', null],
      ],
      ['a', 'b', 'c'],
    ],
  ])('%s', (_, items, expected) => {
    expect(ordered(items)).toEqual(expected);
  });

  test('keeps every mention, and does not change the window', () => {
    const times = fc.array(fc.option(fc.integer({ min: 0, max: 5 }).map(String)), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(times, (spotted) => {
        const window = windowOf(spotted.map((time, index) => [String(index), time]));
        const before = [...window];
        const sorted = oldestFirst(window);
        expect(window).toEqual(before);
        expect(new Set(sorted)).toEqual(new Set(window));
        expect(sorted).toHaveLength(window.length);
        sorted.reduce(
          (older, newer) => {
            expect(newer.spottedAtMs ?? Infinity).toBeGreaterThanOrEqual(
              older.spottedAtMs ?? Infinity,
            );
            return newer;
          },
          sorted[0] ?? mention(1),
        );
      }),
    );
  });
});
