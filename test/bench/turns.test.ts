import { expect, test } from 'vitest';
import { byTurns } from './turns.ts';

test('each begins a round once, and what comes of it stays with it', async () => {
  const order: string[] = [];
  const contestants = ['a', 'b', 'c'].map((name) => ({
    run: async () => {
      order.push(name);
      return `${name}${order.length}`;
    },
  }));
  expect(await byTurns(contestants, 3)).toEqual([
    ['a1', 'a6', 'a8'],
    ['b2', 'b4', 'b9'],
    ['c3', 'c5', 'c7'],
  ]);
  expect(order.join('')).toBe('abcbcacab');
});
