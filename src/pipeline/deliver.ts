import { messageId, type AttemptResult, type Delivery, type Verdict } from '../domain/delivery.ts';
import type { EventLog } from '../domain/events.ts';
import type { MentionKey } from '../domain/mention.ts';
import { retryDelayMs } from './retry.ts';
import { judge, type AnswerPolicy } from './verdict.ts';

/** Which mentions each webhook has accepted. */
export interface DeliveredLedger {
  has(webhook: string, key: MentionKey): Promise<boolean>;
  record(webhook: string, key: MentionKey): Promise<void>;
}

export interface DeliverPorts {
  readonly ledger: DeliveredLedger;
  /** One POST. Never throws for what the network or the receiver does. */
  readonly send: (
    delivery: Delivery,
    options: { readonly simplified: boolean; readonly signal: AbortSignal },
  ) => Promise<AttemptResult>;
  readonly policy: AnswerPolicy;
  readonly log: EventLog;
  readonly nowMs: () => number;
  readonly random: () => number;
}

/** How a delivery's turn ended, for the queue to act on. */
export type DeliveryOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly reason: string }
  | { readonly kind: 'hold'; readonly waitMs: number; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The relay is stopping: the delivery goes back, with no attempt used up. */
  | { readonly kind: 'interrupted' };

/**
 * One attempt at a delivery: skip it if the webhook has accepted this mention before, POST it,
 * and record success before the queue is told. A crash between the POST and the record is the
 * one moment in which a mention can be sent twice.
 *
 * @param attempt - which attempt this is, from 1
 */
export async function deliver(
  ports: DeliverPorts,
  retryScheduleMs: readonly number[],
  delivery: Delivery,
  attempt: number,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const { ledger, log, nowMs } = ports;
  const { key, mention } = delivery;
  const about = {
    webhook: delivery.webhook,
    mentionId: mention.id,
    messageId: messageId(key),
    attempt,
  };

  if (await ledger.has(delivery.webhook, key)) {
    log.info('delivery.repeated', about, 'already delivered to this webhook: not sent again');
    return { kind: 'done' };
  }
  if (signal.aborted) return { kind: 'interrupted' };

  let { result, verdict } = await attemptOnce(ports, delivery, false, signal);
  if (verdict.kind === 'simplify' && !signal.aborted) {
    ({ result, verdict } = await attemptOnce(ports, delivery, true, signal));
  }
  const measured = {
    ...about,
    durationMs: result.durationMs,
    ...(result.kind === 'answered' && { status: result.status }),
  };

  if (verdict.kind === 'delivered') {
    await ledger.record(delivery.webhook, key);
    log.info(
      'delivery.succeeded',
      { ...measured, polledAt: isoTime(delivery.polledAtMs), ...sinceSpotted(delivery, nowMs()) },
      'mention delivered',
    );
    return { kind: 'done' };
  }
  if (signal.aborted) return { kind: 'interrupted' };
  if (verdict.kind === 'hold') {
    log.warn(
      'webhook.rate_limited',
      { ...measured, reason: verdict.reason, waitMs: verdict.waitMs },
      'the webhook asked for a pause: all its deliveries wait',
    );
    return { kind: 'hold', waitMs: verdict.waitMs, reason: verdict.reason };
  }

  const delayMs =
    verdict.kind === 'retry' ? retryDelayMs(retryScheduleMs, attempt, ports.random()) : null;
  if (delayMs === null) {
    log.error(
      'delivery.failed',
      { ...measured, reason: verdict.reason },
      'delivery failed: it is kept, but will not be tried again by itself',
    );
    return { kind: 'failed', reason: verdict.reason };
  }
  log.warn(
    'delivery.retrying',
    { ...measured, reason: verdict.reason, retryInMs: delayMs },
    'attempt failed: it will be tried again',
  );
  return { kind: 'retry', delayMs, reason: verdict.reason };
}

async function attemptOnce(
  ports: DeliverPorts,
  delivery: Delivery,
  simplified: boolean,
  signal: AbortSignal,
): Promise<{ result: AttemptResult; verdict: Verdict }> {
  const { policy } = ports;
  const result = await ports.send(delivery, { simplified, signal });
  const verdict = judge(
    result,
    { ...policy, canSimplify: policy.canSimplify && !simplified },
    ports.nowMs(),
  );
  return { result, verdict };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function sinceSpotted({ mention }: Delivery, nowMs: number): { spottedToDeliveredMs?: number } {
  return mention.spottedAtMs === null
    ? {}
    : { spottedToDeliveredMs: Math.max(0, nowMs - mention.spottedAtMs) };
}
