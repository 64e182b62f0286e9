import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inOneCall } from '../../src/delivering/gate/webhook-gate.io.ts';

interface Recorded {
  readonly made: (readonly [string, ...number[]])[];
  readonly call: (key: string, items: readonly number[]) => Promise<string>;
}

/** Answers with how many items it got. */
function recorded(): Recorded {
  const made: (readonly [string, ...number[]])[] = [];
  const call = inOneCall(
    async (key: string, items: readonly number[]) => {
      made.push([key, ...items]);
      return `${items.length} of ${key}`;
    },
    (answer) => `with ${answer}`,
  );
  return { made, call };
}

test('calls of one turn are one call, whose answer the first one gets whole', async () => {
  const { made, call } = recorded();
  const answers = await Promise.all([call('a', [1, 2]), call('a', [3]), call('a', [4])]);
  expect(made).toEqual([['a', 1, 2, 3, 4]]);
  expect(answers).toEqual(['4 of a', 'with 4 of a', 'with 4 of a']);
});

test('calls for different keys stay apart', async () => {
  const { made, call } = recorded();
  await Promise.all([call('a', [1]), call('b', [2]), call('a', [3])]);
  expect(made).toEqual([
    ['a', 1, 3],
    ['b', 2],
  ]);
});

test('what comes in a later turn is a call of its own, and waits for no answer', async () => {
  const made: number[][] = [];
  const unanswered = Promise.withResolvers<null>();
  const call = inOneCall(
    async (_key: string, items: readonly number[]) => {
      made.push([...items]);
      return made.length === 1 ? unanswered.promise : null;
    },
    (answer) => answer,
  );
  const first = call('a', [1]);
  await nextTurn();
  await nextTurn();
  await call('a', [2]);
  expect(made).toEqual([[1], [2]]);
  unanswered.resolve(null);
  await first;
});

test('what the call throws, all get, and the next call is made anew', async () => {
  let refuses = true;
  const call = inOneCall(
    async (_key: string, items: readonly number[]) => {
      if (refuses) throw new Error('refused');
      return items.length;
    },
    (answer) => answer,
  );
  const both = await Promise.allSettled([call('a', [1]), call('a', [2])]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  refuses = false;
  expect(await call('a', [1])).toBe(1);
});
