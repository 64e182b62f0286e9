import type { DeliveryKind } from '../domain/delivery.ts';
import type { DueDelivery } from '../queues/taken-deliveries.ts';

/**
 * Groups deliveries into runs that travel in one POST each, and keeps their order: neighbours of one
 * kind, if several of that kind may travel together, `batchSize` at most. All others travel alone.
 */
export function runsOf<Item extends DueDelivery>(
  items: readonly Item[],
  { batchSize, batched }: { readonly batchSize: number; readonly batched: readonly DeliveryKind[] },
): readonly (readonly Item[])[] {
  const runs: Item[][] = [];
  for (const item of items) {
    const { kind } = item.delivery;
    const run = runs.at(-1);
    const fits = run !== undefined && run.length < batchSize && batched.includes(kind);
    if (fits && run[0]?.delivery.kind === kind) run.push(item);
    else runs.push([item]);
  }
  return runs;
}
