import type { Config } from '../config/env.ts';
import type { DeliveryListener } from '../delivering/delivery-events.ts';
import type { AttemptResult, Delivery } from '../domain/delivery.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import {
  clearHistory,
  createHistory,
  type History,
  type KeptEndOf,
} from '../history/history.io.ts';
import { identityOf, keptRecord, type KeptEnd } from '../history/kept-mention.ts';
import { recordsOfPoll, type PolledMentions } from '../history/polled-mentions.ts';
import type { DueDelivery } from '../queues/taken-deliveries.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import type { Lifecycle } from './lifecycle.ts';

/** Writes the history, if there is one. Nothing waits for it, and it never throws. */
export interface HistoryWrites {
  /** Call it right before the deliveries are queued: then Redis gets both at once. */
  keepPolled(polled: PolledMentions): void;
  keepRecovered(posts: readonly RecoveredMention[], foundAtMs: number): void;
  readonly deliveries: DeliveryListener;
}

/** The parts of a relay that the history uses. */
export interface HistoryParts {
  readonly config: Pick<Config, 'history'>;
  readonly lifecycle: Pick<Lifecycle, 'every' | 'untilTaken'>;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly reportError: (error: unknown) => void;
  readonly nowMs: () => number;
}

const OFF: HistoryWrites = {
  keepPolled: () => undefined,
  keepRecovered: () => undefined,
  deliveries: {},
};

const TRIM_INTERVAL_MS = 3_600_000;

/** Starts the history, or removes what an earlier configuration has kept. */
export async function startHistory(parts: HistoryParts): Promise<HistoryWrites> {
  const { config, lifecycle, redis, keys, reportError, nowMs } = parts;
  if (config.history === null) {
    await lifecycle.untilTaken(() => clearHistory(redis, keys));
    return OFF;
  }
  const history = createHistory(redis, keys, config.history);
  // The bounds may be lower than before. It also loads the script.
  history.trim(nowMs()).catch(reportError);
  // Without new mentions nothing else removes old ones.
  lifecycle.every(TRIM_INTERVAL_MS, () => history.trim(nowMs()));
  return historyWrites(history, reportError, nowMs);
}

/** Returns writes of which an error is reported and otherwise has no effect. */
export function historyWrites(
  history: Pick<History, 'keep' | 'end'>,
  reportError: (error: unknown) => void,
  nowMs: () => number,
): HistoryWrites {
  let ended: KeptEndOf[] = [];

  function end(
    { delivery, attempt: attempts }: DueDelivery,
    outcome: KeptEnd['outcome'],
    result: AttemptResult,
  ): void {
    const identity = keptIdentity(delivery);
    if (identity === null) return;
    // Those of a batch end in one tick: Redis gets them together, and with the end of their jobs.
    if (ended.length === 0) queueMicrotask(writeEnds);
    const status = result.kind === 'answered' ? result.status : null;
    const { webhook } = delivery;
    ended.push({ identity, end: { webhook, outcome, atMs: nowMs(), attempts, status } });
  }

  function writeEnds(): void {
    const ends = ended;
    ended = [];
    history.end(ends, nowMs()).catch(reportError);
  }

  return {
    keepPolled(polled) {
      history.keep(recordsOfPoll(polled), nowMs()).catch(reportError);
    },
    keepRecovered(posts, keptAtMs) {
      const records = posts.flatMap((post) => keptRecord(post, { keptAtMs }) ?? []);
      history.keep(records, keptAtMs).catch(reportError);
    },
    deliveries: {
      succeeded: (item, result) => end(item, 'delivered', result),
      failed: (item, result) => end(item, 'failed', result),
    },
  };
}

function keptIdentity(delivery: Delivery): string | null {
  return delivery.kind === 'alert' ? null : identityOf(delivery.mention);
}
