import { digestLine, DIGEST_LINK_LIMIT, fittingCount, perMention } from '../digest-words.ts';
import { countWords, NEW_MENTION, type AnyMention } from '../mention-words.ts';
import { markdownLink } from '../readable-text.ts';
import { jsonRequest, type DigestForm } from '../webhook-type.ts';
import {
  charactersOf,
  COLORS,
  discordMessage,
  embedAsText,
  escapeDiscord,
  TOTAL_LIMIT,
  type DiscordEmbed,
} from './discord-embeds.ts';

/*
 * A digest in Discord: the number of mentions above, and as few embeds as hold a line of Markdown for
 * each of them.
 */

const DESCRIPTION_LIMIT = 4_096;

/** The digest of Discord. */
export const discordDigest: DigestForm = {
  maxSize: 50,
  fitting: (mentions) =>
    fittingCount(mentions, (some) => charactersOf(digestEmbeds(some)) <= TOTAL_LIMIT),
  request: (mentions, context) =>
    jsonRequest(discordMessage(countWords(mentions), { embeds: digestEmbeds(mentions) }), context),
  preview: (mention) => [countWords([mention]), ...digestEmbeds([mention]).flatMap(embedAsText)],
};

function digestEmbeds(mentions: readonly AnyMention[]): readonly DiscordEmbed[] {
  const descriptions: string[] = [];
  for (const line of mentions.map(lineOf)) {
    const last = descriptions.at(-1);
    if (last === undefined || last.length + 1 + line.length > DESCRIPTION_LIMIT) {
      descriptions.push(line);
    } else descriptions[descriptions.length - 1] = `${last}\n${line}`;
  }
  return descriptions.map((description) => ({ description, color: COLORS.mention }));
}

const lineOf = perMention((mention) => {
  const link = markdownLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: link !== null, escape: escapeDiscord });
  const title = keyword === '' ? NEW_MENTION : `**${keyword}**`;
  return `• ${title}${rest}${link === null ? '' : ` [Open post](${link})`}`;
});
