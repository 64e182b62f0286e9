import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/env.ts';
import { createWebhookGate, breakerSettings } from '../delivering/gate/webhook-gate.io.ts';
import { createDigestTurns, type DigestTurns } from '../delivering/gate/digest-turn.io.ts';
import { waitingPeriod } from '../domain/hours/digest-times.ts';
import { closedForMs } from '../domain/hours/working-hours.ts';
import type { Webhook } from '../domain/webhook.ts';
import { deliver, type DeliverPorts } from '../delivering/deliver.ts';
import { notifyAll, type DeliveryListener } from '../delivering/delivery-events.ts';
import { deliveryLog } from '../delivering/delivery-log.ts';
import { runDeliveryLoop, type LoopPorts } from '../delivering/delivery-loop.ts';
import { tallyDeliveries, type Tally } from '../monitoring/summary.ts';
import { createPostJson, type PostJson } from '../delivering/post-json.io.ts';
import { createPingTurns, type PingTurns } from '../delivering/ping-turns.io.ts';
import type { Troubles } from '../delivering/troubles/troubles.io.ts';
import { isMention } from '../webhooks/mention-words.ts';
import { webhookTypes } from '../webhooks/registry.ts';
import { USER_AGENT } from '../version.ts';
import type { EventLog } from '../domain/event-log.ts';
import type { Metrics } from '../monitoring/metrics.io.ts';
import type { Queues } from '../queues/queues.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { HistoryWrites } from './start-history.ts';

/** The parts of a relay that delivering uses. */
export interface DeliveringParts {
  readonly config: Config;
  readonly log: EventLog;
  readonly lifecycle: Pick<Lifecycle, 'untilTaken'>;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly queues: Pick<Queues, 'takeDeliveries' | 'stopping' | 'waitFor'>;
  readonly history: Pick<HistoryWrites, 'deliveries'>;
  readonly tally: Tally;
  readonly troubles: Pick<Troubles, 'found'>;
  readonly monitoring: Pick<Metrics, 'deliveries'>;
  readonly reportError: (error: unknown) => void;
  readonly nowMs: () => number;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** The way out, open until everything that uses it has ended. */
export function createPost({
  config,
  lifecycle,
  monotonicMs,
}: {
  readonly config: Pick<Config, 'delivery' | 'proxy'>;
  readonly lifecycle: Pick<Lifecycle, 'onRelease'>;
  readonly monotonicMs: () => number;
}): PostJson {
  const { post, close } = createPostJson({
    timeoutMs: config.delivery.timeoutMs,
    proxy: config.proxy,
    monotonicMs,
  });
  lifecycle.onRelease(close);
  return post;
}

const END_TURN_TIMEOUT_MS = 1_000;

/** Takes each webhook's deliveries from its queue and POSTs them. */
export async function startDelivering(parts: DeliveringParts, post: PostJson): Promise<void> {
  const { config, log, lifecycle, queues, redis, keys, tally, monitoring, nowMs, random } = parts;
  const named = (name: string) => config.webhooks.find((webhook) => webhook.name === name);
  const breaker = breakerSettings(config.delivery.timeoutMs);
  const turns = createDigestTurns({
    redis,
    keys,
    replica: randomUUID(),
    turnMs: breaker.probeLeaseMs,
  });
  const pingTurns = createPingTurns(redis, keys);
  const gate = createWebhookGate({
    redis,
    keys,
    generationSize: config.seenGenerationSize,
    breaker,
    paceMs: (name) => paceMs(named(name)),
    urlOf: (name) => named(name)?.url,
  });
  const events = notifyAll([
    deliveryLog(log, nowMs),
    tallyDeliveries(tally),
    monitoring.deliveries,
    parts.history.deliveries,
    failureAlerts(parts.troubles, parts.reportError),
  ]);
  /** Without Redis the turn runs out by itself: a stop does not wait for it. */
  const endTurn = (name: string): Promise<void> =>
    Promise.race([
      turns.end(name).catch(() => undefined),
      sleep(END_TURN_TIMEOUT_MS, undefined, { ref: false }),
    ]);
  for (const webhook of config.webhooks) {
    const jobs = await lifecycle.untilTaken(() =>
      queues.takeDeliveries(webhook.name, (delivery) => events.unreadable(delivery)),
    );
    const { stopping } = queues;
    const untilOpenMs = (): number => closedForMs(webhook.hours, nowMs());
    const attempts: DeliverPorts = {
      ...deliveryFormat(webhook, post, pingTurns, nowMs),
      webhook: webhook.name,
      gate,
      wait,
      keepsTogether: webhook.digest !== null,
      retryScheduleMs: config.delivery.retryDelaysMs,
      events,
      stopping,
      untilOpenMs,
      nowMs,
      random,
    };
    queues.waitFor(
      runDeliveryLoop({
        ...loopRules(webhook, turns, nowMs),
        jobs,
        gate,
        deliver: (run, admission, end) => deliver(attempts, run, admission, end),
        events,
        stopping,
        untilOpenMs,
        wait,
        onError: parts.reportError,
      }).then(() => (webhook.digest === null ? undefined : endTurn(webhook.name))),
    );
  }
}

/**
 * Records that deliveries have failed, before they are in the list of failed ones. An alert that fails
 * causes no other.
 */
export function failureAlerts(
  troubles: Pick<Troubles, 'found'>,
  onError: (error: unknown) => void,
): DeliveryListener {
  const underWay = new Set<string>();
  function report(webhook: string): void {
    // Thousands may fail together.
    if (underWay.has(webhook)) return;
    underWay.add(webhook);
    void troubles
      .found('deliveries_failed', webhook)
      .catch(onError)
      .finally(() => underWay.delete(webhook));
  }
  return {
    // Of a webhook that is gone, the alert about that is enough.
    failed({ delivery }, _result, _reason, gone) {
      if (delivery.kind !== 'alert' && !gone) report(delivery.webhook);
    },
    unreadable: ({ webhook }) => report(webhook),
  };
}

function wait(durationMs: number, signal: AbortSignal): Promise<void> {
  return sleep(durationMs, undefined, { signal }).catch(() => undefined);
}

/** Returns how many deliveries of a webhook travel together, and which of them wait for a digest. */
function loopRules(
  webhook: Webhook,
  turns: DigestTurns,
  nowMs: () => number,
): Pick<LoopPorts<never>, 'webhook' | 'sharing' | 'digest'> {
  const { batched, digest: form } = webhookTypes[webhook.type];
  const { name, digest, hours, batchSize } = webhook;
  if (digest === null) return { webhook, sharing: { batchSize, batched }, digest: null };
  return {
    // One message after the other: they arrive in order, and each is full.
    webhook: { ...webhook, concurrency: 1 },
    sharing: {
      batchSize: form.maxSize,
      batched: ['mention', 'recovered'],
      fitting: (deliveries) => form.fitting(deliveries.filter(isMention), webhook),
    },
    digest: {
      turn: () => turns.ask(name),
      waiting: ({ askedAtMs }) => waitingPeriod({ digest, hours }, nowMs(), askedAtMs),
    },
  };
}

/** Returns how the POSTs of a webhook are made and judged, by its type. */
function deliveryFormat(
  webhook: Webhook,
  post: PostJson,
  pingTurns: PingTurns,
  nowMs: () => number,
): Pick<DeliverPorts, 'send' | 'accepted' | 'canSimplify' | 'restMs'> {
  const type = webhookTypes[webhook.type];
  const url = type.endpoint?.(webhook.url) ?? webhook.url;
  return {
    async send(deliveries, { simplified, signal }) {
      const [first] = deliveries;
      const inTurn = webhook.pings.length > 1 && webhook.digest === null;
      const pingTurn =
        inTurn && first && isMention(first) ? await pingTurns(webhook.name, first.key) : 0;
      const context = { webhook, nowMs: nowMs(), userAgent: USER_AGENT, pingTurn };
      // A message is simplified when it has a single mention.
      if (webhook.digest !== null && !simplified && deliveries.every(isMention)) {
        return post(url, type.digest.request(deliveries, context), signal);
      }
      const format = simplified ? (type.simplified ?? type.request) : type.request;
      return post(url, format(deliveries, context), signal);
    },
    accepted: (status, body) => type.accepted(status, body, webhook.url),
    canSimplify: type.simplified !== undefined,
    restMs: (headers) => type.restMs?.(headers) ?? 0,
  };
}

function paceMs(webhook: Webhook | undefined): number {
  return webhook?.ratePerSecond ? 1_000 / webhook.ratePerSecond : 0;
}
