import { foldText } from '../src/domain/folded-text.ts';
import { accept, refuse, type Reading, type Rule } from './values.ts';

const MOST_ENTRIES = 1000;
const LONGEST_ENTRY = 200;

/**
 * Words, phrases, ids or names separated by commas: as they are written, each once, however it is
 * written. Commas alone are an empty list.
 */
export const exclusions: Rule<readonly string[]> = {
  allowed: `a list separated by commas and without quotation marks around its entries, of up to ${MOST_ENTRIES} with up to ${LONGEST_ENTRY} characters each`,
  read: (text) => {
    const entries = new Map<string, string>();
    for (const [index, part] of text.split(',').entries()) {
      const entry = part.trim();
      if (entry === '') continue;
      const reading = readEntry(entry);
      if (!reading.ok) return refuse(`has an entry (number ${index + 1}) that ${reading.problem}`);
      if (!entries.has(reading.value)) entries.set(reading.value, entry);
    }
    return entries.size > MOST_ENTRIES
      ? refuse(`has ${entries.size} entries`)
      : accept([...entries.values()]);
  },
};

/** What an entry is compared as. */
function readEntry(entry: string): Reading<string> {
  // Shells, systemd and .env files take them off in different ways, so they can't keep a comma in.
  if (/^["\u201c\u201d]/.test(entry)) {
    return refuse('begins with a quotation mark');
  }
  const folded = foldText(entry);
  if (folded === '') return refuse('holds nothing that can be seen');
  return folded.length > LONGEST_ENTRY ? refuse(`has ${folded.length} characters`) : accept(folded);
}
