import { digest, type JsonObject } from '../domain/mention.ts';
import type { ChatName } from './chats.ts';
import type { Verification } from './verify-signature.ts';

/** One POST to the inbox. */
export type InboxPost = ChatPost | HttpPost;

interface Arrival {
  readonly atMs: number;
  /** The status of the answer. */
  readonly status: number;
  /** The number of mentions in it. */
  readonly mentions: number;
}

/** A message for a chat's channel. */
export interface ChatPost extends Arrival {
  readonly kind: ChatName;
  readonly message: JsonObject;
}

/** JSON with the headers of the Standard Webhooks specification. */
export interface HttpPost extends Arrival {
  readonly kind: 'http';
  readonly verification: Verification;
  /** The headers that the page shows, in the order in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body as it came: valid JSON. Parsing it would cost long numbers their last digits. */
  readonly text: string;
}

/** A kept POST with its number for the page: 1, 2, 3, ... */
export type KeptPost = InboxPost & { readonly number: number };

/** The numbers of mentions since the start. */
export interface InboxCounts extends Readonly<Record<ChatName, number>> {
  readonly http: number;
  /** POSTs that came twice: there should be none. */
  readonly repeats: number;
}

/** The newest POSTs, and the counts of all. */
export interface KeptPosts {
  /**
   * Keeps a POST. If it was accepted, counts its mentions, or one repeat. `identity` is shared by all
   * attempts of one message; `characters` is the length of its body.
   */
  readonly keep: (post: InboxPost, identity: string, characters: number) => KeptPost;
  /** Oldest first. */
  readonly all: () => readonly KeptPost[];
  readonly counts: () => InboxCounts;
}

// More would not help anybody who looks at the page.
const MAX_POSTS = 200;
const MAX_CHARACTERS = 4_000_000;
// Enough for hours: a repeat comes soon or never.
const MAX_IDENTITIES = 10_000;

/** Keeps at most 200 POSTs and 4 million characters of bodies. Recognizes repeats among 10,000. */
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
