/** Where words begin and end in one text. */
export interface WordBoundaries {
  /** Whether what begins at this index, in UTF-16 units, does not go on from what is before it. */
  beginsAt(index: number): boolean;
  /** Whether what ends before this index does not go on after it. */
  endsAt(index: number): boolean;
}

/**
 * The boundaries of a text that is folded (see foldText). A letter, a digit or a mark goes on from a
 * letter, a digit or a mark. Where words are written without spaces between them, the dictionaries
 * of ICU say where one ends; they are asked when that is needed, and once. Punctuation belongs to
 * the letters next to it, so that `.net` does not begin in `example.net`; symbols, such as `+` and
 * emoji, belong to nothing.
 */
export function wordBoundaries(text: string): WordBoundaries {
  let segmented: Set<number> | undefined;

  function isSegmented(index: number): boolean {
    segmented ??= new Set(Array.from(SEGMENTER.segment(text), ({ index: start }) => start));
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
const SEGMENTER = new Intl.Segmenter('und', { granularity: 'word' });

function characterAt(text: string, index: number): string {
  return String.fromCodePoint(text.codePointAt(index) ?? 0);
}

function characterBefore(text: string, index: number): string {
  const pair = text.codePointAt(index - 2) ?? 0;
  return pair > 0xffff ? String.fromCodePoint(pair) : text.charAt(index - 1);
}
