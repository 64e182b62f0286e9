import type { DeliveryKind } from '../domain/delivery.ts';
import type { DueDelivery } from '../queues/delivery-outcome.ts';

/**
 * Deliveries that were taken together, in the runs that may travel in one POST, their order kept:
 * neighbours of the same kind, if that is one of which several may travel together; all others alone.
 */
export function travellingTogether(
  due: readonly DueDelivery[],
  batched: readonly DeliveryKind[],
): readonly (readonly DueDelivery[])[] {
  const runs: DueDelivery[][] = [];
  for (const item of due) {
    const { kind } = item.delivery;
    const run = runs.at(-1);
    if (run?.[0]?.delivery.kind === kind && batched.includes(kind)) run.push(item);
    else runs.push([item]);
  }
  return runs;
}
