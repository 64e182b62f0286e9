import * as fc from 'fast-check';

// Half of them as real text has them: below U+10000.
const character = fc
  .oneof(
    fc.integer({ min: 0, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0xffff }),
    fc.integer({ min: 0x10000, max: 0x10ffff }),
  )
  .map((codePoint) => String.fromCodePoint(codePoint));

/**
 * Returns any text of so many whole characters. fast-check's own unit 'binary' makes a map of all 1.1
 * million characters, a second of work, for words such as `__proto__`: they stand in HOSTILE_TEXTS.
 */
export function anyCharacters(maxLength: number): fc.Arbitrary<string> {
  return fc.array(character, { maxLength }).map((characters) => characters.join(''));
}
