import type { MentionReference } from './mention-reference.ts';
import type { DedupeBy, Mention } from '../../domain/mention.ts';
import { permalinkKey } from '../../domain/permalink.ts';
import type { Webhook } from '../../domain/webhook.ts';

/** A post as the seen set knows it: a digest of group, post and keyword. */
export interface SeenPost {
  readonly groupId: string;
  readonly keyword: string;
  readonly key: string;
}

const MAX_ASKED = 10_000;

/**
 * Returns the keys that the seen set would have of a post: for each group that its link, the filters or
 * the window name, and for each keyword of those. 10,000 at most; empty for a key, which names no post.
 */
export function seenPostsOf(
  given: string,
  reference: MentionReference,
  known: {
    readonly window: readonly Mention[];
    readonly webhooks: readonly Pick<Webhook, 'filter'>[];
    readonly dedupeBy: DedupeBy;
  },
): readonly SeenPost[] {
  if (reference.kind === 'key') return [];
  const { window, webhooks, dedupeBy } = known;
  const filters = webhooks.map(({ filter }) => filter);
  const [, ownGroup] = /\/groups\/(\d+)(?![^/?#])/.exec(given) ?? [];
  const groupIds = new Set(
    ownGroup === undefined
      ? [
          ...window.map(({ group }) => group.id),
          ...filters.flatMap(({ groups = [] }) => groups).filter((group) => /^\d+$/.test(group)),
        ]
      : [ownGroup],
  );
  const keywords = new Set([
    ...window.map(({ keyword }) => keyword),
    ...filters.flatMap((filter) => filter.keywords ?? []),
  ]);
  const link = reference.kind === 'link' ? given : `https://www.facebook.com/posts/${reference.id}`;
  const posts = [...groupIds].flatMap((groupId) =>
    [...keywords].flatMap((keyword): SeenPost[] => {
      const key = permalinkKey(
        { link, keyword, group: { id: groupId }, spottedAtMs: null },
        dedupeBy,
      );
      return key === null ? [] : [{ keyword, groupId, key }];
    }),
  );
  // With DEDUPE_BY=post the keyword is no part of the key.
  return [...new Map(posts.map((post) => [post.key, post])).values()].slice(0, MAX_ASKED);
}
