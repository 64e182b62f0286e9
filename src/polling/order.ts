import { mentionKey, type Mention, type MentionKey } from '../domain/mention.ts';

/**
 * Oldest `spotted` first. Mentions spotted in the same second keep the API's order reversed, since
 * a window comes newest first as far as is known; those without a readable time come last.
 */
export function oldestFirst(window: readonly Mention[]): Mention[] {
  return window
    .toReversed()
    .sort((a, b) => (a.spottedAtMs ?? Infinity) - (b.spottedAtMs ?? Infinity) || 0);
}

/** Each mention once: the first of those that are the same. */
export function distinct(mentions: readonly Mention[]): Mention[] {
  const taken = new Set<MentionKey>();
  return mentions.filter((mention) => {
    const key = mentionKey(mention, 'mention');
    return !taken.has(key) && taken.add(key);
  });
}
