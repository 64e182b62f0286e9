import type { Delivery } from '../domain/delivery.ts';
import { alertLines } from './alert-words.ts';
import { firstFitting } from './first-fitting.ts';
import { countWords, mentionWords, recoveredNote, type AnyMention } from './mention-words.ts';
import { defused, fitted, markdownLink } from './readable-text.ts';
import { utcText } from './utc-text.ts';

/*
 * For services that take Slack's messages but know no blocks. Mattermost and Rocket.Chat show the
 * top-level text alone, and always read it as Markdown with pings, whatever `mrkdwn` says
 * (docs.mattermost.com/developers/integrate/slash-commands/slack, "Known Slack compatibility
 * issues"). So what stands in blocks for Slack stands in that text, and a stranger's words are
 * defused in it. No line begins with a stranger's words: none can become a heading, a list or a
 * block of code.
 */

// Mattermost takes 16,383 characters in a post, Rocket.Chat 5,000 unless its admin says otherwise:
// ten mentions share them.
const KEYWORD_LIMIT = 70;
const GROUP_LIMIT = 76;
const CONTENT_LIMITS = [600, 300, 120, 20] as const;
const AUTHOR_LIMIT = 80;
const POSITION_LIMIT = 40;
const LINK_LIMIT = 500;
const TEXT_LIMIT = 5_000;

/** One text for one delivery, or for up to ten, each with all that its Slack message has. */
export function plainText(deliveries: readonly Delivery[]): string {
  const heading = deliveries.length === 1 ? [] : [countWords(deliveries)];
  return firstFitting(
    CONTENT_LIMITS,
    (limit) =>
      [...heading, ...deliveries.map((delivery) => linesOf(delivery, limit).join('\n'))].join(
        '\n\n',
      ),
    (text) => text.length <= TEXT_LIMIT,
  );
}

function linesOf(delivery: Delivery, contentLimit: number): readonly string[] {
  if (delivery.kind === 'alert') return alertLines(delivery.alert).map(defused);
  const { keyword, group, content, author, place, verb, atMs } = mentionWords(delivery);
  const link = markdownLink(delivery.mention.link, LINK_LIMIT);
  const what = [foreign(keyword, KEYWORD_LIMIT), group && `in ${foreign(group, GROUP_LIMIT)}`];
  const particulars = [
    author && `by ${foreign(author, AUTHOR_LIMIT)}`,
    foreign(place, POSITION_LIMIT),
    `${verb} ${utcText(atMs)}`,
  ];
  const quote =
    content === null
      ? recoveredNote(link !== null)
      : content && `“${foreign(content.replace(/\n+/g, ' '), contentLimit)}”`;
  const lines = [headline(delivery, what), quote, particularsLine(particulars), link ?? ''];
  return lines.filter((line) => line !== '');
}

function headline({ kind }: AnyMention, what: readonly string[]): string {
  const known = what.filter((text) => text !== '').join(' ');
  const name = kind === 'recovered' ? 'Recovered mention' : 'New mention';
  return known === '' ? name : `${name}: ${known}`;
}

function particularsLine(particulars: readonly string[]): string {
  return `— ${particulars.filter((text) => text !== '').join(' · ')}`;
}

function foreign(text: string, limit: number): string {
  return fitted(text, limit, defused);
}
