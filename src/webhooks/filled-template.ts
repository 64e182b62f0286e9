import Mustache from 'mustache';
import { messageId } from '../domain/delivery.ts';
import { excerpt, textOf } from './excerpt.ts';
import {
  alsoFound,
  AUTHOR_LIMIT,
  mentionTitle,
  mentionWords,
  recoveredNote,
  type AnyMention,
} from './mention-words.ts';
import { fitted, httpLink } from './readable-text.ts';

const LINK_LIMIT = 2_000;
const EXCERPT_LIMIT = 600;
const ALSO_LIMIT = 200;

/**
 * Returns a template's text with the fields of a mention in it: valid JSON, whatever a stranger wrote.
 *
 * @param spottedAt - in ISO 8601
 */
export function filledTemplate(text: string, delivery: AnyMention, spottedAt: string): string {
  return Mustache.render(text, fieldsOf(delivery, spottedAt), undefined, { escape: escaped });
}

/** Escapes a text for inside a JSON text: well-formed Unicode without NUL, as in all bodies. */
function escaped(text: string): string {
  return JSON.stringify(text.toWellFormed().replaceAll('\0', '\ufffd')).slice(1, -1);
}

/**
 * Returns all TEMPLATE_FIELDS. Those that the API has too are as it gave them, with entities decoded and
 * links completed. The others are for people: cut, and without anything that could deceive the eye.
 */
function fieldsOf(delivery: AnyMention, spottedAt: string) {
  const { mention } = delivery;
  const { id, position, content, profile } =
    delivery.kind === 'mention'
      ? { ...delivery.mention, profile: delivery.mention.owner.link }
      : { id: '', position: '', content: '', profile: '' };
  const link = httpLink(mention.link, LINK_LIMIT) ?? '';
  const words = mentionWords(delivery);
  return {
    id,
    keyword: mention.keyword,
    content,
    position,
    link,
    owner: {
      id: mention.owner.id,
      name: mention.owner.name,
      link: httpLink(profile, LINK_LIMIT) ?? '',
    },
    group: mention.group,
    title: mentionTitle(words, fitted),
    excerpt:
      words.content === null
        ? recoveredNote(link !== '')
        : textOf(excerpt(words.content, EXCERPT_LIMIT)),
    author: fitted(words.author, AUTHOR_LIMIT),
    alsoFound: alsoFound(words, ALSO_LIMIT),
    spotted: spottedAt,
    spottedSeconds: String(Math.floor(Date.parse(spottedAt) / 1_000)),
    messageId: messageId(delivery.key),
  };
}
