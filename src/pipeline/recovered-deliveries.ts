import type { RecoveredDelivery } from '../domain/delivery.ts';
import type { DedupeBy, MentionKey } from '../domain/mention.ts';
import { recoveredDeliveryKey } from '../domain/permalink.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import { matchRecovered } from './route.ts';

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
