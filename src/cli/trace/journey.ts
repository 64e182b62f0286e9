import type { OperatorPause } from '../../delivering/gate/operator-pause.io.ts';
import type { GateStatus } from '../../delivering/gate/webhook-gate.io.ts';
import { isResent, originalKey } from '../../domain/delivery.ts';
import { digestPeriod, waitingPeriod, waitsForDigest } from '../../domain/hours/digest-times.ts';
import { closedForMs } from '../../domain/hours/working-hours.ts';
import { mentionKey, type Mention, type MentionKey } from '../../domain/mention.ts';
import type { Webhook } from '../../domain/webhook.ts';
import type { KeptEnd } from '../../history/kept-mention.ts';
import type { PreviewedMention } from '../../polling/window-preview.ts';
import type { QueuedDelivery } from '../../queues/traced-deliveries.ts';
import type { Routing } from '../../routing/fan-out.ts';
import type { Unwanted } from '../preview/route-words.ts';

/** The state of a mention for the relay: see PreviewedMention. */
export type MentionStatus = PreviewedMention['status'];

/** All that is known about one mention at one webhook. */
export interface WebhookFacts {
  readonly name: string;
  /** Null if it is not configured. */
  readonly webhook: Pick<Webhook, 'hours' | 'digest'> | null;
  /** The decision of its present rules; null if it is not configured. */
  readonly routing: Routing | null;
  /** The deliveries of the mention, or of its post or lead, that wait or failed. */
  readonly queued: readonly QueuedDelivery[];
  /** The keys among those of the mention, its post and its lead that are in the ledger. */
  readonly delivered: readonly MentionKey[];
  /** Oldest first; empty without history. */
  readonly ends: readonly KeptEnd[];
  /** The mention whose ends these are, if it was merged into that one; else null. */
  readonly endsWithin: MentionKey | null;
  readonly gate: GateStatus;
}

/** One thing that happened to a mention at a webhook, or its state now. */
export type Step =
  /** The times are null if only the ledger knows it. */
  | ({ readonly state: 'delivered' | 'discarded' } & End)
  | ({ readonly state: 'failed'; readonly reason: string | null } & End)
  | ({ readonly state: 'waiting'; readonly before: number } & Queued)
  | ({ readonly state: 'retrying'; readonly dueAtMs: number } & Queued)
  | ({ readonly state: 'sending' } & Queued)
  /** A rule of its configuration refuses it, or a message of its post or lead stands for it. */
  | { readonly state: 'not-sent'; readonly routing: Unwanted }
  /** The next poll queues it. */
  | { readonly state: 'new' }
  /** It was in the first window, and BACKLOG left it out. */
  | { readonly state: 'backlog' }
  /** Its present rules accept it, and nothing is known about a delivery. */
  | { readonly state: 'unknown' };

/** The delivery of a step, if it is not the mention's own. */
export interface Mark {
  /** The key of a delivery that has a message of another mention: of the same post or lead. */
  readonly within?: MentionKey;
  /** True for a delivery that the command `resend` made. */
  readonly resent?: true;
}

interface End extends Mark {
  readonly atMs: number | null;
  readonly attempts: number | null;
  /** The HTTP status; null if there was no answer, or it is not kept. */
  readonly status: number | null;
}

interface Queued extends Mark {
  readonly queuedAtMs: number | null;
  readonly attempts: number;
  readonly reason: string | null;
  readonly waitsFor: readonly Wait[];
}

/** A reason why a webhook's deliveries wait, and for how long; null if nobody knows. */
export interface Wait {
  readonly reason: 'gone' | 'held' | 'paused' | 'operator' | 'closed' | 'digest' | 'unconfigured';
  readonly forMs: number | null;
}

/** Returns what happened to a mention at one webhook, oldest first, and its state now. */
export function journeyOf(
  about: {
    readonly status: MentionStatus;
    readonly mention: Mention;
    /** The keys under which it is, or was, delivered by itself. */
    readonly ownKeys: readonly MentionKey[];
  },
  facts: WebhookFacts,
  nowMs: number,
): readonly Step[] {
  const { webhook, routing, queued, delivered } = facts;
  const failed = queued.some(({ at }) => at.state === 'failed');
  const lastFailed = facts.ends.findLast(({ outcome }) => outcome === 'failed');
  // Of a failed delivery the queue knows the reason.
  const ends = facts.ends
    .filter((end) => !failed || end !== lastFailed)
    .map((end) => stepOfEnd(end, facts.endsWithin));
  const inLedger = ends.some(({ state }) => state === 'delivered')
    ? []
    : delivered.map((key) => stepOfLedger(marks(key, about.ownKeys.includes(originalKey(key)))));
  const now = queued.map((each) =>
    stepOf(each, facts, lastFailed?.status ?? null, about.mention, nowMs),
  );
  const steps = [...ends, ...inLedger, ...now];
  if (steps.length > 0 || webhook === null || routing === null) return steps;
  if (!routing.wanted) return [{ state: 'not-sent', routing }];
  return [{ state: about.status === 'seen' ? 'unknown' : about.status }];
}

function stepOfEnd({ outcome, atMs, attempts, status }: KeptEnd, within: MentionKey | null): Step {
  const end = { atMs, attempts, status, ...(within !== null && { within }) };
  if (outcome === 'failed') return { state: outcome, reason: null, ...end };
  return { state: outcome, ...end };
}

function stepOfLedger(mark: Mark): Step {
  return { state: 'delivered', atMs: null, attempts: null, status: null, ...mark };
}

function stepOf(
  { at, delivery, queuedAtMs, attempts, reason }: QueuedDelivery,
  facts: WebhookFacts,
  status: number | null,
  mention: Mention,
  nowMs: number,
): Step {
  const isOwn =
    delivery.kind !== 'mention' ||
    mentionKey(delivery.mention, 'mention') === mentionKey(mention, 'mention');
  const mark = marks(delivery.key, isOwn);
  if (at.state === 'failed') {
    return { state: 'failed', atMs: at.atMs, attempts, status, reason, ...mark };
  }
  const waitsFor = at.state === 'active' ? [] : waits(facts, queuedAtMs, nowMs);
  const queued = { queuedAtMs, attempts, reason, waitsFor, ...mark };
  switch (at.state) {
    case 'active':
      return { state: 'sending', ...queued };
    case 'waiting':
      return { state: 'waiting', before: at.before, ...queued };
    case 'retrying':
      return { state: 'retrying', dueAtMs: at.dueAtMs, ...queued };
  }
}

function marks(key: MentionKey, isOwn: boolean): Mark {
  return { ...(!isOwn && { within: key }), ...(isResent(key) && { resent: true as const }) };
}

/** Returns the reasons for which the deliveries of a webhook wait now. */
export function waits(
  { webhook, gate }: Pick<WebhookFacts, 'webhook' | 'gate'>,
  queuedAtMs: number | null,
  nowMs: number,
): readonly Wait[] {
  if (webhook === null) return [{ reason: 'unconfigured', forMs: null }];
  const { hours, digest } = webhook;
  const closedMs = closedForMs(hours, nowMs);
  const plan = digest && { digest, hours };
  const inDigest = plan !== null && waitsForDigest(queuedAtMs, waitingPeriod(plan, nowMs));
  return [
    ...(gate.gone ? [{ reason: 'gone', forMs: null } as const] : []),
    ...(gate.heldForMs === null ? [] : [{ reason: 'held', forMs: null } as const]),
    ...(gate.pausedForMs === null ? [] : [{ reason: 'paused', forMs: gate.pausedForMs } as const]),
    ...(gate.operatorPause === null ? [] : [operatorWait(gate.operatorPause, nowMs)]),
    ...(closedMs === 0 ? [] : [{ reason: 'closed', forMs: closedMs } as const]),
    ...(inDigest
      ? [{ reason: 'digest', forMs: digestPeriod(plan, nowMs).untilMs - nowMs } as const]
      : []),
  ];
}

function operatorWait({ untilMs }: OperatorPause, nowMs: number): Wait {
  return { reason: 'operator', forMs: untilMs && untilMs - nowMs };
}

/** A mention with its journey. */
export interface TracedMention {
  readonly mention: Mention;
  readonly status: MentionStatus;
  /** Found by a sweep. */
  readonly recovered: boolean;
  /** The key of its own deliveries. */
  readonly key: MentionKey;
  /** The time of the poll that brought it; null if it is not kept. */
  readonly polledAtMs: number | null;
  /** The key of the mention whose message lists it, or was queued before; null if it is none's copy. */
  readonly mergedInto: MentionKey | null;
  readonly webhooks: Readonly<Record<string, readonly Step[]>>;
}
