import { foldText } from '../domain/folded-text.ts';
import { wordBoundaries, type WordBoundaries } from './word-boundary.ts';

/** A text in which phrases can be looked for, by any number of finders. */
export interface SearchedText {
  readonly folded: string;
  readonly boundaries: WordBoundaries;
}

// Twice the greatest length of a post that Facebook allows, should it count an emoji as one.
const MAX_SEARCHED = 2 * 63_206;

/** Prepares a text; what is beyond 126,412 UTF-16 units of it is not looked at. */
export function searchedText(text: string): SearchedText {
  const folded = foldText(text.slice(0, MAX_SEARCHED));
  return { folded, boundaries: wordBoundaries(folded) };
}

/** Finds the first phrase that a text holds, as it was given to {@link createPhraseFinder}; null if none. */
export type PhraseFinder = (text: SearchedText) => string | null;

interface Node {
  readonly next: Map<number, Node>;
  /** The phrase that ends here. */
  phrase?: string;
}

/**
 * A finder of words and phrases, on word boundaries in any script and compared as foldText does. It
 * never throws. It walks a tree of the phrases from each character on, without ever going back: for
 * a text of n characters no more than n times the length of the longest phrase, however many there
 * are.
 */
export function createPhraseFinder(phrases: readonly string[]): PhraseFinder {
  const root: Node = { next: new Map() };
  for (const phrase of phrases) insert(root, phrase);

  return ({ folded, boundaries }) => {
    for (let start = 0; start < folded.length; start += 1) {
      if (!root.next.has(folded.charCodeAt(start))) continue;
      if (!boundaries.beginsAt(start)) continue;
      let node = root.next.get(folded.charCodeAt(start));
      for (let end = start + 1; node !== undefined; end += 1) {
        if (node.phrase !== undefined && boundaries.endsAt(end)) return node.phrase;
        node = node.next.get(folded.charCodeAt(end));
      }
    }
    return null;
  };
}

function insert(root: Node, phrase: string): void {
  const folded = foldText(phrase);
  if (folded === '') return;
  let node = root;
  for (let index = 0; index < folded.length; index += 1) {
    const unit = folded.charCodeAt(index);
    const next: Node = node.next.get(unit) ?? { next: new Map() };
    node.next.set(unit, next);
    node = next;
  }
  node.phrase ??= phrase;
}
