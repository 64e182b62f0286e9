import type { Mention } from './mention.ts';

/** The treatment of the first window ever, when nothing has been seen yet. */
export type Backlog =
  /** All of it is sent. */
  | { readonly kind: 'all' }
  /** All of it is marked as seen, none of it sent. */
  | { readonly kind: 'none' }
  /** Mentions spotted in the last `ageMs` are sent, the others are marked as seen. */
  | { readonly kind: 'recent'; readonly ageMs: number };

/** The longest age that is understood, in days: ten years, far more than any window spans. */
export const MAX_BACKLOG_DAYS = 3650;

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads `all`, `none`, or an age as a whole number of minutes, hours or days (`90m`, `24h`, `7d`),
 * without regard to case. Null for anything else, an age of zero, and an age over ten years.
 */
export function parseBacklog(text: string): Backlog | null {
  const word = text.trim().toLowerCase();
  if (word === 'all' || word === 'none') return { kind: word };
  const ageMs = parseAgeMs(word);
  return ageMs === null ? null : { kind: 'recent', ageMs };
}

/**
 * Reads an age, written as a whole number of minutes, hours or days in any case (`90m`, `24h`, `7d`).
 * Returns milliseconds; null for anything else, an age of zero, and an age over ten years.
 */
export function parseAgeMs(text: string): number | null {
  const [, count, unit] = /^(\d{1,7})([mhd])$/.exec(text.trim().toLowerCase()) ?? [];
  const ageMs = Number(count) * (UNITS_MS[unit ?? ''] ?? 0);
  return ageMs > 0 && ageMs <= MAX_BACKLOG_DAYS * 86_400_000 ? ageMs : null;
}

/** Writes a backlog as in the configuration, its age in the largest unit that fits. */
export function formatBacklog(backlog: Backlog): string {
  if (backlog.kind !== 'recent') return backlog.kind;
  const unit = ['d', 'h'].find((name) => backlog.ageMs % (UNITS_MS[name] ?? 1) === 0) ?? 'm';
  return `${backlog.ageMs / (UNITS_MS[unit] ?? 1)}${unit}`;
}

/**
 * Returns whether a mention of the first window ever is sent. A mention whose time is unreadable
 * counts as recent: one too many is better than one lost.
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
