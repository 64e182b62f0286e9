import type { AttemptResult, Delivery, Verdict } from '../domain/delivery.ts';
import { keepsHours } from '../domain/hours/working-hours.ts';
import type { MentionKey } from '../domain/mention.ts';
import type { DeliveryOutcome, DueDelivery } from '../queues/taken-deliveries.ts';
import type { Stopping } from '../queues/open-queues.ts';
import type { ReadAcceptance } from '../webhooks/webhook-type.ts';
import type { DeliveryEvents } from './delivery-events.ts';
import type { Admission, GateClaim, Held, WebhookGate } from './gate/webhook-gate.io.ts';
import { isBrokenOff, judge } from './verdict.ts';

/** Dependencies of an attempt at deliveries of one webhook. */
export interface DeliverPorts {
  readonly webhook: string;
  readonly gate: Pick<WebhookGate, 'claim' | 'refused' | 'pause' | 'gone'>;
  /**
   * Makes one POST with one or more mentions. Never throws for an error of the network or receiver.
   */
  readonly send: (
    deliveries: readonly Delivery[],
    options: { readonly simplified: boolean; readonly signal: AbortSignal },
  ) => Promise<AttemptResult>;
  readonly accepted: ReadAcceptance;
  /** True if a simpler message can replace a refused one. */
  readonly canSimplify: boolean;
  /** True if an answer of 5xx splits a batch only in its last attempt: for a digest. */
  readonly keepsTogether: boolean;
  readonly retryScheduleMs: readonly number[];
  /** Returns the pause, in milliseconds, that the headers of a successful answer ask for. */
  readonly restMs?: (headers: Readonly<Record<string, string | undefined>>) => number;
  /** Resolves after `durationMs`, or sooner when the signal aborts. */
  readonly wait: (durationMs: number, signal: AbortSignal) => Promise<void>;
  readonly events: DeliveryEvents;
  readonly stopping: Stopping;
  /** Returns the milliseconds until the webhook's working hours begin; 0 within them. */
  readonly untilOpenMs: () => number;
  readonly nowMs: () => number;
  readonly random: () => number;
}

interface Attempt<Item> {
  readonly run: readonly Item[];
  readonly simplified: boolean;
}

const BACK: DeliveryOutcome = { kind: 'back' };

/**
 * Makes one attempt at deliveries that share one POST:
 *
 * 1. leaves out deliveries that the webhook accepted before
 * 2. waits until the time that the gate gave
 * 3. POSTs; a probe with one delivery, the others go back
 * 4. calls `end` for each delivery as soon as its outcome is known; the caller records `accepted`
 *    before the job is finished
 *
 * Halves a batch, until the mention at fault is alone, if its content is refused, if the receiver answers
 * 5xx (where it keeps together, in its last attempt), or if it breaks off without an answer for the second
 * time. Throws Redis errors; deliveries without an outcome then go back.
 */
export async function deliver<Item extends DueDelivery>(
  ports: DeliverPorts,
  run: readonly Item[],
  admission: Admission,
  end: (item: Item, outcome: DeliveryOutcome) => void,
): Promise<void> {
  const { webhook, gate, events, wait } = ports;
  const { begun, overdue } = ports.stopping;
  // Those that fail together are retried together, also after a split.
  const random = ports.random();
  await admitted({ run, simplified: false }, admission);

  async function admitted(asked: Attempt<Item>, granted: Admission): Promise<void> {
    let answer = granted;
    while (answer.kind === 'go' && answer.afterMs > 0) {
      await wait(answer.afterMs, begun);
      if (begun.aborted) break;
      if (ports.untilOpenMs() > 0 && asked.run.some(({ delivery }) => keepsHours(delivery.kind)))
        return endAll(asked.run, BACK);
      answer = await claim(asked.run, answer.probe ? 'probing' : 'reserved');
    }
    if (answer.kind === 'wait') return endAll(asked.run, BACK);

    const repeated = new Set(answer.delivered);
    const unsent = asked.run.filter((_, index) => !repeated.has(index));
    for (const index of repeated) {
      const item = asked.run[index];
      if (item === undefined) continue;
      events.repeated(item);
      end(item, { kind: 'repeated' });
    }
    if (unsent.length === 0) return;
    if (begun.aborted) return endAll(unsent, BACK);
    // The next probe is another delivery then, so one that the receiver can't digest keeps no batch.
    const sent = answer.probe ? unsent.slice(0, 1) : unsent;
    endAll(unsent.slice(sent.length), BACK);
    await attempt({ ...asked, run: sent }, answer.probe);
  }

  async function attempt(asked: Attempt<Item>, probe: boolean): Promise<void> {
    const { run: sent, simplified } = asked;
    const result = await ports.send(
      sent.map(({ delivery }) => delivery),
      { simplified, signal: overdue },
    );
    if (overdue.aborted && result.kind === 'unanswered') return endAll(sent, BACK);
    const verdict = judge(result, ports.accepted, ports.nowMs());
    events.attempted(webhook, result, verdict);

    if (verdict.kind === 'delivered') {
      endAll(sent, { kind: 'accepted', result, batchSize: sent.length });
      const restMs = result.kind === 'answered' ? (ports.restMs?.(result.headers) ?? 0) : 0;
      // Avoids a request that the webhook would refuse and answer with a pause. If this fails, that
      // pause follows.
      if (restMs > 0) await gate.pause(webhook, restMs).catch(() => undefined);
    } else if (verdict.kind === 'pause') {
      // Attempts at the same time are refused together: one of them is worth a line.
      const begins = await gate.pause(webhook, verdict.waitMs);
      if (begins) events.paused(webhook, sent, verdict.reason, verdict.waitMs);
      endAll(sent, BACK);
    } else if (verdict.kind === 'fail' && verdict.gone) {
      await gate.gone(webhook);
      events.paused(webhook, sent, verdict.reason, null);
      for (const item of sent) fail(item, result, verdict.reason, true);
    } else if (sent.length > 1 && mayBeAtFault(sent, result, ports)) {
      await refused(sent, verdict.reason, probe);
      await inHalves(asked);
    } else if (verdict.kind === 'content-refused' && sent.length > 1) {
      await inHalves(asked);
    } else if (verdict.kind === 'content-refused' && ports.canSimplify && !simplified) {
      await again({ run: sent, simplified: true }, probe);
    } else {
      await failed(sent, result, verdict, probe);
    }
  }

  async function inHalves({ run: whole, simplified }: Attempt<Item>): Promise<void> {
    const middle = Math.ceil(whole.length / 2);
    for (const half of [whole.slice(0, middle), whole.slice(middle)]) {
      await again({ run: half, simplified }, false);
    }
  }

  async function again(asked: Attempt<Item>, probe: boolean): Promise<void> {
    await admitted(asked, await claim(asked.run, probe ? 'probing' : 'reserve'));
  }

  async function failed(
    items: readonly Item[],
    result: AttemptResult,
    verdict: Exclude<Verdict, { kind: 'delivered' | 'pause' }>,
    probe: boolean,
  ): Promise<void> {
    const { kind, reason } = verdict;
    const held = await refused(items, reason, probe);
    const judged = kind === 'content-refused' || (kind === 'fail' && verdict.mayHaveArrived);
    // A failed probe may show a problem of the webhook, or of this mention: the next probe is another
    // delivery.
    if (probe && held.holdMs !== null && !judged) {
      events.probeFailed(webhook, items, reason, held.holdMs);
      return endAll(items, { kind: 'behind' });
    }
    for (const item of items) {
      const delayMs =
        kind === 'retry' ? retryDelayMs(ports.retryScheduleMs, item.attempt, random) : null;
      if (delayMs === null) {
        fail(item, result, reason);
      } else {
        events.retrying(item, result, reason, delayMs);
        end(item, { kind: 'retry', delayMs, reason });
      }
    }
  }

  function fail(item: Item, result: AttemptResult, reason: string, gone?: boolean): void {
    events.failed(item, result, reason, gone);
    end(item, { kind: 'failed', reason });
  }

  async function refused(items: readonly Item[], reason: string, probe: boolean): Promise<Held> {
    const [first] = items;
    const key = first?.delivery.key ?? ('' as MentionKey);
    const held = await gate.refused(webhook, { probe, key });
    if (held.begins) events.held(webhook, reason, held);
    return held;
  }

  async function claim(items: readonly Item[], kind: GateClaim): Promise<Admission> {
    const keys = items.map(({ delivery }) => delivery.key);
    const [answer] = await gate.claim(webhook, [keys], kind);
    return answer ?? { kind: 'wait' };
  }

  function endAll(items: readonly Item[], outcome: DeliveryOutcome): void {
    for (const item of items) end(item, outcome);
  }
}

/** Returns true if a failure, which is no refusal, may be due to one mention of a batch. */
function mayBeAtFault(
  items: readonly DueDelivery[],
  result: AttemptResult,
  { keepsTogether, retryScheduleMs }: Pick<DeliverPorts, 'keepsTogether' | 'retryScheduleMs'>,
): boolean {
  if (isBrokenOff(result)) return items.some(({ attempt }) => attempt > 1);
  const isLast = items.some(({ attempt }) => retryScheduleMs[attempt - 1] === undefined);
  return result.kind === 'answered' && result.status >= 500 && (isLast || !keepsTogether);
}

const JITTER = 0.2;

/**
 * Returns the delay before the next attempt, in milliseconds, after attempt `attempt` (from 1) has
 * failed; null when the schedule has ended. Each delay varies by +-20 %, so that deliveries that
 * failed together are not retried together.
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
