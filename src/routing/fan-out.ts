import { listedMention, type Mention, type MentionKey } from '../domain/mention.ts';
import { wantsMentions, type Webhook, wantsAlerts } from '../domain/webhook.ts';
import { match, type Match, matchRecovered } from './mention-filter.ts';
import type { RecoveredDelivery, AlertDelivery } from '../domain/delivery.ts';
import { deliveryKey, recoveredDeliveryKeyBy, type KeyRule } from '../domain/old-keys.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import { alertKey, type Alert } from '../domain/alert.ts';
import type { KnownLeads } from './lead.ts';

/** The decision on one mention for one webhook. */
export type Routing =
  | (Extract<Match, { wanted: true }> & {
      readonly key: MentionKey;
      /** The mentions that its message lists besides it. Absent without any. */
      readonly others?: readonly Mention[];
    })
  /** A part of the filter refuses it. */
  | Extract<Match, { wanted: false }>
  /** The webhook gets no mentions. */
  | { readonly wanted: false; readonly because: 'events' }
  | Merged;

/** It has no message of its own: that of its post or lead, with this key, lists it or was queued before. */
interface Merged {
  readonly wanted: false;
  readonly because: 'post' | 'lead';
  readonly key: MentionKey;
}

/** The rule by which mentions become deliveries. */
export interface FanOutRule extends KeyRule {
  /** With DEDUPE_BY=lead the leads of the mentions. */
  readonly leads?: KnownLeads;
}

// A window has at most 100 mentions as far as is documented.
const MAX_OTHERS = 99;

/**
 * Decides for each of these mentions, in their order, whether a webhook gets it, and under which key.
 *
 * DEDUPE_BY=post and lead make one delivery of all mentions of a post or lead that this webhook wants: its
 * first one, which lists the others. Each mention is marked as seen by itself, so a later one still
 * reaches a webhook that did not want the first. For a webhook that did, a later mention of a post has
 * the same job id, or the same entry in the ledger; a later one of a lead is not queued.
 */
export function fanOut(
  webhook: Pick<Webhook, 'name' | 'events' | 'filter'>,
  mentions: readonly Mention[],
  rule: FanOutRule,
): readonly Routing[] {
  const because = rule.dedupeBy === 'lead' ? 'lead' : 'post';
  const taken = new Map<MentionKey, Mention[]>();
  const routings = mentions.map((mention): Routing => {
    if (!wantsMentions(webhook)) return { wanted: false, because: 'events' };
    const matched = match(mention, webhook.filter);
    if (!matched.wanted) return matched;
    const lead = rule.leads?.get(mention);
    const key = lead?.key ?? deliveryKey(mention, rule);
    const merged: Merged = { wanted: false, because, key };
    if (lead?.webhooks.includes(webhook.name)) return merged;
    const others = taken.get(key);
    if (others === undefined) {
      taken.set(key, []);
      return { ...matched, key };
    }
    if (others.length < MAX_OTHERS) others.push(listedMention(mention));
    return merged;
  });
  return routings.map((routing) => {
    const others = routing.wanted ? (taken.get(routing.key) ?? []) : [];
    return others.length === 0 ? routing : Object.assign({}, routing, { others });
  });
}

/** Returns true if a webhook wants a mention but gets no message of its own of it. */
export function isMerged(routing: Routing | undefined): routing is Merged {
  return routing?.wanted === false && 'key' in routing;
}

/**
 * Returns a delivery of each recovered mention for each webhook that wants it: one webhook after the
 * other, in the order of the mentions. With DEDUPE_BY=post a webhook gets the first mention of a post
 * that it wants.
 */
export function recoveredDeliveries(
  webhooks: readonly Pick<Webhook, 'name' | 'events' | 'filter'>[],
  mentions: readonly RecoveredMention[],
  found: KeyRule & {
    /** The time at which the API's answer arrived. */
    readonly polledAtMs: number;
  },
): readonly RecoveredDelivery[] {
  return webhooks.flatMap((webhook) => {
    const taken = new Set<MentionKey>();
    return mentions.flatMap((mention): RecoveredDelivery[] => {
      const routing = recoveredRouting(webhook, mention, found);
      if (!routing.wanted || taken.has(routing.key)) return [];
      const { key } = routing;
      taken.add(key);
      const { polledAtMs } = found;
      return [{ kind: 'recovered', webhook: webhook.name, key, mention, polledAtMs }];
    });
  });
}

/** Decides whether a webhook gets a recovered mention, and under which key. */
export function recoveredRouting(
  webhook: Pick<Webhook, 'events' | 'filter'>,
  mention: RecoveredMention,
  rule: KeyRule,
): Routing {
  if (!wantsMentions(webhook)) return { wanted: false, because: 'events' };
  const matched = matchRecovered(mention, webhook.filter);
  if (!matched.wanted) return matched;
  return { ...matched, key: recoveredDeliveryKeyBy(mention, rule) };
}

/**
 * Returns a delivery of an alert for each webhook that wants alerts, in their order. Filters apply to
 * mentions alone. An alert about a webhook that takes nothing goes to the others. The same alert
 * always gives the same deliveries.
 */
export function alertDeliveries(
  webhooks: readonly Pick<Webhook, 'name' | 'events'>[],
  alert: Alert,
): readonly AlertDelivery[] {
  const key = alertKey(alert);
  return webhooks
    .filter((webhook) => wantsAlerts(webhook) && webhook.name !== deafWebhook(alert))
    .map(({ name }) => ({ kind: 'alert', webhook: name, key, alert }));
}

function deafWebhook(alert: Alert): string | null {
  // A webhook that refuses a delivery may take the next one.
  if (alert.type !== 'relay.trouble' || alert.trouble === 'deliveries_failed') return null;
  return alert.webhook;
}
