import type { EventLog } from '../domain/events.ts';

/** An item of a window that could not be read as a mention. */
export interface MalformedItem {
  /** A hash of the item: the same item has the same one in every window. */
  readonly fingerprint: string;
  /** Our own words: what is wrong with it, without its content. */
  readonly reason: string;
}

/**
 * Tells of malformed items, each once for as long as it stays in the window: a window keeps the
 * same items for years on a quiet account, and is polled every few seconds.
 */
export function createMalformedItemsTeller(
  log: EventLog,
): (items: readonly MalformedItem[]) => void {
  let told: ReadonlySet<string> = new Set();
  return (items) => {
    // By fingerprint, so that an item that stands twice in a window is told of once.
    const present = new Map(items.map(({ fingerprint, reason }) => [fingerprint, reason]));
    for (const [fingerprint, reason] of present) {
      if (told.has(fingerprint)) continue;
      log.warn(
        'poll.item_malformed',
        { fingerprint, reason },
        'an item of the window can not be read as a mention: it is set aside, the others go on',
      );
    }
    told = new Set(present.keys());
  };
}
