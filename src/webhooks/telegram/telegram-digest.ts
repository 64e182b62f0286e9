import { digestLine, DIGEST_LINK_LIMIT, fittingCount, perMention } from '../digest-words.ts';
import { htmlAsText, htmlLink, shownLength } from '../html-text.ts';
import { countWords, NEW_MENTION, type AnyMention } from '../mention-words.ts';
import { httpLink } from '../readable-text.ts';
import { jsonRequest, type DigestForm } from '../webhook-type.ts';
import { escapeTelegram, telegramMessage, TEXT_LIMIT } from './telegram-text.ts';

/*
 * A digest in Telegram: the number of mentions, and a line of HTML for each of them.
 */

/** The digest of Telegram. A line has two formatted parts; of more than 100, none would be shown. */
export const telegramDigest: DigestForm = {
  maxSize: 45,
  fitting: (mentions) =>
    fittingCount(mentions, (some) => shownLength(digestHtml(some)) <= TEXT_LIMIT),
  request: (mentions, context) =>
    jsonRequest(telegramMessage(digestHtml(mentions), 'HTML'), context),
  preview: (mention) => htmlAsText(digestHtml([mention])),
};

function digestHtml(mentions: readonly AnyMention[]): string {
  return [countWords(mentions), ...mentions.map(lineOf)].join('\n');
}

const lineOf = perMention((mention) => {
  const link = httpLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: link !== null, escape: escapeTelegram });
  const title = keyword === '' ? NEW_MENTION : `<b>${keyword}</b>`;
  return `• ${title}${rest}${link === null ? '' : ` ${htmlLink(link, 'Open post')}`}`;
});
