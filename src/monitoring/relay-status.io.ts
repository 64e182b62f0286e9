import type { DeliveryCounts } from '../domain/delivery.ts';
import type { Completeness } from '../state/relay-state.io.ts';
import type { GateStatus, WebhookGate } from '../delivering/gate/webhook-gate.io.ts';
import { readRelayState } from '../state/relay-state.io.ts';
import { readBudgetUsed } from '../groouply/request-budget.io.ts';
import { gateStatus } from '../delivering/gate/webhook-gate.io.ts';
import {
  digestPeriod,
  waitingPeriod,
  waitsForDigest,
  type DigestPlan,
} from '../domain/hours/digest-times.ts';
import { closedForMs, openAt } from '../domain/hours/working-hours.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import type { HealthFacts } from './readiness.ts';
import type { Config } from '../config/env.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';

/** Questions that the status consists of. */
export interface StatusPorts {
  readonly counts: (webhook: string) => Promise<DeliveryCounts>;
  readonly oldestWaitingAtMs: (webhook: string) => Promise<number | null>;
  readonly gateStatus: WebhookGate['status'];
  readonly budgetUsed: () => Promise<number>;
  readonly polls: () => Promise<Pick<RelayStatus, 'lastPollAtMs' | 'completeness'>>;
}

/** The status of one webhook. */
export interface WebhookStatus extends GateStatus {
  readonly webhook: string;
  readonly counts: DeliveryCounts;
  /** The time until its working hours begin; null within them. */
  readonly closedForMs: number | null;
  /** The time of the next digest; null if deliveries are sent as they come. */
  readonly nextDigestAtMs: number | null;
  /**
   * The time when the oldest waiting delivery was queued, or when its digest was due or the working
   * hours began if that is later; null if none waits, while all wait for the next digest, and while
   * the webhook is closed or an operator has paused it.
   */
  readonly oldestWaitingAtMs: number | null;
}

/** The present status of the relay, over all replicas. */
export interface RelayStatus {
  readonly webhooks: readonly WebhookStatus[];
  /** The used slots of the request budget; null if unknown. */
  readonly budgetUsed: number | null;
  /** The time of the last successful poll; null if none has succeeded. */
  readonly lastPollAtMs: number | null;
  /** The posts of the last day that arrived in time; null if not counted yet, or unknown. */
  readonly completeness: Completeness | null;
}

/** Reads the relay's status. Asks everything at once, so that a slow answer delays no other. */
export async function readRelayStatus(
  ports: StatusPorts,
  webhooks: readonly Pick<Webhook, 'name' | 'hours' | 'digest'>[],
  nowMs: number,
): Promise<RelayStatus> {
  const [statuses, budgetUsed, { lastPollAtMs, completeness }] = await Promise.all([
    Promise.all(webhooks.map((webhook) => readWebhook(ports, webhook, nowMs))),
    ports.budgetUsed(),
    ports.polls(),
  ]);
  return { webhooks: statuses, budgetUsed, lastPollAtMs, completeness };
}

async function readWebhook(
  ports: StatusPorts,
  { name, hours, digest }: Pick<Webhook, 'name' | 'hours' | 'digest'>,
  nowMs: number,
): Promise<WebhookStatus> {
  const plan = digest && { digest, hours };
  const [counts, queuedAtMs, gate] = await Promise.all([
    ports.counts(name),
    ports.oldestWaitingAtMs(name),
    ports.gateStatus(name),
  ]);
  const { open, sinceMs } = openAt(hours, nowMs);
  const openForMs = open && sinceMs !== null ? nowMs - sinceMs : Infinity;
  return {
    webhook: name,
    counts,
    ...gate,
    // While it was closed nothing could probe it.
    heldForMs: gate.heldForMs === null ? null : Math.min(gate.heldForMs, openForMs),
    closedForMs: open ? null : closedForMs(hours, nowMs),
    nextDigestAtMs: plan && digestPeriod(plan, nowMs).untilMs,
    oldestWaitingAtMs:
      open && gate.operatorPause === null && queuedAtMs !== null && isDue(plan, queuedAtMs, nowMs)
        ? Math.max(queuedAtMs, nowMs - openForMs, plan ? digestPeriod(plan, nowMs).sinceMs : 0)
        : null,
  };
}

function isDue(plan: DigestPlan | null, queuedAtMs: number, nowMs: number): boolean {
  return plan === null || !waitsForDigest(queuedAtMs, waitingPeriod(plan, nowMs));
}

/** Returns a function that reads the status of the relay with this configuration. */
export function relayStatus({
  config,
  queues,
  redis,
  keys,
  nowMs,
}: {
  readonly config: Pick<Config, 'groouply' | 'webhooks'>;
  readonly queues: Pick<StatusPorts, 'counts' | 'oldestWaitingAtMs'>;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly nowMs: () => number;
}): () => Promise<RelayStatus> {
  const budgetKeys = keys.budget(config.groouply.apiKey);
  const ports = {
    counts: (webhook: string) => queues.counts(webhook),
    oldestWaitingAtMs: (webhook: string) => queues.oldestWaitingAtMs(webhook),
    gateStatus: gates(config, redis, keys),
    budgetUsed: () => readBudgetUsed(redis, budgetKeys),
    polls: () => readRelayState(redis, keys),
  };
  return () => readRelayStatus(ports, config.webhooks, nowMs());
}

/**
 * Returns a function that reads the facts that the health of this relay depends on. `isGone` replaces
 * the question whether the URL of a webhook is gone, for a caller that knows it.
 */
export function healthFacts({
  config,
  redis,
  keys,
  isGone = goneIn(config, redis, keys),
}: {
  readonly config: Pick<Config, 'groouply' | 'webhooks'>;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly isGone?: (webhook: string) => Promise<boolean>;
}): () => Promise<HealthFacts> {
  const { rejected } = keys.budget(config.groouply.apiKey);
  const names = config.webhooks.filter(wantsMentions).map(({ name }) => name);

  /** Asks only until one is not gone: the usual answer is that of the first. */
  async function allGone(): Promise<boolean> {
    for (const name of names) if (!(await isGone(name))) return false;
    return true;
  }

  return async () => {
    const [{ lastPollAtMs }, rejectedAtMs, gone] = await Promise.all([
      readRelayState(redis, keys),
      redis.get(rejected),
      allGone(),
    ]);
    return {
      lastPollAtMs,
      keyRejected: Number(rejectedAtMs) > (lastPollAtMs ?? 0),
      gone: gone ? names : [],
    };
  };
}

function goneIn(
  config: Pick<Config, 'webhooks'>,
  redis: RedisClient,
  keys: RedisKeys,
): (webhook: string) => Promise<boolean> {
  const status = gates(config, redis, keys);
  return async (webhook) => (await status(webhook)).gone;
}

function gates(
  { webhooks }: Pick<Config, 'webhooks'>,
  redis: RedisClient,
  keys: RedisKeys,
): WebhookGate['status'] {
  return gateStatus(redis, keys, (name) => webhooks.find((each) => each.name === name)?.url);
}
