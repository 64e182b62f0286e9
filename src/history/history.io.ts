import type { RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import type { KeptEnd, KeptMention } from './kept-mention.ts';

/** The mentions of the last HISTORY_DAYS, each once, with the ends of their deliveries. */
export interface History {
  /** Finds a mention by its identity: see `identityOf`. */
  find(identity: string): Promise<KeptMention | null>;
  /** Finds all mentions of a post, oldest first, by its id, or by the number or token in its link. */
  ofPost(post: string): Promise<readonly KeptMention[]>;
  /** Returns the mentions kept from `sinceMs` up to, but not including, `untilMs`, oldest first. */
  between(sinceMs: number, untilMs: number): AsyncIterable<KeptMention>;
  /** Adds ends of deliveries. Skips those of mentions that are not kept. */
  end(ends: readonly { readonly identity: string; readonly end: KeptEnd }[]): Promise<void>;
}

/** Opens the history on a connection. */
export function createHistory(_redis: RedisClient, _keys: RedisKeys): History {
  throw new Error('not yet');
}
