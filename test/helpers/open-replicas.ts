import {
  createFailedDeliveries,
  type FailedDeliveries,
} from '../../src/queues/failed-deliveries.ts';
import { createQueues, type Queues } from '../../src/queues/queues.ts';
import type {
  DeliveryJobs,
  DeliveryOutcome,
  DueDelivery,
  UnreadableDelivery,
} from '../../src/queues/taken-deliveries.ts';
import { idOf } from './mentions.ts';
import type { PrivateRedis } from './private-redis.ts';

/** Opens replicas of the relay's queues and operators' access to them, and closes all of them. */
export function openReplicas(redis: () => PrivateRedis) {
  const open: { close(graceMs: number): Promise<unknown> }[] = [];
  const options = (client = redis().client) => ({
    redis: client,
    prefix: '{test}',
    onError: () => undefined,
  });
  function kept<T extends { close(graceMs: number): Promise<unknown> }>(opened: T): T {
    open.push(opened);
    return opened;
  }
  return {
    replica: (): Queues => kept(createQueues(options())),
    /** An operator's access, on a connection of its own. */
    operator: (): FailedDeliveries => {
      const client = redis().client.duplicate();
      const failed = createFailedDeliveries(options(client));
      return kept({ ...failed, close: () => failed.close().finally(() => client.disconnect()) });
    },
    /** Takes the deliveries of webhook A by hand. */
    taker: async (
      queues: Queues,
      onUnreadable: (delivery: UnreadableDelivery) => void = () => undefined,
    ): Promise<DeliveryJobs> => kept(await queues.takeDeliveries('A', onUnreadable)),
    closeAll: () => Promise.all(open.splice(0).map((each) => each.close(0))),
  };
}

/** Ends all deliveries with one outcome. */
export async function finishAll(
  jobs: DeliveryJobs,
  items: readonly DueDelivery[],
  outcome: DeliveryOutcome,
): Promise<void> {
  await jobs.finish(
    items.map((item) => ({ item, outcome })),
    { takeNext: false },
  );
}

/** The ids of mentions and the numbers of their attempts: `294391#1`. */
export function inShort(items: readonly DueDelivery[]): string[] {
  return items.map(({ delivery, attempt }) => `${idOf(delivery)}#${attempt}`);
}

/** Takes so many deliveries one after the other. */
export async function takeInTurn(jobs: DeliveryJobs, count: number): Promise<DueDelivery[]> {
  const items: DueDelivery[] = [];
  const startedMs = performance.now();
  while (items.length < count) {
    if (performance.now() - startedMs > 20_000) throw new Error(`${items.length} of ${count} came`);
    items.push(...[await jobs.next()].filter((item) => item !== undefined));
  }
  return items;
}
