import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { oldestFirst } from '../../src/polling/poll.ts';
import { mention } from '../helpers/mentions.ts';

type Spotted = readonly [id: string, spotted: string | null];

/** Returns a time of the API, so many seconds after another; every other text as it is. */
const timeOf = (text: string) => (/^\d+$/.test(text) ? String(1_700_000_000 + Number(text)) : text);

const windowOf = (items: readonly Spotted[]) =>
  items.map(([id, spotted]) => mention(1, { id, spotted: spotted && timeOf(spotted) }));

// Each mention is an id and its time, `-` for none, in the API's order.
test.each([
  ['of an empty window is empty', '', ''],
  ['reverses a window that comes newest first', 'c3 b2 a1', 'a b c'],
  ['keeps a window that comes oldest first', 'a1 b2 c3', 'a b c'],
  ['sorts a window that comes mixed', 'b2 d4 a1 c3', 'a b c d'],
  ["reverses the API's order within a second", 'd5 c5 b5 a1', 'a b c d'],
  ['is by number, not by letter', 'b1000 a999', 'a b'],
  ['puts mentions without a readable time last, reversed', 'd- b9 csoon a1', 'a b c d'],
  ['is the API order reversed if no time is readable', 'c- b- a-', 'a b c'],
])('the order of a window %s', (_, window, ids) => {
  const items = window.split(' ').flatMap((item): Spotted[] => {
    const [id, time] = [item.slice(0, 1), item.slice(1)];
    return id === '' ? [] : [[id, time === '-' ? null : time]];
  });
  const ordered = oldestFirst(windowOf(items)).map(({ id }) => id);
  expect(ordered.join(' ')).toBe(ids);
});

test('ordering keeps every mention, and does not change the window', () => {
  const times = fc.array(fc.option(fc.integer({ min: 0, max: 5 }).map(String)), { maxLength: 30 });
  fc.assert(
    fc.property(times, (spotted) => {
      const window = windowOf(spotted.map((time, index) => [String(index), time]));
      const before = [...window];
      const sorted = oldestFirst(window);
      expect(window).toEqual(before);
      expect(new Set(sorted)).toEqual(new Set(window));
      expect(sorted).toHaveLength(window.length);
      const timesMs = sorted.map(({ spottedAtMs }) => spottedAtMs ?? Infinity);
      expect(timesMs).toEqual(timesMs.toSorted((a, b) => a - b || 0));
    }),
  );
});
