import { digestLine, DIGEST_LINK_LIMIT, fittingCount, perMention } from '../digest-words.ts';
import { countWords, NEW_MENTION, type AnyMention } from '../mention-words.ts';
import { httpLink } from '../readable-text.ts';
import { jsonRequest, type DigestForm } from '../webhook-type.ts';
import {
  ADVISED_BYTES,
  bytesOf,
  elementAsText,
  literalRuns,
  ownWords,
  teamsMessage,
  type TeamsElement,
} from './teams-elements.ts';

/*
 * A digest in Teams: a card with the number of mentions as its title, and a paragraph of literal text
 * for each of them.
 */

/** The digest of Teams. */
export const teamsDigest: DigestForm = {
  maxSize: 30,
  fitting: (mentions) =>
    fittingCount(mentions, (some) => bytesOf(formatTeamsDigest(some)) <= ADVISED_BYTES),
  request: (mentions, context) => jsonRequest(formatTeamsDigest(mentions), context),
  preview: (mention) => digestElements([mention]).flatMap(elementAsText),
};

function formatTeamsDigest(mentions: readonly AnyMention[]): string {
  return teamsMessage(countWords(mentions), digestElements(mentions));
}

function digestElements(mentions: readonly AnyMention[]): readonly TeamsElement[] {
  return [
    ownWords(countWords(mentions), { weight: 'Bolder', size: 'Medium' }),
    ...mentions.map(paragraphOf),
  ];
}

const paragraphOf = perMention((mention): TeamsElement => {
  const url = httpLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: url !== null });
  return literalRuns(
    [
      ...(keyword === ''
        ? [{ text: NEW_MENTION }]
        : [{ text: keyword, weight: 'Bolder' as const }]),
      ...(rest === '' ? [] : [{ text: rest }]),
      ...(url === null
        ? []
        : [
            { text: ' ' },
            { text: 'Open post', selectAction: { type: 'Action.OpenUrl', url } as const },
          ]),
    ],
    'Small',
  );
});
