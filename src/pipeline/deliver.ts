import { messageId, type AttemptResult, type Delivery, type Verdict } from '../domain/delivery.ts';
import type { EventLog } from '../domain/events.ts';
import { loggedId } from '../domain/mention.ts';
import { retryDelayMs } from './retry.ts';
import { judge, type ReadAcceptance } from './verdict.ts';
import type { Admission, Released, Turn, WebhookGate } from './webhook-gate.ts';

export interface DeliverPorts {
  readonly gate: WebhookGate;
  /** One POST with one or more mentions. Never throws for what the network or receiver does. */
  readonly send: (
    deliveries: readonly Delivery[],
    options: { readonly simplified: boolean; readonly signal: AbortSignal },
  ) => Promise<AttemptResult>;
  readonly accepted: ReadAcceptance;
  /** Whether there is a simpler message to fall back on when a mention's usual one is refused. */
  readonly canSimplify: boolean;
  /** Resolves after `durationMs`, or sooner when the signal aborts. */
  readonly wait: (durationMs: number, signal: AbortSignal) => Promise<void>;
  readonly log: EventLog;
  readonly nowMs: () => number;
  readonly random: () => number;
}

/** A delivery whose turn has come. */
export interface DueDelivery {
  readonly delivery: Delivery;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
}

/** How a delivery's turn ended, for the queue to act on. */
export type DeliveryOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly reason: string }
  /** Back to the head of the queue, which waits; no attempt is used up. */
  | { readonly kind: 'hold'; readonly waitMs: number }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The relay is stopping: back to the head of the queue, with no attempt used up. */
  | { readonly kind: 'interrupted' };

interface Attempt {
  readonly due: readonly DueDelivery[];
  readonly simplified: boolean;
  readonly probe: boolean;
}

const RECORD_PAUSE_MS = 1_000;

/**
 * One attempt at deliveries of one webhook, which travel in one POST: skip those that the webhook
 * has accepted before, ask the gate, POST, and record success before the queue is told. A crash
 * between the POST and the record is the one moment in which a mention can be sent twice.
 *
 * A batch whose content is refused is split until the bad mention stands alone, so that it costs
 * only itself. Outcomes are in the order of the deliveries.
 */
export async function deliver(
  ports: DeliverPorts,
  retryScheduleMs: readonly number[],
  due: readonly DueDelivery[],
  signal: AbortSignal,
): Promise<readonly DeliveryOutcome[]> {
  return deliverTogether({ due, simplified: false, probe: false });

  async function deliverTogether(asked: Attempt): Promise<readonly DeliveryOutcome[]> {
    const admission = await admitted(ports, asked, signal);
    if (admission.kind === 'wait')
      return all(asked.due, { kind: 'hold', waitMs: admission.waitMs });

    const before = new Set(admission.delivered);
    const unsent = asked.due.filter((_, index) => !before.has(index));
    for (const [index, item] of asked.due.entries()) {
      if (before.has(index)) tellRepeated(ports.log, item);
    }
    const outcomes =
      unsent.length === 0
        ? []
        : signal.aborted
          ? all(unsent, { kind: 'interrupted' })
          : await attempt({ ...asked, due: unsent, probe: admission.probe });
    const rest = outcomes.values();
    return asked.due.map((_, index) =>
      before.has(index) ? { kind: 'done' } : (rest.next().value ?? { kind: 'interrupted' }),
    );
  }

  async function attempt(asked: Attempt): Promise<readonly DeliveryOutcome[]> {
    const { log } = ports;
    const deliveries = asked.due.map(({ delivery }) => delivery);
    const result = await ports.send(deliveries, { simplified: asked.simplified, signal });
    const verdict = judge(result, ports.accepted, ports.nowMs());

    if (verdict.kind === 'delivered') {
      await recordAccepted(ports, asked.due, signal);
      for (const item of asked.due) tellSucceeded(ports, item, result, asked);
      return all(asked.due, { kind: 'done' });
    }
    if (signal.aborted && result.kind === 'unanswered')
      return all(asked.due, { kind: 'interrupted' });
    if (verdict.kind === 'hold') {
      await ports.gate.pause(webhookOf(asked), verdict.waitMs);
      log.warn(
        'webhook.rate_limited',
        { webhook: webhookOf(asked), reason: verdict.reason, waitMs: verdict.waitMs },
        'the webhook asked for a pause: all its deliveries wait',
      );
      return all(asked.due, { kind: 'hold', waitMs: verdict.waitMs });
    }
    if (verdict.kind === 'content-refused' && asked.due.length > 1) {
      const middle = Math.ceil(asked.due.length / 2);
      const first = await deliverTogether({ ...asked, due: asked.due.slice(0, middle) });
      return [...first, ...(await deliverTogether({ ...asked, due: asked.due.slice(middle) }))];
    }
    if (verdict.kind === 'content-refused' && ports.canSimplify && !asked.simplified) {
      return deliverTogether({ ...asked, simplified: true });
    }
    return failedAttempt(asked, result, verdict);
  }

  async function failedAttempt(
    asked: Attempt,
    result: AttemptResult,
    verdict: Exclude<Verdict, { kind: 'delivered' | 'hold' }>,
  ): Promise<readonly DeliveryOutcome[]> {
    const { log } = ports;
    const webhook = webhookOf(asked);
    const held = await ports.gate.refused(webhook, { probe: asked.probe });
    if (held.begins) {
      const { holdMs, failuresInARow } = held;
      log.error(
        'webhook.held',
        { webhook, reason: verdict.reason, failuresInARow, holdMs },
        'the webhook keeps failing: its deliveries are held, and it is probed from time to time',
      );
    }
    // What a probe finds out of the webhook is not the fault of the mention that travelled with it.
    if (asked.probe && held.holdMs !== null && verdict.kind !== 'content-refused') {
      log.debug(
        'webhook.probe_failed',
        { webhook, reason: verdict.reason, holdMs: held.holdMs },
        'the webhook still fails: its deliveries stay held',
      );
      return all(asked.due, { kind: 'hold', waitMs: held.holdMs });
    }
    return asked.due.map((item) => {
      const delayMs =
        verdict.kind === 'retry'
          ? retryDelayMs(retryScheduleMs, item.attempt, ports.random())
          : null;
      const fields = { ...about(item), ...measured(result), reason: verdict.reason };
      if (delayMs === null) {
        log.error(
          'delivery.failed',
          fields,
          'delivery failed: it is kept, but will not be tried again by itself',
        );
        return { kind: 'failed', reason: verdict.reason };
      }
      log.warn(
        'delivery.retrying',
        { ...fields, retryInMs: delayMs },
        'attempt failed: it will be tried again',
      );
      return { kind: 'retry', delayMs, reason: verdict.reason };
    });
  }
}

/** Asks the gate, and waits for the moment that the webhook's pace gives. */
async function admitted(
  { gate, wait }: DeliverPorts,
  asked: Attempt,
  signal: AbortSignal,
): Promise<Admission> {
  const keys = asked.due.map(({ delivery }) => delivery.key);
  let turn: Turn = asked.probe ? 'probing' : 'reserve';
  for (;;) {
    const admission = await gate.admit(webhookOf(asked), keys, turn);
    if (admission.kind === 'wait' || admission.afterMs === 0) return admission;
    await wait(admission.afterMs, signal);
    if (signal.aborted) return admission;
    turn = admission.probe ? 'probing' : 'reserved';
  }
}

/**
 * Records what was accepted, however long Redis refuses to write: to give up here would send it
 * all again. Throws only when the relay is stopping.
 */
async function recordAccepted(
  { gate, log, wait }: DeliverPorts,
  due: readonly DueDelivery[],
  signal: AbortSignal,
): Promise<void> {
  const webhook = due[0]?.delivery.webhook ?? '';
  const keys = due.map(({ delivery }) => delivery.key);
  let released: Released | undefined;
  for (let tries = 1; released === undefined; tries++) {
    try {
      released = await gate.accepted(webhook, keys);
    } catch (error) {
      if (signal.aborted) throw error;
      if (tries === 1) {
        log.error(
          'delivery.unrecorded',
          { webhook, deliveries: keys.length },
          'Redis refuses to record a success: it is tried until it does, nothing is sent twice',
        );
      }
      await wait(RECORD_PAUSE_MS, signal);
    }
  }
  if (released.heldForMs === null) return;
  log.info(
    'webhook.released',
    { webhook, heldForMs: released.heldForMs },
    'the webhook accepts again: its deliveries go on',
  );
}

function tellRepeated(log: EventLog, item: DueDelivery): void {
  log.info('delivery.repeated', about(item), 'already delivered to this webhook: not sent again');
}

function tellSucceeded(
  { log, nowMs }: DeliverPorts,
  item: DueDelivery,
  result: AttemptResult,
  { due }: Attempt,
): void {
  const { mention, polledAtMs } = item.delivery;
  log.info(
    'delivery.succeeded',
    {
      ...about(item),
      ...measured(result),
      ...(due.length > 1 && { batchSize: due.length }),
      polledAt: new Date(polledAtMs).toISOString(),
      ...(mention.spottedAtMs !== null && {
        spottedToDeliveredMs: Math.max(0, nowMs() - mention.spottedAtMs),
      }),
    },
    'mention delivered',
  );
}

function about({ delivery, attempt }: DueDelivery) {
  return {
    webhook: delivery.webhook,
    mentionId: loggedId(delivery.mention),
    messageId: messageId(delivery.key),
    attempt,
  };
}

function measured(result: AttemptResult) {
  return {
    durationMs: result.durationMs,
    ...(result.kind === 'answered' && { status: result.status }),
  };
}

function webhookOf({ due }: Attempt): string {
  return due[0]?.delivery.webhook ?? '';
}

function all(due: readonly DueDelivery[], outcome: DeliveryOutcome): readonly DeliveryOutcome[] {
  return due.map(() => outcome);
}
