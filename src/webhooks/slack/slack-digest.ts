import { digestLine, DIGEST_LINK_LIMIT, fittingCount, perMention } from '../digest-words.ts';
import { countWords, NEW_MENTION, type AnyMention } from '../mention-words.ts';
import { defused, httpLink, markdownLink } from '../readable-text.ts';
import { jsonRequest, type DigestForm } from '../webhook-type.ts';
import {
  BLOCKS_LIMIT,
  blockAsText,
  charactersOf,
  escapeSlack,
  literal,
  PLAIN_TEXT_LIMIT,
  plainText,
  richText,
  slackMessage,
  withoutPings,
  type RichText,
  type SlackBlock,
} from './slack-blocks.ts';

/*
 * A digest in Slack: a header with the number of mentions, and a block of rich text with a line for
 * each of them. Receivers that are only similar get the same lines as one text.
 */

/** The digest of Slack, and its plain form. */
export const slackDigest: DigestForm = {
  maxSize: 50,
  fitting: (mentions, { plain }) =>
    fittingCount(mentions, (some) =>
      plain
        ? plainDigest(some).length <= PLAIN_TEXT_LIMIT
        : charactersOf(digestBlocks(some)) <= BLOCKS_LIMIT,
    ),
  request: (mentions, context) =>
    jsonRequest(
      context.webhook.plain
        ? slackMessage(plainDigest(mentions))
        : slackMessage(withoutPings(notification(mentions)), digestBlocks(mentions)),
      context,
    ),
  preview: (mention, { plain }) =>
    plain ? plainDigest([mention]).split('\n') : digestBlocks([mention]).flatMap(blockAsText),
};

function digestBlocks(mentions: readonly AnyMention[]): readonly SlackBlock[] {
  return [
    { type: 'header', text: plainText(countWords(mentions)) },
    richText(
      mentions.flatMap((mention, index) => {
        const { bullet, parts } = richLine(mention);
        return [literal(index === 0 ? bullet : `\n${bullet}`), ...parts];
      }),
    ),
  ];
}

const richLine = perMention((mention) => {
  const url = httpLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: url !== null });
  const after = url === null ? rest : `${rest} `;
  const parts: readonly RichText[] = [
    ...(keyword === '' ? [] : [literal(keyword, true)]),
    ...(after === '' ? [] : [literal(after)]),
    ...(url === null ? [] : [{ type: 'link', url, text: 'Open post' } as const]),
  ];
  return { bullet: keyword === '' ? `• ${NEW_MENTION}` : '• ', parts };
});

/** Returns the lines that notifications and screen readers show, escaped. */
function notification(mentions: readonly AnyMention[]): string {
  const lines = mentions.map((mention) => {
    const hasLink = httpLink(mention.mention.link, DIGEST_LINK_LIMIT) !== null;
    const { keyword, rest } = digestLine(mention, { hasLink, escape: escapeSlack });
    return (keyword || NEW_MENTION) + rest;
  });
  return [countWords(mentions), ...lines].join('\n');
}

function plainDigest(mentions: readonly AnyMention[]): string {
  return [countWords(mentions), ...mentions.map(plainLine)].join('\n');
}

const plainLine = perMention((mention) => {
  const link = markdownLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: link !== null, escape: defused });
  return `• ${keyword || NEW_MENTION}${rest}${link === null ? '' : ` ${link}`}`;
});
