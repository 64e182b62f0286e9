import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/env.ts';
import { createWebhookGate, type BreakerSettings } from '../delivering/webhook-gate.io.ts';
import type { Webhook } from '../domain/webhook.ts';
import { deliver, type DeliverPorts } from '../delivering/deliver.ts';
import type { DeliveryOutcome } from '../queues/delivery-outcome.ts';
import { notifyAll } from '../delivering/delivery-events.ts';
import { deliveryLog } from '../delivering/delivery-log.ts';
import { travellingTogether } from '../delivering/travelling-together.ts';
import { tallyDeliveries } from '../monitoring/summary.ts';
import type { WebhookGate } from '../delivering/webhook-gate.ts';
import { createPostJson, type PostJson } from '../delivering/post-json.io.ts';
import { webhookTypes } from '../webhooks/registry.ts';
import { USER_AGENT, type Parts } from './parts.ts';

const PROBE_MARGIN_MS = 5_000;

/** The way out, open until everything that uses it has ended. */
export function createPost({
  config,
  lifecycle,
  monotonicMs,
}: Pick<Parts, 'config' | 'lifecycle' | 'monotonicMs'>): PostJson {
  const { post, close } = createPostJson({ timeoutMs: config.delivery.timeoutMs, monotonicMs });
  lifecycle.onRelease(close);
  return post;
}

/** Takes each webhook's deliveries from its queue and POSTs them. */
export async function startDelivering(parts: Parts, post: PostJson): Promise<void> {
  const { config, lifecycle, queues, redis, keys } = parts;
  const gate = createWebhookGate({
    redis,
    keys,
    generationSize: config.seenGenerationSize,
    breaker: breakerOf(config),
    paceMs: (name) => paceMs(config.webhooks.find((webhook) => webhook.name === name)),
  });
  for (const webhook of config.webhooks) {
    const ports = portsOf(parts, webhook, gate, post);
    await lifecycle.untilTaken(() =>
      queues.startDelivering(webhook, async (due, stopping) => {
        const outcomes: DeliveryOutcome[] = [];
        for (const run of travellingTogether(due, webhookTypes[webhook.type].batched)) {
          outcomes.push(...(await deliver(ports, webhook.name, run, stopping)));
        }
        return outcomes;
      }),
    );
  }
}

function portsOf(parts: Parts, webhook: Webhook, gate: WebhookGate, post: PostJson): DeliverPorts {
  const { config, log, tally, monitoring, nowMs, random } = parts;
  const type = webhookTypes[webhook.type];
  const url = type.endpoint?.(webhook.url) ?? webhook.url;
  return {
    gate,
    send(deliveries, { simplified, signal }) {
      const format = simplified ? (type.simplified ?? type.request) : type.request;
      const context = { webhook, nowMs: nowMs(), userAgent: USER_AGENT };
      return post(url, format(deliveries, context), signal);
    },
    accepted: (status, body) => type.accepted(status, body, webhook.url),
    canSimplify: type.simplified !== undefined,
    restMs: (headers) => type.restMs?.(headers) ?? 0,
    wait: (durationMs, signal) => sleep(durationMs, undefined, { signal }).catch(() => undefined),
    retryScheduleMs: config.delivery.retryDelaysMs,
    events: notifyAll([deliveryLog(log, nowMs), tallyDeliveries(tally), monitoring.deliveries]),
    nowMs,
    random,
  };
}

function breakerOf({ delivery }: Config): BreakerSettings {
  return {
    failuresInARow: 5,
    firstHoldMs: 5_000,
    maxHoldMs: 900_000,
    probeLeaseMs: delivery.timeoutMs + PROBE_MARGIN_MS,
  };
}

function paceMs(webhook: Webhook | undefined): number {
  return webhook?.ratePerSecond ? 1_000 / webhook.ratePerSecond : 0;
}
