import { expect, test } from 'vitest';
import { notifyAll } from '../../src/delivering/delivery-events.ts';
import type { DueDelivery } from '../../src/queues/taken-deliveries.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';

const ITEM: DueDelivery = { delivery: deliveryOf({}, 0), attempt: 1 };
const RESULT = { kind: 'unanswered', code: 'ECONNREFUSED', durationMs: 1 } as const;

test('every event reaches every listener as it was told, in their order', () => {
  const told: unknown[][] = [];
  const listener = (name: string) =>
    new Proxy(
      {},
      {
        get:
          (_, event) =>
          (...args: unknown[]) =>
            told.push([name, event, ...args]),
      },
    );
  const calls = {
    attempted: ['SALES', RESULT, { kind: 'delivered' }],
    repeated: [ITEM],
    succeeded: [ITEM, RESULT, 3],
    retrying: [ITEM, RESULT, 'status 500', 5_000],
    failed: [ITEM, RESULT, 'status 410'],
    unreadable: [{ webhook: 'SALES', jobId: 'm-1', attempt: 1, reason: 'x' }],
    unrecorded: ['SALES', 2],
    paused: ['SALES', [ITEM], 'status 429', 1_000],
    held: ['SALES', 'status 500', { holdMs: 5_000, begins: true, failuresInARow: 5 }],
    probeFailed: ['SALES', [ITEM], 'status 500', 10_000],
    released: ['SALES', { heldForMs: 1 }],
  } as const;
  const all = notifyAll([listener('first'), listener('second')]);
  expect(Object.keys(calls)).toEqual(Object.keys(all));
  for (const [event, args] of Object.entries(calls)) {
    (all as unknown as Record<string, (...args: unknown[]) => void>)[event]?.(...args);
    expect(told.splice(0)).toEqual([
      ['first', event, ...args],
      ['second', event, ...args],
    ]);
  }
});

test('a listener need not listen to everything', () => {
  let heard = 0;
  const all = notifyAll([{}, { repeated: () => (heard += 1) }]);
  all.failed(ITEM, RESULT, 'status 410');
  all.repeated(ITEM);
  expect(heard).toBe(1);
});
