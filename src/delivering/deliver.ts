import type { DeliveryOutcome, Stopping } from '../queues/delivery-outcome.ts';
import type { AttemptResult, Delivery, Verdict } from '../domain/delivery.ts';
import type { DeliveryEvents } from './delivery-events.ts';
import type { DueDelivery } from '../queues/delivery-outcome.ts';
import { judge } from './verdict.ts';
import type { ReadAcceptance } from '../webhooks/webhook-type.ts';
import type { Admission, Released, GateClaim, WebhookGate } from './webhook-gate.ts';

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
  readonly retryScheduleMs: readonly number[];
  /** How long the webhook asks to be left alone after a message that it took, by the answer's headers. */
  readonly restMs?: (headers: Readonly<Record<string, string | undefined>>) => number;
  /** Resolves after `durationMs`, or sooner when the signal aborts. */
  readonly wait: (durationMs: number, signal: AbortSignal) => Promise<void>;
  readonly events: DeliveryEvents;
  readonly nowMs: () => number;
  readonly random: () => number;
}

type Outcomes = readonly DeliveryOutcome[];

interface Attempt {
  readonly webhook: string;
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
  webhook: string,
  due: readonly DueDelivery[],
  { begun, overdue }: Stopping,
): Promise<Outcomes> {
  return deliverTogether({ webhook, due, simplified: false, probe: false });

  async function deliverTogether(asked: Attempt): Promise<Outcomes> {
    const admission = await admitted(ports, asked, begun);
    if (admission.kind === 'wait') return all(asked, { kind: 'hold', waitMs: admission.waitMs });

    const repeated = new Set(admission.delivered);
    const unsent = asked.due.filter((_, index) => !repeated.has(index));
    const attempted = { ...asked, due: unsent, probe: admission.probe };
    const outcomes =
      unsent.length === 0
        ? []
        : begun.aborted
          ? all(attempted, { kind: 'interrupted' })
          : await attempt(attempted);

    const rest = outcomes.values();
    return asked.due.map((item, index) => {
      if (!repeated.has(index)) return rest.next().value ?? { kind: 'interrupted' };
      ports.events.repeated(item);
      return { kind: 'done' };
    });
  }

  async function attempt(asked: Attempt): Promise<Outcomes> {
    const deliveries = asked.due.map(({ delivery }) => delivery);
    const result = await ports.send(deliveries, { simplified: asked.simplified, signal: overdue });
    if (overdue.aborted && result.kind === 'unanswered') return all(asked, { kind: 'interrupted' });
    const verdict = judge(result, ports.accepted, ports.nowMs());
    ports.events.attempted(webhook, result, verdict);

    if (verdict.kind === 'delivered') {
      await recordAccepted(ports, asked, overdue);
      for (const item of asked.due) ports.events.succeeded(item, result, asked.due.length);
      await spare(ports, webhook, result);
      return all(asked, { kind: 'done' });
    }
    if (verdict.kind === 'hold') {
      await ports.gate.pause(webhook, verdict.waitMs);
      ports.events.rateLimited(webhook, asked.due, verdict.reason, verdict.waitMs);
      return all(asked, { kind: 'hold', waitMs: verdict.waitMs });
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
    { kind, reason }: Exclude<Verdict, { kind: 'delivered' | 'hold' }>,
  ): Promise<Outcomes> {
    const { gate, events, retryScheduleMs, random } = ports;
    const held = await gate.refused(webhook, { probe: asked.probe });
    if (held.begins) events.held(webhook, reason, held);

    // What a probe finds out of the webhook is not the fault of the mention that travelled with it.
    if (asked.probe && held.holdMs !== null && kind !== 'content-refused') {
      events.probeFailed(webhook, asked.due, reason, held.holdMs);
      return all(asked, { kind: 'hold', waitMs: held.holdMs });
    }
    return asked.due.map((item) => {
      const delayMs =
        kind === 'retry' ? retryDelayMs(retryScheduleMs, item.attempt, random()) : null;
      if (delayMs === null) {
        events.failed(item, result, reason);
        return { kind: 'failed', reason };
      }
      events.retrying(item, result, reason, delayMs);
      return { kind: 'retry', delayMs, reason };
    });
  }
}

/** Asks the gate, and waits for the moment that the webhook's pace gives. */
async function admitted(
  { gate, wait }: DeliverPorts,
  { webhook, due, probe }: Attempt,
  signal: AbortSignal,
): Promise<Admission> {
  const keys = due.map(({ delivery }) => delivery.key);
  let turn: GateClaim = probe ? 'probing' : 'reserve';
  for (;;) {
    const admission = await gate.admit(webhook, keys, turn);
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
  { gate, events, wait }: DeliverPorts,
  { webhook, due }: Attempt,
  signal: AbortSignal,
): Promise<void> {
  const keys = due.map(({ delivery }) => delivery.key);
  let released: Released | undefined;
  for (let tries = 1; released === undefined; tries++) {
    try {
      released = await gate.accepted(webhook, keys);
    } catch (error) {
      if (signal.aborted) throw error;
      if (tries === 1) events.unrecorded(webhook, keys.length);
      await wait(RECORD_PAUSE_MS, signal);
    }
  }
  if (released.heldForMs !== null) events.released(webhook, released);
}

/** Spares the webhook a request that it would refuse. One that is not spared costs a pause later. */
async function spare(
  { gate, restMs }: DeliverPorts,
  webhook: string,
  result: AttemptResult,
): Promise<void> {
  const durationMs = result.kind === 'answered' ? (restMs?.(result.headers) ?? 0) : 0;
  if (durationMs > 0) await gate.pause(webhook, durationMs).catch(() => undefined);
}

function all({ due }: Attempt, outcome: DeliveryOutcome): Outcomes {
  return due.map(() => outcome);
}

const JITTER = 0.2;

/**
 * How long to wait before the next attempt, in milliseconds, after attempt `attempt` (from 1) has
 * failed; null when the schedule has run out. Each delay is spread by +-20 %, so that what failed
 * together does not come back together.
 *
 * @param random - a number from 0 up to, but not including, 1
 */
export function retryDelayMs(
  scheduleMs: readonly number[],
  attempt: number,
  random: number,
): number | null {
  const delayMs = scheduleMs[attempt - 1];
  if (delayMs === undefined) return null;
  return Math.round(delayMs * (1 - JITTER + 2 * JITTER * random));
}
