import { digestLine, DIGEST_LINK_LIMIT, fittingCount, perMention } from '../digest-words.ts';
import { countWords, NEW_MENTION, type AnyMention } from '../mention-words.ts';
import { httpLink } from '../readable-text.ts';
import { jsonRequest, type DigestForm } from '../webhook-type.ts';
import { fitsNtfy, ntfyJson, topicOf, type NtfyMessage } from './ntfy-json.ts';

/*
 * A digest in ntfy: the number of mentions as its title, and a line of plain text for each of them.
 */

/** The digest of ntfy. */
export const ntfyDigest: DigestForm = {
  maxSize: 40,
  fitting: (mentions, { url }) =>
    fittingCount(mentions, (some) => fitsNtfy(digestMessage(some), topicOf(url))),
  request: (mentions, context) =>
    jsonRequest(ntfyJson(digestMessage(mentions), topicOf(context.webhook.url)), context),
  preview: (mention) => {
    const { title, message } = digestMessage([mention]);
    return [title, ...message.split('\n')];
  },
};

function digestMessage(mentions: readonly AnyMention[]): NtfyMessage {
  return {
    title: countWords(mentions),
    message: mentions.map(lineOf).join('\n'),
    tags: ['speech_balloon'],
  };
}

const lineOf = perMention((mention) => {
  const link = httpLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: link !== null });
  return `• ${keyword || NEW_MENTION}${rest}${link === null ? '' : ` ${link}`}`;
});
