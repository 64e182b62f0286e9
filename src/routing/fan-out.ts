import { mentionKey, type DedupeBy, type Mention, type MentionKey } from '../domain/mention.ts';
import { wantsMentions, type Webhook, wantsAlerts } from '../domain/webhook.ts';
import { match, type Match, matchRecovered } from './route.ts';
import type { RecoveredDelivery, AlertDelivery } from '../domain/delivery.ts';
import { recoveredDeliveryKey } from '../domain/permalink.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import { alertKey, type Alert } from '../domain/alert.ts';

/** What becomes of one mention at one webhook. */
export type Routing =
  | { readonly wanted: true; readonly key: MentionKey }
  /** Part of its filter. */
  | Extract<Match, { wanted: false }>
  /** `events`: it gets no mentions at all. `post`: it has another mention of the same post. */
  | { readonly wanted: false; readonly because: 'events' | 'post' };

/**
 * What becomes of mentions at one webhook, in their order.
 *
 * What is seen is always the mention; DEDUPE_BY=post makes one delivery of all those of a post that
 * this webhook wants. So the second of them, in this window or a later one, still reaches a webhook
 * that did not want the first; for one that did, it is the same job, or the same entry in the
 * ledger.
 */
export function fanOut(
  webhook: Pick<Webhook, 'events' | 'filter'>,
  mentions: readonly Mention[],
  dedupeBy: DedupeBy,
): readonly Routing[] {
  const taken = new Set<MentionKey>();
  return mentions.map((mention) => {
    if (!wantsMentions(webhook)) return { wanted: false, because: 'events' };
    const matched = match(mention, webhook.filter);
    if (!matched.wanted) return matched;
    const key = mentionKey(mention, dedupeBy);
    if (taken.has(key)) return { wanted: false, because: 'post' };
    taken.add(key);
    return { wanted: true, key };
  });
}

/**
 * Recovered mentions for each webhook that wants them: one webhook after the other, in the order of
 * the mentions. With DEDUPE_BY=post a webhook gets the first of a post that it wants.
 */
export function recoveredDeliveries(
  webhooks: readonly Pick<Webhook, 'name' | 'events' | 'filter'>[],
  mentions: readonly RecoveredMention[],
  found: {
    readonly dedupeBy: DedupeBy;
    /** When the answer that brought them was received. */
    readonly polledAtMs: number;
  },
): readonly RecoveredDelivery[] {
  return webhooks.filter(wantsMentions).flatMap(({ name, filter }) => {
    const taken = new Set<MentionKey>();
    return mentions.flatMap((mention): RecoveredDelivery[] => {
      if (!matchRecovered(mention, filter).wanted) return [];
      const key = recoveredDeliveryKey(mention, found.dedupeBy);
      if (taken.has(key)) return [];
      taken.add(key);
      return [{ kind: 'recovered', webhook: name, key, mention, polledAtMs: found.polledAtMs }];
    });
  });
}

/**
 * An alert for each webhook that wants alerts, in their order; filters are for mentions, and keep
 * none away. That a webhook is held is told to the others. The same alert always gives the same
 * deliveries.
 */
export function alertDeliveries(
  webhooks: readonly Pick<Webhook, 'name' | 'events'>[],
  alert: Alert,
): readonly AlertDelivery[] {
  const key = alertKey(alert);
  return webhooks
    .filter((webhook) => wantsAlerts(webhook) && webhook.name !== aboutWebhook(alert))
    .map(({ name }) => ({ kind: 'alert', webhook: name, key, alert }));
}

function aboutWebhook(alert: Alert): string | null {
  return alert.type === 'relay.trouble' ? alert.webhook : null;
}
