import { decodeEntities } from '../domain/foreign/decoded-text.ts';
import { foldText } from '../domain/foreign/folded-text.ts';
import type { PhraseRule } from '../domain/webhook.ts';

/**
 * Returns the folded texts that an entry of a filter matches: the entry as written, and with its HTML
 * entities decoded. It may be copied from the JSON of an http webhook, which has entities.
 */
export function foldEntry(entry: string): readonly string[] {
  return [entry, decodeEntities(entry)].map(foldText).filter((folded) => folded !== '');
}

/** A text prepared for any number of finders. */
export interface SearchedText {
  readonly folded: string;
  readonly boundaries: WordBoundaries;
}

/** Twice Facebook's limit for a post, in case it counts an emoji as one character. */
export const MAX_SEARCHED = 2 * 63_206;

/** Prepares the first 126,412 UTF-16 units of a text. */
export function searchedText(text: string): SearchedText {
  const folded = foldText(text.slice(0, MAX_SEARCHED));
  return { folded, boundaries: wordBoundaries(folded) };
}

/** Returns the text of the rule that these texts together match first, or null. */
export type PhraseFinder = (...texts: readonly SearchedText[]) => string | null;

/** A phrase that is looked for, and the rules that it is a part of. */
interface Phrase {
  readonly rules: Set<Rule>;
}

interface Rule {
  readonly text: string;
  /** The phrases that match each part. */
  readonly parts: readonly (readonly Phrase[])[];
}

interface Node {
  readonly next: Map<number, Node>;
  /** The phrase that ends here at the end of a word. */
  whole?: Phrase;
  /** The phrase that ends here anywhere in a word. */
  beginning?: Phrase;
}

/**
 * Creates a finder of words and phrases, on word boundaries in any script, compared as foldText does.
 * It never throws. From each character on it walks a tree of the phrases: for a text of n characters
 * at most n times the length of the longest phrase, however many rules there are.
 */
export function createPhraseFinder(rules: readonly PhraseRule[]): PhraseFinder {
  const root: Node = { next: new Map() };
  for (const { text, parts } of rules) {
    const rule: Rule = {
      text,
      parts: parts.map(({ phrase, anyEnding }) =>
        foldEntry(phrase).map((folded) => insert(root, folded, anyEnding)),
      ),
    };
    for (const phrase of rule.parts.flat()) phrase.rules.add(rule);
  }

  return (...texts) => {
    const found = new Set<Phrase>();
    for (const text of texts) {
      for (const phrase of phrasesIn(text, root, found)) {
        found.add(phrase);
        for (const rule of phrase.rules) {
          if (rule.parts.every((part) => part.some((each) => found.has(each)))) return rule.text;
        }
      }
    }
    return null;
  };
}

function insert(root: Node, folded: string, anyEnding: boolean): Phrase {
  let node = root;
  for (let index = 0; index < folded.length; index += 1) {
    const unit = folded.charCodeAt(index);
    const next: Node = node.next.get(unit) ?? { next: new Map() };
    node.next.set(unit, next);
    node = next;
  }
  return anyEnding
    ? (node.beginning ??= { rules: new Set() })
    : (node.whole ??= { rules: new Set() });
}

/** Finds the phrases of a tree in a text, in its order, but not again what `found` holds by then. */
function* phrasesIn(
  { folded, boundaries }: SearchedText,
  root: Node,
  found: ReadonlySet<Phrase>,
): Generator<Phrase> {
  for (let start = 0; start < folded.length; start += 1) {
    let node = root.next.get(folded.charCodeAt(start));
    for (let end = start + 1; node !== undefined; end += 1) {
      const { whole, beginning } = node;
      if ((whole ?? beginning) !== undefined) {
        // Looked up here, because few walks come to the end of a phrase.
        if (!boundaries.beginsAt(start)) break;
        if (whole !== undefined && !found.has(whole) && boundaries.endsAt(end)) yield whole;
        if (beginning !== undefined && !found.has(beginning)) yield beginning;
      }
      node = node.next.get(folded.charCodeAt(end));
    }
  }
}

/** The places in one text where words begin and end. */
interface WordBoundaries {
  /** Returns true if a word can begin at this index, in UTF-16 units. */
  beginsAt(index: number): boolean;
  /** Returns true if a word can end before this index. */
  endsAt(index: number): boolean;
}

/**
 * Finds the word boundaries of a folded text (see foldText). There is none between two letters,
 * digits or marks. In scripts without spaces between words, the dictionaries of ICU decide; they are
 * asked once, when that is needed. Punctuation belongs to the letters next to it, so that `.net` does
 * not begin in `example.net`; symbols, such as `+` and emoji, belong to nothing.
 */
export function wordBoundaries(text: string): WordBoundaries {
  let segmented: Set<number> | undefined;

  function isSegmented(index: number): boolean {
    segmented ??= new Set(Array.from(segmenter().segment(text), ({ index: start }) => start));
    return segmented.has(index);
  }

  /** `inner` and `outer` are the characters on both sides of a boundary, if it is one. */
  function isBoundary(index: number, inner: string, outer: string): boolean {
    if (!WORD.test(outer) || SYMBOL.test(inner)) return true;
    const [innerJoined, outerJoined] = [UNSPACED.test(inner), UNSPACED.test(outer)];
    if (!WORD.test(inner)) return outerJoined;
    if (innerJoined && outerJoined) return isSegmented(index);
    return innerJoined || outerJoined;
  }

  return {
    beginsAt(index) {
      return (
        index === 0 || isBoundary(index, characterAt(text, index), characterBefore(text, index))
      );
    },
    endsAt(index) {
      if (index === text.length) return true;
      const [inner, outer] = [characterBefore(text, index), characterAt(text, index)];
      return !(WORD.test(inner) && MARK.test(outer)) && isBoundary(index, inner, outer);
    },
  };
}

const WORD = /[\p{L}\p{M}\p{N}]/u;
const MARK = /\p{M}/u;
const SYMBOL = /\p{S}/u;
// The scripts without spaces for which ICU has a dictionary
// (unicode-org.github.io/icu/userguide/boundaryanalysis).
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

let sharedSegmenter: Intl.Segmenter | undefined;

/** Its dictionaries are loaded with the first text that needs them. */
function segmenter(): Intl.Segmenter {
  return (sharedSegmenter ??= new Intl.Segmenter('und', { granularity: 'word' }));
}

function characterAt(text: string, index: number): string {
  return String.fromCodePoint(text.codePointAt(index) ?? 0);
}

function characterBefore(text: string, index: number): string {
  const pair = text.codePointAt(index - 2) ?? 0;
  return pair > 0xffff ? String.fromCodePoint(pair) : text.charAt(index - 1);
}
