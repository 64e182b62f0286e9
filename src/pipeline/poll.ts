import type { Backlog } from '../domain/backlog.ts';
import type { Delivery } from '../domain/delivery.ts';
import type { EventLog } from '../domain/events.ts';
import {
  loggedId,
  mentionKey,
  type DedupeBy,
  type Mention,
  type MentionKey,
} from '../domain/mention.ts';
import type { Webhook } from '../domain/webhook.ts';
import { backlogSends } from './backlog.ts';
import { oldestFirst } from './order.ts';
import { match } from './route.ts';

/** One answer of `POST /account/mentions`. */
export interface MentionWindow {
  /** In the API's order. */
  readonly mentions: readonly Mention[];
  /** How many items could not be read and were set aside. */
  readonly malformed: number;
  readonly receivedAtMs: number;
}

/** The memory of mentions already handled. */
export interface SeenMentions {
  /**
   * Which of the window's mentions are not in memory, as indexes. Those that are count as seen
   * anew. `firstWindow` says that there is no memory at all yet.
   */
  unseen(
    window: readonly MentionKey[],
  ): Promise<{ readonly firstWindow: boolean; readonly unseenIndexes: readonly number[] }>;
  /** Remembers mentions as handled, and that a poll succeeded. */
  mark(keys: readonly MentionKey[], polledAtMs: number): Promise<void>;
}

export interface PollPorts {
  readonly fetchWindow: (signal: AbortSignal) => Promise<MentionWindow>;
  readonly seen: SeenMentions;
  /** Resolves when Redis has acknowledged every one of the deliveries; keeps their order. */
  readonly enqueue: (webhook: string, deliveries: readonly Delivery[]) => Promise<void>;
  /** Whether this process has polled with success: then there was a state, and it is gone. */
  readonly polledBefore: () => boolean;
  /** Called when there is no state, before anything is queued: whatever else was kept is gone too. */
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
  /** Different mentions that were not seen before. */
  readonly newMentions: number;
  /** Deliveries put into the queues. */
  readonly queued: number;
}

/**
 * One poll: fetch the window, drop what was seen, queue the rest for each webhook that wants it,
 * and only then mark it as seen. A crash anywhere repeats work, which the deterministic job ids
 * and the ledger of deliveries absorb; it never loses a mention.
 */
export async function poll(
  ports: PollPorts,
  settings: PollSettings,
  signal: AbortSignal,
): Promise<PollOutcome> {
  const { seen, enqueue, log } = ports;
  const { dedupeBy, webhooks, backlog } = settings;

  const window = await ports.fetchWindow(signal);
  const keys = window.mentions.map((mention) => mentionKey(mention, 'mention'));
  const { firstWindow, unseenIndexes } = await seen.unseen(keys);
  const unseen = oldestFirst(unseenIndexes.flatMap((index) => window.mentions[index] ?? []));
  const unseenKeys = new Set(unseen.map((mention) => mentionKey(mention, 'mention')));

  const toSend = firstWindow
    ? unseen.filter((mention) => backlogSends(backlog, mention, window.receivedAtMs))
    : unseen;
  if (firstWindow) {
    const vanished = ports.polledBefore();
    log[vanished ? 'warn' : 'info'](
      'state.empty',
      { backlog: backlog.kind, sending: toSend.length, skipping: unseen.length - toSend.length },
      vanished
        ? 'Redis was emptied: what was seen is forgotten and what waited is gone. This is taken as the first window ever, and BACKLOG decides what is sent'
        : 'no state in Redis: this is taken as the first window ever, and BACKLOG decides what is sent',
    );
    await ports.onEmptyState();
  }

  let queued = 0;
  for (const webhook of webhooks) {
    const deliveries = deliveriesFor(webhook, toSend, dedupeBy, window.receivedAtMs);
    if (deliveries.length === 0) continue;
    await enqueue(webhook.name, deliveries);
    queued += deliveries.length;
    for (const { key, mention } of deliveries) {
      log.debug(
        'mention.queued',
        { mentionId: loggedId(mention), mentionKey: key, webhook: webhook.name },
        'mention queued for delivery',
      );
    }
  }
  // Last, so that a crash before it repeats the poll's work rather than losing it.
  await seen.mark([...unseenKeys], window.receivedAtMs);

  return {
    windowSize: window.mentions.length,
    malformed: window.malformed,
    newMentions: unseenKeys.size,
    queued,
  };
}

function deliveriesFor(
  webhook: Webhook,
  mentions: readonly Mention[],
  dedupeBy: DedupeBy,
  polledAtMs: number,
): Delivery[] {
  // What is seen is always the mention; DEDUPE_BY=post makes one delivery of all those of a post
  // that this webhook wants. So the second of them, in this window or a later one, still reaches
  // a webhook that did not want the first; for one that did, it is the same job, or the same entry
  // in the ledger.
  const deliveries = new Map<MentionKey, Delivery>();
  for (const mention of mentions) {
    const key = mentionKey(mention, dedupeBy);
    if (!deliveries.has(key) && match(mention, webhook.filter).wanted) {
      deliveries.set(key, { webhook: webhook.name, key, mention, polledAtMs });
    }
  }
  return [...deliveries.values()];
}
