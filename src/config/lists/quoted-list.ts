/** An entry of a list, without the quotation marks around it and the white space around those. */
export interface ListEntry {
  readonly text: string;
  /** Set if quotation marks leave it open what the entry is: the words that follow `an entry that`. */
  readonly problem?: string;
}

const ENTRY = /\s*(?:"([^"]*)"\s*|([^,]*))(?:,|$)/gy;
// After a digit the mark stands for inches.
const MARK_WITHOUT_INCHES = /(?<!\d)"/g;

/**
 * Splits a list at its commas, except inside of double quotation marks around a whole entry. Other
 * quotation marks are part of an entry: `27" TV`, `so "called"`.
 */
export function splitList(list: string): readonly ListEntry[] {
  return [...list.matchAll(ENTRY)].map(([, quoted, plain = '']) => {
    return quoted === undefined ? plainEntry(plain) : { text: quoted.trim() };
  });
}

/** Reads an entry that is not in quotation marks as a whole. */
export function plainEntry(plain: string): ListEntry {
  const text = plain.trim();
  if (text.startsWith('"')) {
    return { text, problem: 'begins with a quotation mark that does not end with it' };
  }
  if (/^[\u201c-\u201f\u00ab]/.test(text)) {
    return { text, problem: 'begins with a curly quotation mark: write "' };
  }
  const marks = text.match(MARK_WITHOUT_INCHES)?.length ?? 0;
  return marks % 2 === 0 ? { text } : { text, problem: 'has a quotation mark without another' };
}
