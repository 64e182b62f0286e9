import { foldText } from '../domain/folded-text.ts';
import type { Mention } from '../domain/mention.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import type { MentionFilter } from '../domain/webhook.ts';
import {
  createPhraseFinder,
  searchedText,
  type PhraseFinder,
  type SearchedText,
} from './phrase-finder.ts';

/** The verdict of one webhook's filter on a mention, with the part of it that refused the mention. */
export type Match =
  | { readonly wanted: true }
  | { readonly wanted: false; readonly because: 'keyword' | 'group' | 'position' }
  | ({ readonly wanted: false } & Exclusion);

/** The exclusion that refused a mention: the list and its entry, as it is configured. */
export interface Exclusion {
  readonly because: 'exclude' | 'exclude_authors';
  readonly rule: string;
}

/** The parts of a mention that exclusions apply to. */
export interface Excludable {
  readonly content: string;
  readonly owner: Pick<Mention['owner'], 'id' | 'name'>;
}

/** Applies one webhook's filter. Letter case never matters; a group matches by its id or its name. */
export function match(
  mention: Pick<Mention, 'keyword' | 'group' | 'position'> & Excludable,
  filter: MentionFilter,
): Match {
  if (!allows(filter.keywords, mention.keyword)) return { wanted: false, because: 'keyword' };
  if (!allows(filter.groups, mention.group.id, mention.group.name)) {
    return { wanted: false, because: 'group' };
  }
  if (!allows(filter.positions, mention.position)) return { wanted: false, because: 'position' };
  const exclusion = exclusionOf(mention, filter);
  return exclusion === null ? { wanted: true } : { wanted: false, ...exclusion };
}

/**
 * Applies the filter to a recovered mention. Its position is unknown, so no position refuses it; its
 * content is unknown, so exclusions see only its owner. One mention too many is better than one lost.
 */
export function matchRecovered(mention: RecoveredMention, filter: MentionFilter): Match {
  const { positions: _unknown, ...known } = filter;
  return match({ ...mention, position: '', content: '' }, known);
}

function allows(allowed: readonly string[] | undefined, ...values: readonly string[]): boolean {
  return (
    allowed === undefined || values.some((value) => allowed.includes(value.trim().toLowerCase()))
  );
}

/**
 * Returns the exclusion that refuses a mention, or null if none does. Authors are compared whole, by
 * id or by name. Words and phrases are looked for in the content and in the author's name.
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
  /** Entries by their folded text. */
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
