import type { MentionKey } from '../../src/domain/mention.ts';
import type { SeenMentions } from '../../src/pipeline/poll.ts';

/** A seen set that forgets nothing: no run has more mentions than need be forgotten. */
export function createSeenInMemory(): SeenMentions {
  const seen = new Set<MentionKey>();
  let firstWindow = true;
  let newestMs: number | null = null;
  return {
    async unseen(window) {
      const unseenIndexes = window.flatMap((key, index) => (seen.has(key) ? [] : [index]));
      return { firstWindow, unseenIndexes, newestSpottedAtMs: newestMs };
    },
    async mark(keys, { newestSpottedAtMs }) {
      firstWindow = false;
      for (const key of keys) seen.add(key);
      if (newestSpottedAtMs !== null) newestMs = Math.max(newestMs ?? 0, newestSpottedAtMs);
    },
  };
}
