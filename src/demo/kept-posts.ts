import { digest, type JsonObject } from '../domain/mention.ts';
import type { ChatName } from './chats.ts';
import type { Verification } from './verify-signature.ts';

/** One POST that the inbox got. */
export type InboxPost = ChatPost | HttpPost;

interface Arrival {
  readonly atMs: number;
  /** What was answered. */
  readonly status: number;
  /** How many mentions are in it. */
  readonly mentions: number;
}

/** A message for a channel of a chat. */
export interface ChatPost extends Arrival {
  readonly kind: ChatName;
  readonly message: JsonObject;
}

/** JSON with the headers of the Standard Webhooks specification. */
export interface HttpPost extends Arrival {
  readonly kind: 'http';
  readonly verification: Verification;
  /** What is worth showing, in the order in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body as it came: valid JSON. Parsed, its long numbers would lose digits. */
  readonly text: string;
}

/** A kept POST with the number under which the page knows it: 1, 2, 3, ... */
export type KeptPost = InboxPost & { readonly number: number };

/** How many mentions came, since the start. */
export interface InboxCounts extends Readonly<Record<ChatName, number>> {
  readonly http: number;
  /** POSTs that came a second time: there should never be one. */
  readonly repeats: number;
}

/** The newest POSTs, and counts of all. */
export interface KeptPosts {
  /**
   * Keeps a POST, and counts its mentions, or one repeat, if it was accepted. `identity` is what
   * all attempts of one message share; `characters` is the length of its body.
   */
  readonly keep: (post: InboxPost, identity: string, characters: number) => KeptPost;
  /** Oldest first. */
  readonly all: () => readonly KeptPost[];
  readonly counts: () => InboxCounts;
}

// A page can't show more, and nobody would look.
const MAX_POSTS = 200;
const MAX_CHARACTERS = 4_000_000;
// Hours of the demo: a repeat comes soon or never.
const MAX_IDENTITIES = 10_000;

/** Keeps 200 POSTs and 4 million characters of bodies at most, and knows repeats among 10,000. */
export function createKeptPosts(): KeptPosts {
  const kept: { readonly post: KeptPost; readonly characters: number }[] = [];
  let keptCharacters = 0;
  let number = 0;
  const counts = { slack: 0, discord: 0, teams: 0, http: 0, repeats: 0 };
  // Oldest first, as a Set is.
  const known = new Set<string>();

  function count({ kind, mentions }: InboxPost, identity: string): void {
    const key = digest(`${kind} ${identity}`);
    if (known.has(key)) {
      counts.repeats += 1;
      return;
    }
    counts[kind] += mentions;
    known.add(key);
    for (const oldest of known) {
      if (known.size <= MAX_IDENTITIES) break;
      known.delete(oldest);
    }
  }

  return {
    keep(post, identity, characters) {
      if (post.status < 300) count(post, identity);
      number += 1;
      const numbered: KeptPost = { ...post, number };
      kept.push({ post: numbered, characters });
      keptCharacters += characters;
      while (kept.length > MAX_POSTS || keptCharacters > MAX_CHARACTERS) {
        keptCharacters -= kept.shift()?.characters ?? 0;
      }
      return numbered;
    },
    all: () => kept.map(({ post }) => post),
    counts: () => ({ ...counts }),
  };
}
