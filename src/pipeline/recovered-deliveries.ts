import type { RecoveredDelivery } from '../domain/delivery.ts';
import type { MentionKey } from '../domain/mention.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import { matchRecovered } from './route.ts';

/**
 * Recovered mentions for each webhook that wants them: one webhook after the other, in the order of
 * the mentions. Of those with the same key a webhook gets the first that it wants: keys by post make
 * one delivery of a post, whatever its first mention's keyword.
 */
export function recoveredDeliveries(
  webhooks: readonly Pick<Webhook, 'name' | 'events' | 'filter'>[],
  mentions: readonly RecoveredMention[],
  {
    keyOf,
    polledAtMs,
  }: {
    readonly keyOf: (mention: RecoveredMention) => MentionKey;
    /** When the answer that brought them was received. */
    readonly polledAtMs: number;
  },
): readonly RecoveredDelivery[] {
  return webhooks.filter(wantsMentions).flatMap(({ name, filter }) => {
    const taken = new Set<MentionKey>();
    return mentions.flatMap((mention): RecoveredDelivery[] => {
      if (!matchRecovered(mention, filter).wanted) return [];
      const key = keyOf(mention);
      if (taken.has(key)) return [];
      taken.add(key);
      return [{ kind: 'recovered', webhook: name, key, mention, polledAtMs }];
    });
  });
}
