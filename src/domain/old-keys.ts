import {
  digest,
  mentionKey,
  type DedupeBy,
  type JsonObject,
  type Mention,
  type MentionKey,
} from './mention.ts';
import { recoveredDeliveryKey, secondOf, type Sighting } from './permalink.ts';

/*
 * The keys of releases whose state is older than version 4. They took the link as the API gave it. What
 * these releases have seen, queued or sent is known by them until both generations of the seen set
 * are younger than the change.
 */

/** The rule by which deliveries have their keys. */
export interface KeyRule {
  readonly dedupeBy: DedupeBy;
  /**
   * Deliveries of mentions that were spotted before this time keep their old keys, because an older
   * release may have queued them and crashed before it marked them. Infinity: those of all mentions, also
   * without a readable time. Undefined if no older release left anything.
   */
  readonly oldKeysBeforeMs?: number | undefined;
}

/** Returns the key of a mention's delivery. */
export function deliveryKey(mention: Mention, rule: KeyRule): MentionKey {
  const old = keepsOldKey(mention, rule) ? oldMentionKey(mention, rule.dedupeBy) : null;
  return old ?? mentionKey(mention, rule.dedupeBy);
}

/** Returns the key of a recovered mention's delivery. */
export function recoveredDeliveryKeyBy(post: Raw, rule: KeyRule): MentionKey {
  const { dedupeBy } = rule;
  if (!keepsOldKey(post, rule)) return recoveredDeliveryKey(post, dedupeBy);
  const identity = oldJoint(post, dedupeBy) ?? [post.group.id, '', textOf(post.raw['keyword'])];
  return digest(JSON.stringify(['recovered', ...identity, secondOf(post, dedupeBy)])) as MentionKey;
}

/** Returns true for a mention that an older release may have handled. */
export function keepsOldKey(
  { spottedAtMs }: Pick<Sighting, 'spottedAtMs'>,
  { oldKeysBeforeMs = -Infinity }: Pick<KeyRule, 'oldKeysBeforeMs'>,
): boolean {
  return oldKeysBeforeMs === Infinity || (spottedAtMs !== null && spottedAtMs < oldKeysBeforeMs);
}

/** Returns the old key of a mention; null if it has no id: older releases refused it. */
export function oldMentionKey({ raw }: Mention, dedupeBy: DedupeBy): MentionKey | null {
  const [id, keyword, position, link] = ['id', 'keyword', 'position', 'link'].map((field) =>
    textOf(raw[field]),
  );
  if (id === '') return null;
  const owner = textOf((raw['owner'] as JsonObject | null | undefined)?.['id']);
  const identity = dedupeBy === 'post' ? [id] : [id, keyword, position, link, owner];
  return digest(JSON.stringify(identity)) as MentionKey;
}

/** Returns the old key that joined a mention with a post of its group; null without a link. */
export function oldPermalinkKey(sighting: Raw, dedupeBy: DedupeBy): string | null {
  const identity = oldJoint(sighting, dedupeBy);
  return identity === null ? null : `p${digest(JSON.stringify(identity), 12)}`;
}

/** Returns the old key of a recovered mention; null without a link. */
export function oldRecoveredKey(sighting: Raw): string | null {
  const identity = oldJoint(sighting, 'mention');
  return identity === null
    ? null
    : `r${digest(JSON.stringify([...identity, secondOf(sighting, 'mention')]), 12)}`;
}

/** A mention or a post with its text as the API gave it. */
type Raw = Sighting & { readonly raw: JsonObject };

function oldJoint({ raw, group }: Raw, dedupeBy: DedupeBy): string[] | null {
  const link = textOf(raw['link']);
  const permalink =
    oldPostNumber(link) ??
    link
      .trim()
      .replace(/^https?:\/\/[^/]*/i, '')
      .replace(/[?#].*$/, '')
      .replace(/(?<!\/)\/+$/, '');
  if (permalink === '') return null;
  const keyword = textOf(raw['keyword']).trim().toLowerCase();
  return [group.id, permalink, ...(dedupeBy === 'post' ? [] : [keyword])];
}

function oldPostNumber(link: string): string | null {
  const [, number] =
    /\/(?:permalink|posts)\/(\d+)/.exec(link) ??
    /[?&](?:story_fbid|multi_permalinks)=(\d+)/.exec(link) ??
    [];
  return number ?? null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
