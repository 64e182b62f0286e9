import { foldText } from '../domain/foreign/folded-text.ts';
import type { Mention } from '../domain/mention.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import type { MentionFilter } from '../domain/webhook.ts';
import {
  createPhraseFinder,
  foldEntry,
  searchedText,
  type PhraseFinder,
  type SearchedText,
} from './phrase-finder.ts';

/** The verdict of one webhook's filter on a mention, with the part of it that decided. */
export type Match =
  /** `rule`: the entry of `include` that the content matches, as it is configured. */
  | { readonly wanted: true; readonly rule?: string }
  | { readonly wanted: false; readonly because: 'keyword' | 'group' | 'position' | 'include' }
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

type Matchable = Pick<Mention, 'keyword' | 'group' | 'position'> & Excludable;

/**
 * Applies one webhook's filter. All comparisons are those of {@link foldText}; a group matches by its
 * id or its name. Included words and phrases are looked for in the content.
 */
export function match(mention: Matchable, filter: MentionFilter): Match {
  const { keywords, groups, positions, include } = remembered(compiled, filter, compile);
  if ((keywords ?? groups ?? positions) !== undefined) {
    const { keyword, groupId, groupName, position } = remembered(folded, mention, foldParts);
    if (!allows(keywords, keyword)) return { wanted: false, because: 'keyword' };
    if (!allows(groups, groupId, groupName)) return { wanted: false, because: 'group' };
    if (!allows(positions, position)) return { wanted: false, because: 'position' };
  }
  const rule = include?.(remembered(searched, mention, prepare).content);
  if (rule === null) return { wanted: false, because: 'include' };
  const exclusion = exclusionOf(mention, filter);
  if (exclusion !== null) return { wanted: false, ...exclusion };
  return { wanted: true, ...(rule !== undefined && { rule }) };
}

/**
 * Applies the filter to a recovered mention. Its position and its content are unknown, so neither
 * refuses it, and exclusions see only its owner. One mention too many is better than one lost.
 */
export function matchRecovered(mention: RecoveredMention, filter: MentionFilter): Match {
  return match(
    remembered(recovered, mention, (known) => ({ ...known, position: '', content: '' })),
    remembered(knowable, filter, ({ positions: _place, include: _content, ...known }) => known),
  );
}

function allows(allowed: ReadonlySet<string> | undefined, ...values: readonly string[]): boolean {
  return allowed === undefined || values.some((value) => allowed.has(value));
}

/**
 * Returns the exclusion that refuses a mention, or null if none does. Authors are compared whole, by
 * id or by name. Words and phrases are looked for in the content and in the author's name, those of
 * one rule in both.
 */
export function exclusionOf(mention: Excludable, filter: MentionFilter): Exclusion | null {
  if (filter.exclude === undefined && filter.excludeAuthors === undefined) return null;
  const { authors, exclude } = remembered(compiled, filter, compile);
  const { id, name } = mention.owner;
  const author = authors.get(foldText(id)) ?? authors.get(foldText(name));
  if (author !== undefined) return { because: 'exclude_authors', rule: author };
  if (exclude === undefined) return null;
  const { content, ownerName } = remembered(searched, mention, prepare);
  const rule = exclude(content, ownerName);
  return rule === null ? null : { because: 'exclude', rule };
}

interface Compiled {
  /** Folded entries. */
  readonly keywords: ReadonlySet<string> | undefined;
  readonly groups: ReadonlySet<string> | undefined;
  readonly positions: ReadonlySet<string> | undefined;
  /** Entries by their folded text. */
  readonly authors: ReadonlyMap<string, string>;
  readonly include: PhraseFinder | undefined;
  readonly exclude: PhraseFinder | undefined;
}

function compile(filter: MentionFilter): Compiled {
  const { include, exclude, excludeAuthors = [] } = filter;
  const entries = (list: readonly string[] | undefined) => list && new Set(list.flatMap(foldEntry));
  return {
    keywords: entries(filter.keywords),
    groups: entries(filter.groups),
    positions: entries(filter.positions),
    authors: new Map(
      excludeAuthors.flatMap((author) => foldEntry(author).map((entry) => [entry, author])),
    ),
    include: include && createPhraseFinder(include),
    exclude: exclude && createPhraseFinder(exclude),
  };
}

interface FoldedParts {
  readonly keyword: string;
  readonly groupId: string;
  readonly groupName: string;
  readonly position: string;
}

function foldParts({ keyword, group, position }: Matchable): FoldedParts {
  return {
    keyword: foldText(keyword),
    groupId: foldText(group.id),
    groupName: foldText(group.name),
    position: foldText(position),
  };
}

interface Prepared {
  readonly content: SearchedText;
  readonly ownerName: SearchedText;
}

function prepare({ content, owner }: Excludable): Prepared {
  return { content: searchedText(content), ownerName: searchedText(owner.name) };
}

// A filter and a mention never change, so each is prepared once: the filter for all mentions, and the
// mention with its long content for all webhooks.
const compiled = new WeakMap<MentionFilter, Compiled>();
const folded = new WeakMap<Matchable, FoldedParts>();
const searched = new WeakMap<Excludable, Prepared>();
const recovered = new WeakMap<RecoveredMention, Matchable>();
const knowable = new WeakMap<MentionFilter, MentionFilter>();

function remembered<K extends object, V>(memory: WeakMap<K, V>, key: K, make: (key: K) => V): V {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make(key);
  memory.set(key, made);
  return made;
}
