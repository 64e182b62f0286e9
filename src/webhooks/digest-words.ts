import { fitted } from './readable-text.ts';
import { mentionWords, shortContent, type AnyMention } from './mention-words.ts';

/*
 * The words of a digest, the same in every chat: a line for each mention with its keyword, group,
 * author and a few words, to which each type adds the link.
 */

/** The line of a mention, cut and escaped. All of it but ` in `, ` · ` and `: ` is foreign text. */
export interface DigestLine {
  /** Empty if there is none. */
  readonly keyword: string;
  /** Follows the keyword. May be empty. */
  readonly rest: string;
}

const KEYWORD_LIMIT = 60;
const GROUP_LIMIT = 60;
const AUTHOR_LIMIT = 40;
const CONTENT_LIMIT = 110;
/** The longest link in a line. */
export const DIGEST_LINK_LIMIT = 300;

/** Returns the line of a mention: `keyword`, ` in group · author: the words around the keyword`. */
export function digestLine(
  mention: AnyMention,
  {
    hasLink,
    escape = (text) => text,
  }: { readonly hasLink: boolean; readonly escape?: (text: string) => string },
): DigestLine {
  const words = mentionWords(mention);
  const fit = (text: string, limit: number) => fitted(text, limit, escape);
  const content = shortContent(words, { limit: CONTENT_LIMIT, hasLink, escape });
  return {
    keyword: fit(words.keyword, KEYWORD_LIMIT),
    rest: [
      words.group === '' ? '' : ` in ${fit(words.group, GROUP_LIMIT)}`,
      words.author === '' ? '' : ` · ${fit(words.author, AUTHOR_LIMIT)}`,
      content === '' ? '' : `: ${content}`,
    ].join(''),
  };
}

/** Remembers what is built of a mention: to find how many fit, a message is built several times. */
export function perMention<T>(build: (mention: AnyMention) => T): (mention: AnyMention) => T {
  const known = new WeakMap<AnyMention, T>();
  return (mention) => {
    const built = known.get(mention) ?? build(mention);
    known.set(mention, built);
    return built;
  };
}

/**
 * Returns how many items, from the first one on, fit together: one at least.
 *
 * @param fits - is false for more items than any for which it is false
 */
export function fittingCount<T>(
  items: readonly T[],
  fits: (beginning: readonly T[]) => boolean,
): number {
  let [enough, tooMany] = [1, items.length + 1];
  if (fits(items)) return items.length;
  while (tooMany - enough > 1) {
    const middle = Math.floor((enough + tooMany) / 2);
    if (fits(items.slice(0, middle))) enough = middle;
    else tooMany = middle;
  }
  return enough;
}
