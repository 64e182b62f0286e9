/**
 * Folds a text for comparisons. Texts are equal after folding if they differ only in letter case
 * (also `ß` and `SS`, and all four of the Turkish `I`, `ı`, `İ`, `i`), composed, decomposed or
 * full-width characters, kinds of apostrophes, quotation marks, dashes and white space (any run of it
 * is one space), or invisible characters. Diacritics stay: `café` is not `cafe`. Never throws.
 *
 * The same text gives the same result in every version: keys in Redis depend on it.
 */
export function foldText(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return (
    withoutCase(
      text
        // NFKC would make a space and an accent of the first, and letters of the second.
        .replace(ACUTE_ACCENTS, "'")
        .replace(DOUBLE_PRIMES, '"')
        .replace(SPACES, ' ')
        .normalize('NFKC')
        .replace(APOSTROPHES, "'")
        .replace(QUOTATION_MARKS, '"')
        .replace(DASHES, '-')
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
const ACUTE_ACCENTS = /[\u00b4\u0384\u1ffd]/g;
const DOUBLE_PRIMES = /\u2033/g;
// With the marks that Armenian and Hebrew have of their own, for which people type those of ASCII.
const APOSTROPHES = /[`\u02b9\u02bb-\u02bd\u055a\u05f3\u2018-\u201b\u2032]/g;
const QUOTATION_MARKS = /[\u00ab\u00bb\u05f4\u201c-\u201f\u301d-\u301f]/g;
const DASHES = /[\u058a\u05be\u2010-\u2015\u2212]/g;
// Trade marks, which NFKC would make letters of the word before; a line break that is a control
// character; the empty pattern of Braille, which people take for a space.
const SPACES = /[\u0085\u2120\u2122\u2800]/g;

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
