import { mentionKey, type DedupeBy, type Mention, type MentionKey } from '../domain/mention.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import { match, type Match } from './route.ts';

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
