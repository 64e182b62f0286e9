import type { Mention, MentionKey } from '../domain/mention.ts';
import { wantsMentions, type Webhook, wantsAlerts } from '../domain/webhook.ts';
import { match, type Match, matchRecovered } from './mention-filter.ts';
import type { RecoveredDelivery, AlertDelivery } from '../domain/delivery.ts';
import { deliveryKey, recoveredDeliveryKeyBy, type KeyRule } from '../domain/old-keys.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import { alertKey, type Alert } from '../domain/alert.ts';

/** The decision on one mention for one webhook. */
export type Routing =
  | (Extract<Match, { wanted: true }> & { readonly key: MentionKey })
  /** A part of the filter refuses it. */
  | Extract<Match, { wanted: false }>
  /** `events`: the webhook gets no mentions. `post`: it gets another mention of the same post. */
  | { readonly wanted: false; readonly because: 'events' | 'post' };

/**
 * Decides for each of these mentions, in their order, whether a webhook gets it, and under which key.
 *
 * DEDUPE_BY=post makes one delivery of all mentions of a post that this webhook wants, while each
 * mention is marked as seen by itself. So a second mention of a post, in this window or a later one,
 * still reaches a webhook that did not want the first. For a webhook that did, it has the same job
 * id, or the same entry in the ledger.
 */
export function fanOut(
  webhook: Pick<Webhook, 'events' | 'filter'>,
  mentions: readonly Mention[],
  rule: KeyRule,
): readonly Routing[] {
  const taken = new Set<MentionKey>();
  return mentions.map((mention) => {
    if (!wantsMentions(webhook)) return { wanted: false, because: 'events' };
    const matched = match(mention, webhook.filter);
    if (!matched.wanted) return matched;
    const key = deliveryKey(mention, rule);
    if (taken.has(key)) return { wanted: false, because: 'post' };
    taken.add(key);
    return { ...matched, key };
  });
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
  return webhooks.filter(wantsMentions).flatMap(({ name, filter }) => {
    const taken = new Set<MentionKey>();
    return mentions.flatMap((mention): RecoveredDelivery[] => {
      if (!matchRecovered(mention, filter).wanted) return [];
      const key = recoveredDeliveryKeyBy(mention, found);
      if (taken.has(key)) return [];
      taken.add(key);
      return [{ kind: 'recovered', webhook: name, key, mention, polledAtMs: found.polledAtMs }];
    });
  });
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
