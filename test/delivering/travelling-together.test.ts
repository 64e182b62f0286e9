import { expect, test } from 'vitest';
import type { DeliveryKind } from '../../src/domain/delivery.ts';
import type { DueDelivery } from '../../src/queues/delivery-outcome.ts';
import { travellingTogether } from '../../src/delivering/travelling-together.ts';
import { webhookTypes } from '../../src/webhooks/registry.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';
import { alertOf, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const OF = { m: deliveryOf(), r: recoveredOf(), a: alertOf() } as const;

/** Runs in short: `mm r` are two mentions in one POST and a recovered one in the next. */
function runs(taken: string, batched: readonly DeliveryKind[]): string {
  const due = taken.split('').map((letter, index): DueDelivery => ({
    delivery: OF[letter as keyof typeof OF],
    attempt: index,
  }));
  const together = travellingTogether(due, batched);
  expect(together.flat(), 'none is lost, and the order is kept').toEqual(due);
  return together.map((run) => run.map(({ delivery }) => delivery.kind[0]).join('')).join(' ');
}

test.each([
  ['http', '', ''],
  ['http', 'mmm', 'mmm'],
  ['http', 'mmrrmaamm', 'mm r r m a a mm'],
  ['slack', 'mmrrmaamm', 'mm rr m a a mm'],
] as const)('for %s, %s travel as: %s', (name, taken, expected) => {
  expect(runs(taken, webhookTypes[name].batched)).toBe(expected);
});
