import { digestLine, DIGEST_LINK_LIMIT, fittingCount, perMention } from '../digest-words.ts';
import { escapeHtml, htmlLink } from '../html-text.ts';
import { countWords, NEW_MENTION, type AnyMention } from '../mention-words.ts';
import { httpLink } from '../readable-text.ts';
import { jsonRequest, type DigestForm } from '../webhook-type.ts';
import {
  cardMessage,
  MAX_BYTES,
  paragraph,
  widgetAsText,
  type ChatWidget,
} from './googlechat-cards.ts';

/*
 * A digest in Google Chat: a card with the number of mentions, and a paragraph for each of them. It
 * has a thread of its own.
 */

/** The digest of Google Chat. A card has 100 widgets at most. */
export const googlechatDigest: DigestForm = {
  maxSize: 90,
  fitting: (mentions) =>
    fittingCount(mentions, (some) => Buffer.byteLength(formatDigest(some)) <= MAX_BYTES),
  request: (mentions, context) => jsonRequest(formatDigest(mentions), context),
  preview: (mention) => digestWidgets([mention]).flatMap(widgetAsText),
};

function formatDigest(mentions: readonly AnyMention[]): string {
  return cardMessage(countWords(mentions), [{ widgets: digestWidgets(mentions) }], null);
}

function digestWidgets(mentions: readonly AnyMention[]): readonly ChatWidget[] {
  return [paragraph(countWords(mentions)), ...mentions.map(paragraphOf)];
}

const paragraphOf = perMention((mention) => {
  const link = httpLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: link !== null, escape: escapeHtml });
  const title = keyword === '' ? NEW_MENTION : `<b>${keyword}</b>`;
  return paragraph(`${title}${rest}${link === null ? '' : ` ${htmlLink(link, 'Open post')}`}`);
});
