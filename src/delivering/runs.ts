import type { DeliveryKind } from '../domain/delivery.ts';
import type { DueDelivery } from '../queues/taken-deliveries.ts';

/**
 * Groups deliveries into runs, one per POST, and keeps their order. A run has up to `batchSize`
 * neighbours of one kind, if deliveries of that kind may share a POST; otherwise it has one
 * delivery. Retried deliveries share no POST with those that were never tried: one of them may be
 * what the receiver can't digest.
 */
export function runsOf<Item extends DueDelivery>(
  items: readonly Item[],
  { batchSize, batched }: { readonly batchSize: number; readonly batched: readonly DeliveryKind[] },
): readonly (readonly Item[])[] {
  const runs: Item[][] = [];
  for (const item of items) {
    const { kind } = item.delivery;
    const run = runs.at(-1);
    const [first] = run ?? [];
    const fits = run !== undefined && run.length < batchSize && batched.includes(kind);
    const isAlike = first?.delivery.kind === kind && first.attempt > 1 === item.attempt > 1;
    if (fits && isAlike) run.push(item);
    else runs.push([item]);
  }
  return runs;
}
