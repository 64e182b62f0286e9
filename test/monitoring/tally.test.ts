import { expect, test } from 'vitest';
import type { DueDelivery } from '../../src/queues/delivery-jobs.ts';
import { createTally, tallyDeliveries } from '../../src/monitoring/summary.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';

const NOTHING = {
  polls: 0,
  pollsFailed: 0,
  newMentions: 0,
  delivered: 0,
  retried: 0,
  failed: 0,
  gaps: 0,
  recovered: 0,
};

test('A tally starts at nought', () => {
  expect(createTally().take()).toEqual(NOTHING);
});

test('A tally counts each thing by itself, by one or by many', () => {
  const tally = createTally();
  tally.count('polls');
  tally.count('polls');
  tally.count('newMentions', 7);
  tally.count('newMentions', 0);
  tally.count('failed');
  expect(tally.take()).toEqual({ ...NOTHING, polls: 2, newMentions: 7, failed: 1 });
});

test('Taking the counts starts anew and leaves those that were taken alone', () => {
  const tally = createTally();
  tally.count('delivered', 3);
  const first = tally.take();
  tally.count('delivered');
  expect(first).toEqual({ ...NOTHING, delivered: 3 });
  expect(tally.take()).toEqual({ ...NOTHING, delivered: 1 });
  expect(tally.take()).toEqual(NOTHING);
});

test('Two tallies do not count for each other', () => {
  const [one, other] = [createTally(), createTally()];
  one.count('retried');
  expect(other.take()).toEqual(NOTHING);
});

test('Of deliveries it counts what was sent, what comes back and what failed, and no repeats', () => {
  const tally = createTally();
  const listener = tallyDeliveries(tally);
  const item: DueDelivery = { delivery: deliveryOf({}, 0), attempt: 1 };
  const result = { kind: 'unanswered', code: 'ECONNREFUSED', durationMs: 1 } as const;
  listener.succeeded?.(item, result, 1);
  listener.retrying?.(item, result, 'ECONNREFUSED', 1);
  listener.retrying?.(item, result, 'ECONNREFUSED', 1);
  listener.failed?.(item, result, 'ECONNREFUSED');
  listener.repeated?.(item);
  expect(tally.take()).toEqual({ ...NOTHING, delivered: 1, retried: 2, failed: 1 });
});
