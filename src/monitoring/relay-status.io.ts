import type { DeliveryCounts } from '../domain/delivery.ts';
import type { Completeness } from '../state/relay-state.io.ts';
import type { GateStatus, WebhookGate } from '../delivering/gate/webhook-gate.ts';
import { readRelayState } from '../state/relay-state.io.ts';
import { readBudgetUsed } from '../groouply/request-budget.io.ts';
import { gateStatus } from '../delivering/gate/webhook-gate.io.ts';
import type { Config } from '../config/env.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';

export interface StatusPorts {
  readonly counts: (webhook: string) => Promise<DeliveryCounts>;
  readonly oldestWaitingAtMs: (webhook: string) => Promise<number | null>;
  readonly gateStatus: WebhookGate['status'];
  readonly budgetUsed: () => Promise<number>;
  readonly polls: () => Promise<Pick<RelayStatus, 'lastPollAtMs' | 'completeness'>>;
}

/** How one webhook's deliveries stand. */
export interface WebhookStatus extends GateStatus {
  readonly webhook: string;
  readonly counts: DeliveryCounts;
  /** When the delivery that has waited longest was queued; null if none waits. */
  readonly oldestWaitingAtMs: number | null;
}

/** How the relay stands now, over all replicas. */
export interface RelayStatus {
  readonly webhooks: readonly WebhookStatus[];
  /** How many slots of the budget are taken; null if that was not asked. */
  readonly budgetUsed: number | null;
  /** When a poll last succeeded; null if none ever did. */
  readonly lastPollAtMs: number | null;
  /** How many posts of the last day came in time; null if they were not counted yet, or not asked. */
  readonly completeness: Completeness | null;
}

/** Reads how the relay stands. All is asked at once: behind one slow answer nothing else waits. */
export async function readRelayStatus(
  ports: StatusPorts,
  webhooks: readonly string[],
): Promise<RelayStatus> {
  const [statuses, budgetUsed, { lastPollAtMs, completeness }] = await Promise.all([
    Promise.all(webhooks.map((webhook) => readWebhook(ports, webhook))),
    ports.budgetUsed(),
    ports.polls(),
  ]);
  return { webhooks: statuses, budgetUsed, lastPollAtMs, completeness };
}

async function readWebhook(ports: StatusPorts, webhook: string): Promise<WebhookStatus> {
  const [counts, oldestWaitingAtMs, gate] = await Promise.all([
    ports.counts(webhook),
    ports.oldestWaitingAtMs(webhook),
    ports.gateStatus(webhook),
  ]);
  return { webhook, counts, oldestWaitingAtMs, ...gate };
}

/** How the relay of a configuration stands, asked anew at each call: over all replicas. */
export function relayStatus({
  config,
  queues,
  redis,
  keys,
}: {
  readonly config: Pick<Config, 'groouply' | 'webhooks'>;
  readonly queues: Pick<StatusPorts, 'counts' | 'oldestWaitingAtMs'>;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
}): () => Promise<RelayStatus> {
  const budgetKeys = keys.budget(config.groouply.apiKey);
  const ports = {
    counts: (webhook: string) => queues.counts(webhook),
    oldestWaitingAtMs: (webhook: string) => queues.oldestWaitingAtMs(webhook),
    gateStatus: gateStatus(redis, keys),
    budgetUsed: () => readBudgetUsed(redis, budgetKeys),
    polls: () => readRelayState(redis, keys),
  };
  const names = config.webhooks.map(({ name }) => name);
  return () => readRelayStatus(ports, names);
}
