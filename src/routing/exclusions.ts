import { foldText } from '../domain/folded-text.ts';
import type { Mention } from '../domain/mention.ts';
import type { MentionFilter } from '../domain/webhook.ts';
import {
  createPhraseFinder,
  searchedText,
  type PhraseFinder,
  type SearchedText,
} from './phrase-finder.ts';

/** What of a mention exclusions look at. */
export interface Excludable {
  readonly content: string;
  readonly owner: Pick<Mention['owner'], 'id' | 'name'>;
}

/** What keeps a mention away: which list, and the entry of it, as it is configured. */
export interface Exclusion {
  readonly because: 'exclude' | 'exclude_authors';
  readonly rule: string;
}

/**
 * What of a filter keeps a mention away, null if nothing does. Authors are compared whole, by id or
 * by name; words and phrases are looked for in the content and in the author's name.
 */
export function exclusionOf(mention: Excludable, filter: MentionFilter): Exclusion | null {
  if (filter.exclude === undefined && filter.excludeAuthors === undefined) return null;
  const { authors, find } = remembered(compiled, filter, compile);
  const { id, name } = mention.owner;
  const author = authors.get(foldText(id)) ?? authors.get(foldText(name));
  if (author !== undefined) return { because: 'exclude_authors', rule: author };
  if (filter.exclude === undefined) return null;
  const { content, ownerName } = remembered(searched, mention, prepare);
  const phrase = find(content) ?? find(ownerName);
  return phrase === null ? null : { because: 'exclude', rule: phrase };
}

interface Compiled {
  /** Entries by what they are compared as. */
  readonly authors: ReadonlyMap<string, string>;
  readonly find: PhraseFinder;
}

function compile({ exclude = [], excludeAuthors = [] }: MentionFilter): Compiled {
  return {
    authors: new Map(excludeAuthors.map((author) => [foldText(author), author])),
    find: createPhraseFinder(exclude),
  };
}

interface Prepared {
  readonly content: SearchedText;
  readonly ownerName: SearchedText;
}

function prepare({ content, owner }: Excludable): Prepared {
  return { content: searchedText(content), ownerName: searchedText(owner.name) };
}

// A filter and a mention never change, so each is prepared once: the filter for all mentions, and a
// long content for all webhooks.
const compiled = new WeakMap<MentionFilter, Compiled>();
const searched = new WeakMap<Excludable, Prepared>();

function remembered<K extends object, V>(memory: WeakMap<K, V>, key: K, make: (key: K) => V): V {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make(key);
  memory.set(key, made);
  return made;
}
