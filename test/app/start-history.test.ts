import { expect, test } from 'vitest';
import { historyWrites } from '../../src/app/start-history.ts';
import type { AttemptResult } from '../../src/domain/delivery.ts';
import type { KeptEndOf } from '../../src/history/history.io.ts';
import { identityOf } from '../../src/history/kept-mention.ts';
import { mention } from '../helpers/mentions.ts';
import { mentionDelivery } from '../helpers/mention-delivery.ts';

const ANSWER: AttemptResult = {
  kind: 'answered',
  status: 200,
  headers: {},
  body: '',
  durationMs: 1,
};
const POLLED = { recovered: [], unseen: [mention(1)], toSend: [], routes: [], polledAtMs: 1 };

test('the ends of one tick are one write, each with its outcome', async () => {
  const writes: (readonly KeptEndOf[])[] = [];
  const { deliveries } = historyWrites(
    { keep: () => Promise.resolve(), end: (ends) => Promise.resolve(void writes.push(ends)) },
    () => undefined,
    () => 5,
  );
  const [first, second] = [mentionDelivery(1), mentionDelivery(2)];
  deliveries.succeeded?.({ delivery: first, attempt: 2 }, ANSWER, 1);
  const silence = { kind: 'unanswered', code: 'ETIMEDOUT', durationMs: 1 } as const;
  deliveries.failed?.({ delivery: second, attempt: 9 }, silence, 'ETIMEDOUT');
  expect(writes).toEqual([]);
  await Promise.resolve();
  const about = { webhook: 'A', atMs: 5 };
  expect(writes).toEqual([
    [
      {
        identity: identityOf(first.mention),
        end: { ...about, outcome: 'delivered', attempts: 2, status: 200 },
      },
      {
        identity: identityOf(second.mention),
        end: { ...about, outcome: 'failed', attempts: 9, status: null },
      },
    ],
  ]);
  deliveries.succeeded?.({ delivery: first, attempt: 1 }, ANSWER, 1);
  await Promise.resolve();
  expect(writes).toHaveLength(2);
});

test('writes that Redis refuses are reported, and disturb neither poll nor delivery', async () => {
  const refusal = new Error('OOM command not allowed');
  const errors: unknown[] = [];
  const refuse = () => Promise.reject(refusal);
  const writes = historyWrites(
    { keep: refuse, end: refuse },
    (error) => errors.push(error),
    () => 5,
  );
  writes.keepPolled(POLLED);
  writes.keepRecovered([], 1);
  writes.deliveries.succeeded?.({ delivery: mentionDelivery(1), attempt: 1 }, ANSWER, 1);
  await new Promise(setImmediate);
  expect(errors).toEqual([refusal, refusal, refusal]);
});
