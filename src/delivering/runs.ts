import type { Delivery, DeliveryKind } from '../domain/delivery.ts';
import type { DueDelivery } from '../queues/taken-deliveries.ts';

/** The rules by which deliveries share a POST. */
export interface Sharing {
  /** The most deliveries in one POST. */
  readonly batchSize: number;
  /** The kinds of which several may share a POST. */
  readonly batched: readonly DeliveryKind[];
  /**
   * For a digest, which these kinds share with each other: returns how many deliveries, from the first
   * one on, fit into one POST.
   */
  readonly fitting?: ((deliveries: readonly Delivery[]) => number) | undefined;
}

/**
 * Groups deliveries into runs, one per POST, and keeps their order. A run has up to `batchSize`
 * neighbours of one kind, if deliveries of that kind may share a POST; otherwise it has one
 * delivery. Retried deliveries share no POST with those that were never tried: one of them may be
 * what the receiver can't digest.
 */
export function runsOf<Item extends DueDelivery>(
  items: readonly Item[],
  { batchSize, batched, fitting }: Sharing,
): readonly (readonly Item[])[] {
  const runs: Item[][] = [];
  for (const item of items) {
    const { kind } = item.delivery;
    const run = runs.at(-1);
    const [first] = run ?? [];
    const fits = run !== undefined && run.length < batchSize && batched.includes(kind);
    const mixes =
      fitting !== undefined && first !== undefined && batched.includes(first.delivery.kind);
    const isAlike = first?.delivery.kind === kind || mixes;
    if (fits && isAlike && first !== undefined && first.attempt > 1 === item.attempt > 1) {
      run.push(item);
    } else runs.push([item]);
  }
  return fitting === undefined ? runs : runs.flatMap((run) => split(run, fitting));
}

function split<Item extends DueDelivery>(
  run: readonly Item[],
  fitting: (deliveries: readonly Delivery[]) => number,
): readonly (readonly Item[])[] {
  const parts: (readonly Item[])[] = [];
  for (let rest = run; rest.length > 0;) {
    const count = rest.length === 1 ? 1 : fitting(rest.map(({ delivery }) => delivery));
    parts.push(rest.slice(0, count));
    rest = rest.slice(count);
  }
  return parts;
}

/** Returns deliveries with the oldest first: those that a dead replica had taken come back in any order. */
export function bySpotted<Item extends { readonly delivery: Delivery }>(
  items: readonly Item[],
): readonly Item[] {
  const timeMs = ({ delivery }: Item): number =>
    delivery.kind === 'alert' ? -Infinity : (delivery.mention.spottedAtMs ?? delivery.polledAtMs);
  return items.toSorted((a, b) => timeMs(a) - timeMs(b) || 0);
}
