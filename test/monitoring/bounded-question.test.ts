import { expect, test } from 'vitest';
import { boundedQuestion, UnansweredError } from '../../src/monitoring/readiness.ts';

/** A question that is answered when the test says so. */
function question(timeoutMs: number) {
  const asked: PromiseWithResolvers<string>[] = [];
  const ask = boundedQuestion(() => {
    const next = Promise.withResolvers<string>();
    asked.push(next);
    return next.promise;
  }, timeoutMs);
  return { ask, asked };
}

test('an answer in time is given, and the next question is asked anew', async () => {
  const { ask, asked } = question(60_000);
  const first = ask();
  asked[0]?.resolve('one');
  expect(await first).toBe('one');
  const second = ask();
  asked[1]?.resolve('two');
  expect(await second).toBe('two');
});

test('an error in time is given', async () => {
  const { ask, asked } = question(60_000);
  const answer = ask();
  asked[0]?.reject(new Error('refused'));
  await expect(answer).rejects.toThrow('refused');
});

test('without an answer it is given up, and not asked again while it is under way', async () => {
  const { ask, asked } = question(5);
  await expect(ask()).rejects.toThrow(UnansweredError);
  await expect(ask()).rejects.toThrow(UnansweredError);
  expect(asked).toHaveLength(1);
});

test('those who ask meanwhile get the same answer', async () => {
  const { ask, asked } = question(60_000);
  const answers = [ask(), ask()];
  asked[0]?.resolve('one');
  expect(await Promise.all(answers)).toEqual(['one', 'one']);
});

test('an error that comes too late harms nobody, and then it is asked again', async () => {
  const { ask, asked } = question(5);
  await expect(ask()).rejects.toThrow(UnansweredError);
  asked[0]?.reject(new Error('too late'));
  await asked[0]?.promise.catch(() => undefined);
  await Promise.resolve();
  const again = ask();
  asked[1]?.resolve('back');
  expect(await again).toBe('back');
});
