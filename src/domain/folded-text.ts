/**
 * Folds a text for comparisons. Texts are equal after folding if they differ only in letter case
 * (also `ß` and `SS`, and all four of the Turkish `I`, `ı`, `İ`, `i`), composed, decomposed or
 * full-width characters, kinds of apostrophes, hyphens and white space (any run of it is one space),
 * or invisible characters. Diacritics stay: `café` is not `cafe`. Never throws.
 */
export function foldText(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return (
    withoutCase(
      text
        // NFKC would make a space and an accent of the first, and letters of the second.
        .replace(ACUTE_ACCENTS, "'")
        .replace(TRADE_MARKS, ' ')
        .normalize('NFKC')
        .replace(APOSTROPHES, "'")
        .replace(HYPHENS, '-')
        .replace(UNSEEN, ''),
    )
      .normalize('NFC')
      // NFKC takes the vowel am of Thai and Lao in two, and dictionaries only know it whole.
      .replaceAll('\u0e4d\u0e32', '\u0e33')
      .replaceAll('\u0ecd\u0eb2', '\u0eb3')
      .replace(/\s+/g, ' ')
      .trim()
  );
}

// Words of ASCII without a backtick, each behind one space: most keywords, of which each poll folds hundreds.
const PLAIN = /^[!-_a-~]+(?: [!-_a-~]+)*$/;
// Default_Ignorable_Code_Point has what Unicode says to show as nothing: zero-width characters,
// bidirectional controls, soft hyphens, variation selectors. The tatweel only makes Arabic words wider.
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u0640]|(?!\s)\p{Cc}/gu;
const ACUTE_ACCENTS = /[\u00b4\u1ffd]/g;
const APOSTROPHES = /[`\u02b9\u02bb-\u02bd\u2018\u2019\u201b\u2032]/g;
const HYPHENS = /[\u2010-\u2013\u2212]/g;
const TRADE_MARKS = /[\u2120\u2122]/g;

/**
 * Folds letter case, for which JavaScript has no function. Lower, upper and again lower case give the
 * full folding of Unicode's CaseFolding.txt, except for two letters: a sigma at the end of a word, and
 * the dot that an `İ` leaves.
 */
function withoutCase(text: string): string {
  return text
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll('\u03c2', '\u03c3')
    .replace(/i\u0307+/g, 'i');
}
