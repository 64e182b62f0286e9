import { resentKey, type Delivery } from '../../domain/delivery.ts';
import { foldText } from '../../domain/foreign/folded-text.ts';
import { hasKey, refersTo, type MentionReference } from '../trace/mention-reference.ts';
import type { Mention, MentionKey } from '../../domain/mention.ts';
import { deliveryKey, type KeyRule } from '../../domain/old-keys.ts';
import { parseRecoveredMention, type RecoveredMention } from '../../domain/recovered-mention.ts';
import type { Webhook } from '../../domain/webhook.ts';
import { fanOut, recoveredRouting, type Routing } from '../../routing/fan-out.ts';
import { LEAD_MS, leadAtMs, leadOf, type KnownLead } from '../../routing/lead.ts';
import { why } from '../preview/route-words.ts';

/** A mention that may be sent again. */
export interface Candidate {
  readonly mention: Mention;
  readonly recovered: boolean;
  /** True if a sweep had found it before a poll: then it was sent as a recovered one, and is again. */
  readonly sweptBefore?: boolean;
  /** The time of the poll or sweep that brought it. */
  readonly polledAtMs: number;
}

/** The mentions that a user selects. Empty lists select all. */
export interface Selection {
  readonly references: readonly MentionReference[];
  readonly keywords: readonly string[];
  /** Ids or names. */
  readonly groups: readonly string[];
}

/** Returns true if a user selects a mention. Keywords and groups are compared as filters compare them. */
export function isSelected({ mention }: Pick<Candidate, 'mention'>, selection: Selection): boolean {
  const { references, keywords, groups } = selection;
  const { keyword, group } = mention;
  const isOneOf = (list: readonly string[], ...values: readonly string[]): boolean =>
    list.length === 0 || list.some((entry) => values.map(foldText).includes(foldText(entry)));
  return (
    isOneOf(keywords, keyword) &&
    isOneOf(groups, group.id, group.name) &&
    (references.length === 0 ||
      references.some((each) =>
        each.kind === 'key' ? hasKey(mention, each.key) : refersTo(each, mention),
      ))
  );
}

/** A mention that a webhook gets, and what does not depend on the run. */
export interface Chosen {
  readonly key: MentionKey;
  readonly delivery: Delivery;
}

/** The decision on some candidates. */
export interface Choice {
  readonly chosen: readonly Chosen[];
  /** The reason for each mention that is left out. */
  readonly leftOut: readonly string[];
}

const SWEPT_BEFORE = 'a sweep found it before a poll did: it counts as recovered';
// Of so many posts or leads at least it is remembered that one was chosen.
const REMEMBERED = 10_000;

/**
 * Returns a function that decides which mentions a webhook gets, for one portion after the other, oldest
 * first. The webhook's rules apply. With DEDUPE_BY=post or lead it gets one message of each, as from
 * polls; mentions of one portion are listed in it. The memory that this takes is bounded.
 */
export function createChoice(
  webhook: Pick<Webhook, 'name' | 'events' | 'filter'>,
  rule: KeyRule,
): (portion: readonly Candidate[]) => Choice {
  const taken = createMemory<true>(REMEMBERED);
  const leads = createMemory<{ readonly key: MentionKey; readonly atMs: number }>(REMEMBERED);

  function leadFor({ mention, polledAtMs }: Candidate): readonly [Mention, KnownLead] | null {
    const lead = leadOf(mention);
    if (lead === null) return null;
    const atMs = leadAtMs(mention, polledAtMs);
    let first = leads.get(lead);
    if (first === undefined || Math.abs(atMs - first.atMs) > LEAD_MS) {
      first = { key: deliveryKey(mention, rule), atMs };
      leads.set(lead, first);
    }
    const { key } = first;
    return [mention, { lead, key, webhooks: taken.has(key) ? [webhook.name] : [] }];
  }

  function routingsOf(portion: readonly Candidate[]): readonly Routing[] {
    const polled = portion.filter(({ recovered }) => !recovered);
    const mentions = polled.map(({ mention }) => mention);
    const known = new Map(
      rule.dedupeBy === 'lead' ? polled.map(leadFor).filter((pair) => pair !== null) : [],
    );
    const routings = fanOut(webhook, mentions, { ...rule, leads: known })[Symbol.iterator]();
    return portion.map((each): Routing => {
      const routing = each.recovered
        ? recoveredRouting(webhook, asRecovered(each.mention), rule)
        : routings.next().value;
      if (routing?.wanted && rule.dedupeBy !== 'mention') {
        if (taken.has(routing.key)) {
          const because = rule.dedupeBy === 'lead' ? 'lead' : 'post';
          return { wanted: false, because, key: routing.key };
        }
        taken.set(routing.key, true);
      }
      return routing ?? { wanted: false, because: 'events' };
    });
  }

  return (candidates) => {
    const portion = candidates.filter(({ sweptBefore }) => !sweptBefore);
    const chosen: Chosen[] = [];
    const leftOut = candidates.flatMap(({ sweptBefore }) => (sweptBefore ? [SWEPT_BEFORE] : []));
    for (const [index, routing] of routingsOf(portion).entries()) {
      const candidate = portion[index];
      if (candidate === undefined) continue;
      if (!routing.wanted) leftOut.push(why(routing));
      else
        chosen.push({ key: routing.key, delivery: deliveryOf(webhook.name, candidate, routing) });
    }
    return { chosen, leftOut };
  };
}

/** Returns the delivery of a chosen mention in a run. */
export function resentDelivery({ key, delivery }: Chosen, run: string): Delivery {
  return { ...delivery, key: resentKey(key, run) };
}

function deliveryOf(
  webhook: string,
  { mention, recovered, polledAtMs }: Candidate,
  { key, others }: Extract<Routing, { wanted: true }>,
): Delivery {
  const about = { webhook, key, polledAtMs };
  if (!recovered) return { kind: 'mention', ...about, mention, ...(others && { others }) };
  return { kind: 'recovered', ...about, mention: asRecovered(mention) };
}

/** Reads a kept mention as the post that a sweep found. */
function asRecovered({ raw, group, ...mention }: Mention): RecoveredMention {
  const parsed = parseRecoveredMention(raw, group);
  return parsed.ok ? parsed.value : { ...mention, raw, group, rawGroup: group };
}

interface Memory<V> {
  readonly get: (key: string) => V | undefined;
  readonly has: (key: string) => boolean;
  readonly set: (key: string, value: V) => void;
}

/** Creates a memory of at least `size` entries and less than twice as many. It forgets the oldest. */
function createMemory<V>(size: number): Memory<V> {
  let current = new Map<string, V>();
  let previous = new Map<string, V>();
  return {
    get: (key) => current.get(key) ?? previous.get(key),
    has: (key) => current.has(key) || previous.has(key),
    set(key, value) {
      current.set(key, value);
      if (current.size < size) return;
      previous = current;
      current = new Map();
    },
  };
}
