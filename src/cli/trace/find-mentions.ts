import { deliveryJobId, isResent, originalKey, type Delivery } from '../../domain/delivery.ts';
import { hasKey, postOf, refersTo, type MentionReference } from './mention-reference.ts';
import type { Mention, MentionKey } from '../../domain/mention.ts';
import type { RecoveredMention } from '../../domain/recovered-mention.ts';
import type { History } from '../../history/history.io.ts';
import { identityOf, recoveredIdentity, type KeptMention } from '../../history/kept-mention.ts';
import type { QueuedDelivery, TracedDeliveries } from '../../queues/traced-deliveries.ts';

/** A mention that a reference means, and where it was found. */
export interface FoundMention {
  readonly identity: MentionKey;
  /** Without id, position and content if a sweep found it. */
  readonly mention: Mention;
  readonly recovered: boolean;
  /** Null if the history does not have it. */
  readonly kept: KeptMention | null;
  /** The deliveries by which it was found. */
  readonly queued: readonly QueuedDelivery[];
  /** Null if no delivery is left. */
  readonly polledAtMs: number | null;
}

/** The places to search. */
interface Places {
  readonly history: Pick<History, 'find' | 'ofPost'>;
  readonly deliveries: Pick<TracedDeliveries, 'find' | 'search'>;
  /** All webhooks, also those that are no longer configured. */
  readonly names: readonly string[];
}

/**
 * Finds the mentions that a reference means. If the history does not have them, searches the queues and
 * failed deliveries of all webhooks and the present window.
 */
export async function findMentions(
  reference: MentionReference,
  { history, deliveries, names }: Places,
  askWindow: () => Promise<readonly Mention[]>,
): Promise<readonly FoundMention[]> {
  const kept = await inHistory(reference, history);
  if (kept.length > 0) {
    return kept.map((each) => found(each.mention, each.recovered, each));
  }
  const queued = await Promise.all(
    names.map((name) =>
      reference.kind === 'key'
        ? deliveries.find(name, [deliveryJobId(reference.key)])
        : deliveries.search(name, (each) => mentionsIn(each, reference).length > 0),
    ),
  );
  const all = new Map<MentionKey, FoundMention>();
  for (const each of queued.flat()) {
    for (const { mention, recovered } of mentionsIn(each.delivery, reference)) {
      const known = all.get(identified(mention, recovered)) ?? found(mention, recovered);
      all.set(known.identity, {
        ...known,
        queued: [...known.queued, each],
        polledAtMs: polledAtMsOf(each.delivery) ?? known.polledAtMs,
      });
    }
  }
  for (const mention of await askWindow()) {
    const isMeant =
      reference.kind === 'key' ? hasKey(mention, reference.key) : refersTo(reference, mention);
    const known = all.get(identified(mention, false));
    if (isMeant) all.set(identified(mention, false), { ...found(mention, false), ...known });
  }
  return [...all.values()];
}

/** Finds the mentions of the history that a reference means, oldest first. */
export async function inHistory(
  reference: MentionReference,
  history: Places['history'],
): Promise<readonly KeptMention[]> {
  const post = postOf(reference);
  if (reference.kind === 'key') {
    const kept = await history.find(reference.key);
    return kept === null ? [] : [kept];
  }
  const kept = post === null ? [] : await history.ofPost(post);
  return kept.filter(({ mention }) => refersTo(reference, mention));
}

function found(
  mention: Mention,
  recovered: boolean,
  kept: KeptMention | null = null,
): FoundMention {
  const identity = identified(mention, recovered);
  return { identity, mention, recovered, kept, queued: [], polledAtMs: null };
}

function identified(mention: Mention, recovered: boolean): MentionKey {
  return recovered ? recoveredIdentity(mention) : identityOf(mention);
}

/** Returns the time of the poll that brought a delivery; null for a resent one: its window may be another. */
function polledAtMsOf(delivery: Delivery): number | null {
  return delivery.kind === 'alert' || isResent(delivery.key) ? null : delivery.polledAtMs;
}

interface Meant {
  readonly mention: Mention;
  readonly recovered: boolean;
}

/** Returns the mentions of a delivery that a reference means. */
function mentionsIn(delivery: Delivery, reference: MentionReference): readonly Meant[] {
  if (delivery.kind === 'alert') return [];
  const own =
    delivery.kind === 'mention'
      ? { mention: delivery.mention, recovered: false }
      : { mention: asMention(delivery.mention), recovered: true };
  const others = delivery.kind === 'mention' ? (delivery.others ?? []) : [];
  if (reference.kind === 'key') {
    if (originalKey(delivery.key) === reference.key) return [own];
    return others
      .filter((other) => hasKey(other, reference.key))
      .map((mention) => ({ mention, recovered: false }));
  }
  return [own, ...others.map((mention) => ({ mention, recovered: false }))].filter(({ mention }) =>
    refersTo(reference, mention),
  );
}

function asMention({ keyword, link, owner, group, spottedAtMs, raw }: RecoveredMention): Mention {
  const unknown = { id: '', position: '', content: '' };
  return { ...unknown, keyword, link, owner: { ...owner, link: '' }, group, spottedAtMs, raw };
}
