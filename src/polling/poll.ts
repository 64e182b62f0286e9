import type { SeenMentions } from '../state/seen-mentions.io.ts';
import type { GapAlert } from '../domain/alert.ts';
import { type Backlog, backlogSends } from '../domain/backlog.ts';
import type { Delivery, MentionDelivery } from '../domain/delivery.ts';
import type { EventLog } from '../domain/event-log.ts';
import { mentionKey, type DedupeBy, type Mention, type MentionKey } from '../domain/mention.ts';
import type { KeyRule } from '../domain/old-keys.ts';
import type { Webhook } from '../domain/webhook.ts';
import { fanOut, isMerged, type Routing } from '../routing/fan-out.ts';
import type { KnownLead, KnownLeads } from '../routing/lead.ts';
import type { PolledMentions } from '../history/polled-mentions.ts';
import { gapBefore, newestPlausible } from '../state/gap.ts';
import type { Leads } from '../state/leads/leads.io.ts';
import { spottedPerMs } from './next-poll.ts';
import { logMentions } from './mention-log.ts';
import { logEmptyState, logGap } from './poll-log.ts';

/** An answer of `POST /account/mentions`. */
export interface MentionWindow {
  /** In the API's order. */
  readonly mentions: readonly Mention[];
  /** Number of items that could not be read and were set aside. */
  readonly malformed: number;
  readonly receivedAtMs: number;
}

export interface PollPorts {
  readonly fetchWindow: (signal: AbortSignal) => Promise<MentionWindow>;
  readonly seen: SeenMentions;
  readonly leads: Leads;
  /** Keeps new mentions in the history. Nothing waits for it. */
  readonly keep?: (polled: PolledMentions) => void;
  /** Resolves when Redis has acknowledged every delivery; keeps their order. */
  readonly enqueue: (webhook: string, deliveries: readonly Delivery[]) => Promise<void>;
  /** Resolves when Redis has acknowledged the alert for every webhook that wants alerts. */
  readonly alert: (alert: GapAlert) => Promise<void>;
  /** True if there was a state before: then a missing one has vanished. */
  readonly hadState: () => boolean;
  /** Called when there is no state, before anything is queued: other data in Redis may be gone too. */
  readonly onEmptyState: () => Promise<void>;
  readonly log: EventLog;
}

export interface PollSettings {
  readonly webhooks: readonly Webhook[];
  readonly dedupeBy: DedupeBy;
  readonly backlog: Backlog;
}

export interface PollOutcome {
  readonly windowSize: number;
  readonly malformed: number;
  /** Number of different mentions that were not seen before. */
  readonly newMentions: number;
  /** Number of deliveries put into the queues. */
  readonly queued: number;
  /** Number of new mentions without a message of their own: another one of their post or lead has it. */
  readonly merged: number;
  /** True if mentions may have been missed before this window. */
  readonly gap: boolean;
  /** Time since the poll before it; null if there was none. */
  readonly sinceLastMs: number | null;
  /** The latest rate of its new mentions. */
  readonly spottedPerMs: number;
}

/**
 * Polls once: fetches the window, drops what was seen, queues the rest for each webhook that wants
 * it, and only then marks it as seen. A crash at any point repeats work, which the deterministic job
 * ids and the ledger of deliveries absorb. It never loses a mention.
 */
export async function poll(
  ports: PollPorts,
  settings: PollSettings,
  signal: AbortSignal,
): Promise<PollOutcome> {
  const { seen, enqueue, log } = ports;
  const { dedupeBy, webhooks, backlog } = settings;

  const window = await ports.fetchWindow(signal);
  const { firstWindow, unseenIndexes, recoveredIndexes, ...before } = await seen.unseen(
    window.mentions,
  );
  const at = (indexes: readonly number[]): Mention[] =>
    indexes.flatMap((index) => window.mentions[index] ?? []);
  const unseen = distinct(oldestFirst(at(unseenIndexes)));
  const recovered = distinct(oldestFirst(at(recoveredIndexes)));

  const toSend = firstWindow
    ? unseen.filter((mention) => backlogSends(backlog, mention, window.receivedAtMs))
    : unseen;
  if (firstWindow) {
    logEmptyState(log, {
      backlog,
      vanished: ports.hadState(),
      sending: toSend.length,
      skipping: unseen.length - toSend.length,
    });
    await ports.onEmptyState();
  }

  const gap = gapBefore(window, {
    firstWindow,
    // Without anything new, recovered mentions show that the window is an old one.
    seen:
      window.mentions.length -
      unseenIndexes.length -
      (unseenIndexes.length > 0 ? recoveredIndexes.length : 0),
    newestSpottedAtMs: before.newestSpottedAtMs,
  });
  if (gap !== null) {
    logGap(log, gap, window.mentions.length);
    await ports.alert({ type: 'gap.detected', ...gap, detectedAtMs: window.receivedAtMs });
  }

  const rule: KeyRule = {
    // What an unmarked poll may have queued by the former value keeps its keys.
    dedupeBy: before.formerDedupeBy ?? dedupeBy,
    oldKeysBeforeMs: before.oldKeysBeforeMs,
  };
  const leads: KnownLeads =
    rule.dedupeBy === 'lead'
      ? await ports.leads.claim(toSend, { ...rule, receivedAtMs: window.receivedAtMs })
      : new Map();
  const routes = webhooks.map((webhook) => ({
    webhook: webhook.name,
    routings: fanOut(webhook, toSend, { ...rule, leads }),
  }));
  const polled = { recovered, unseen, toSend, routes, polledAtMs: window.receivedAtMs };
  // Before they are queued: a delivery may end at once.
  ports.keep?.(polled);
  let queued = 0;
  for (const { webhook, routings } of routes) {
    const deliveries = routings.flatMap((routing, index): MentionDelivery[] => {
      const mention = toSend[index];
      if (!routing.wanted || mention === undefined) return [];
      const { key, others } = routing;
      const polledAtMs = window.receivedAtMs;
      return [{ kind: 'mention', webhook, key, mention, ...(others && { others }), polledAtMs }];
    });
    if (deliveries.length === 0) continue;
    await enqueue(webhook, deliveries);
    queued += deliveries.length;
  }
  logMentions(log, polled);
  await ports.leads.mark(queuedLeads(toSend, routes, leads));
  // Last: a crash before it repeats the poll's work, and does not lose it.
  await seen.mark([...recovered, ...unseen], {
    polledAtMs: window.receivedAtMs,
    newestSpottedAtMs: newestPlausible(window.mentions, window.receivedAtMs),
    gap,
    firstWindow,
  });

  return {
    windowSize: window.mentions.length,
    malformed: window.malformed,
    newMentions: unseen.length,
    queued,
    merged: toSend.filter((_, index) => routes.some(({ routings }) => isMerged(routings[index])))
      .length,
    gap: gap !== null,
    sinceLastMs: before.sinceLastMs,
    spottedPerMs: spottedPerMs(unseen),
  };
}

/** Returns the leads of these mentions, each with the webhooks for which it was queued now. */
function queuedLeads(
  mentions: readonly Mention[],
  routes: readonly { readonly webhook: string; readonly routings: readonly Routing[] }[],
  leads: KnownLeads,
): readonly KnownLead[] {
  return mentions.flatMap((mention, index) => {
    const lead = leads.get(mention);
    const webhooks = routes
      .filter(({ routings }) => routings[index]?.wanted)
      .map(({ webhook }) => webhook);
    return lead === undefined || webhooks.length === 0 ? [] : [{ ...lead, webhooks }];
  });
}

/**
 * Returns the mentions with the oldest `spotted` first. Mentions of the same second come in the API's
 * order reversed, because a window is newest first as far as is known. Mentions without a readable
 * time come last.
 */
export function oldestFirst(window: readonly Mention[]): Mention[] {
  return window
    .toReversed()
    .sort((a, b) => (a.spottedAtMs ?? Infinity) - (b.spottedAtMs ?? Infinity) || 0);
}

/** Returns the first of each group of equal mentions. */
export function distinct(mentions: readonly Mention[]): Mention[] {
  const taken = new Set<MentionKey>();
  return mentions.filter((mention) => {
    const key = mentionKey(mention, 'mention');
    return !taken.has(key) && taken.add(key);
  });
}
