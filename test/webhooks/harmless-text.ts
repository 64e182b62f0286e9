import { expect } from 'vitest';

/** Asserts that a text can be seen and deceives nobody, whatever is interpreted in it. */
export function expectHarmless(text: string): void {
  expect(text, 'something is to be seen').toMatch(/[^\s\p{Default_Ignorable_Code_Point}]/u);
  expect(text.isWellFormed(), 'no surrogate pair is cut').toBe(true);
  expect(text, 'no control characters').not.toMatch(/[\p{Cc}--\n]|[\u2028\u2029]/v);
  expect(text, 'no bidirectional controls').not.toMatch(/\p{Bidi_Control}/u);
}
