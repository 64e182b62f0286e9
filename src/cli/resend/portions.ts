import type { Config } from '../../config/env.ts';
import { createKnownWebhooks } from '../../delivering/outbox.io.ts';
import { deliveryJobId, resentKey } from '../../domain/delivery.ts';
import type { KeyRule } from '../../domain/old-keys.ts';
import type { Webhook } from '../../domain/webhook.ts';
import type { Queues } from '../../queues/queues.ts';
import type { TracedDeliveries } from '../../queues/traced-deliveries.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';
import type { RedisClient } from '../../redis/redis-client.ts';
import type { Candidates } from './candidates.ts';
import { createChoice, isSelected, resentDelivery, type Chosen, type Selection } from './choice.ts';
import { writeResendRun, type ResendRun } from './resend-run.ts';

// One transaction of this size takes Redis some 20 ms.
const PORTION = 500;

/** The surroundings of a resend to one webhook. */
export interface Parts {
  readonly config: Config;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly webhook: Webhook;
  readonly deliveries: TracedDeliveries;
  readonly queues: Pick<Queues, 'enqueue'>;
  readonly rule: KeyRule;
}

interface Portion {
  readonly chosen: readonly Chosen[];
  readonly leftOut: readonly string[];
  /** The number of mentions whose delivery still waits. */
  readonly waiting: number;
  /** The time at which the last of the mentions was kept. */
  readonly toMs: number;
}

/** Chooses mentions in portions. Each call begins with the first one. */
export async function* choosePortions(
  { webhook, rule, deliveries }: Parts,
  candidates: Candidates,
  selection: Selection,
  last: ResendRun | null,
): AsyncGenerator<Portion> {
  const choose = createChoice(webhook, rule);
  for await (const all of chunks(candidates.read(), PORTION)) {
    const { chosen, leftOut } = choose(all.filter((each) => isSelected(each, selection)));
    const idsOf = ({ key }: Chosen): string[] =>
      [key, ...(last === null ? [] : [resentKey(key, last.id)])].map(deliveryJobId);
    const pending = await deliveries.pending(webhook.name, chosen.flatMap(idsOf));
    const unsent = chosen.filter((each) => !idsOf(each).some((id) => pending.has(id)));
    const waiting = chosen.length - unsent.length;
    yield { chosen: unsent, leftOut, waiting, toMs: all.at(-1)?.polledAtMs ?? 0 };
  }
}

/**
 * Queues the chosen mentions of each portion, in one transaction, and records how far it came. A crash in
 * between queues a portion again, which its job ids and the ledger absorb.
 */
export async function queuePortions(
  { redis, keys, webhook, queues }: Parts,
  begun: ResendRun,
  chosenPortions: AsyncIterable<Portion>,
): Promise<number> {
  const { name } = webhook;
  const state: { -readonly [Field in keyof ResendRun]: ResendRun[Field] } = { ...begun };
  let queued = 0;
  await writeResendRun(redis, keys, name, state);
  await createKnownWebhooks(redis, keys).add(name);
  for await (const { chosen, toMs } of chosenPortions) {
    const deliveries = chosen.map((each) => resentDelivery(each, begun.id));
    if (deliveries.length > 0) await queues.enqueue(name, deliveries);
    queued += deliveries.length;
    const lastKey = deliveries.at(-1)?.key;
    state.queuedToMs = toMs;
    if (lastKey !== undefined) state.lastJobId = deliveryJobId(lastKey);
    await writeResendRun(redis, keys, name, state);
  }
  await writeResendRun(redis, keys, name, { ...state, complete: true });
  return queued;
}

async function* chunks<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
