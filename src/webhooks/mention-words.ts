import type { Delivery, MentionDelivery, RecoveredDelivery } from '../domain/delivery.ts';
import { readable, readableLine } from './readable-text.ts';

/*
 * What a mention says to people, in any chat: what was spotted and where, the content, by whom and
 * when. All of it but our own words is foreign text.
 */

/** A delivery that is a mention, whatever is known of it. */
export type AnyMention = MentionDelivery | RecoveredDelivery;

/** A mention in words, readable but neither cut nor escaped. Empty where nothing is known. */
export interface MentionWords {
  readonly keyword: string;
  /** The group's name, or else `group` and its id. */
  readonly group: string;
  /** May have several lines. Null for a recovered mention, whose content is not known. */
  readonly content: string | null;
  readonly author: string;
  /** `in the post` and the like, or what the API says. */
  readonly place: string;
  readonly verb: 'spotted' | 'received';
  /** When it was spotted, or where that is unreadable, received. */
  readonly atMs: number;
}

/** What stands for a keyword that is empty. */
export const NEW_MENTION = 'New mention';

const PLACES = new Map([
  ['post', 'in the post'],
  ['comment', 'in a comment'],
  ['link', 'in a link'],
]);

/** What a mention says, part by part. */
export function mentionWords(delivery: AnyMention): MentionWords {
  const { mention, polledAtMs } = delivery;
  const position = readableLine(delivery.kind === 'mention' ? delivery.mention.position : '');
  return {
    keyword: readableLine(mention.keyword),
    group: groupName(mention.group),
    content: delivery.kind === 'mention' ? readable(delivery.mention.content) : null,
    author: readableLine(mention.owner.name),
    place: PLACES.get(position) ?? position,
    verb: mention.spottedAtMs === null ? 'received' : 'spotted',
    atMs: mention.spottedAtMs ?? polledAtMs,
  };
}

/** What stands in the place of a recovered mention's content. */
export function recoveredNote(hasLink: boolean): string {
  return hasLink
    ? 'Recovered after a gap: open the post to read it.'
    : 'Recovered after a gap: its text is not known.';
}

/** What is said of several that travel together, all of one kind. */
export function countWords(deliveries: readonly Delivery[]): string {
  const what = deliveries.every(({ kind }) => kind === 'recovered') ? 'recovered' : 'new';
  return `${deliveries.length} ${what} mentions`;
}

function groupName(group: { readonly id: string; readonly name: string }): string {
  const name = readableLine(group.name);
  if (name !== '') return name;
  const id = readableLine(group.id);
  return id === '' ? '' : `group ${id}`;
}
