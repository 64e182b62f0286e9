import type { Backlog } from '../domain/backlog.ts';
import type { Mention } from '../domain/mention.ts';

/**
 * Whether a mention of the first window ever is sent. A mention whose time is unreadable counts as
 * recent: better one too many than one lost.
 */
export function backlogSends(backlog: Backlog, mention: Mention, nowMs: number): boolean {
  switch (backlog.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'recent':
      return mention.spottedAtMs === null || mention.spottedAtMs >= nowMs - backlog.ageMs;
  }
}
