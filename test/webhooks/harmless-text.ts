import { expect } from 'vitest';
import type { Delivery } from '../../src/domain/delivery.ts';
import { foldText } from '../../src/domain/foreign/folded-text.ts';
import type { AnyMention } from '../../src/webhooks/mention-words.ts';
import { readableLine } from '../../src/webhooks/readable-text.ts';

/** Asserts that a text can be seen and deceives nobody, whatever is interpreted in it. */
export function expectHarmless(text: string): void {
  expect(text, 'something is to be seen').toMatch(/[^\s\p{Default_Ignorable_Code_Point}]/u);
  expect(text.isWellFormed(), 'no surrogate pair is cut').toBe(true);
  expect(text, 'no control characters').not.toMatch(/[\p{Cc}--\n]|[\u2028\u2029]/v);
  expect(text, 'no bidirectional controls').not.toMatch(/\p{Bidi_Control}/u);
}

/** The deliveries that a message was made of, or undefined where a test does not know them. */
export type Deliveries = readonly Delivery[] | undefined;

/** Asserts that a bold text is the keyword of one of the deliveries, or its beginning if it is cut. */
export function expectKeyword(bold: string, deliveries: Deliveries): void {
  if (deliveries === undefined) return;
  const shown = foldText(bold.replace(/…$/, '').trimEnd());
  const keywords = new Set(
    deliveries.map((delivery) => (delivery.kind === 'alert' ? '' : keywordOf(delivery.mention))),
  );
  expect([...keywords], `bold: ${bold}`).toSatisfy((all: readonly string[]) =>
    all.some((each) => each !== '' && (shown.includes(each) || each.startsWith(shown))),
  );
}

// A full batch asks for each keyword once per bold text.
const keywords = new WeakMap<AnyMention['mention'], string>();

/** Returns the keyword of a mention as it is compared. */
function keywordOf(mention: AnyMention['mention']): string {
  const known = keywords.get(mention) ?? foldText(readableLine(mention.keyword));
  keywords.set(mention, known);
  return known;
}

/** Asserts that a link's label is ours or the name of an author, and looks like no other link. */
export function expectAuthor(label: string, deliveries: Deliveries): void {
  expect(label).not.toMatch(/:\/\/|www\./i);
  if (deliveries === undefined || label === 'Open post') return;
  const authors = deliveries.flatMap((delivery) =>
    delivery.kind === 'mention' ? delivery.mention.owner.name : [],
  );
  const names = [...new Set(authors)].map((name) => readableLine(name));
  expect(names, `author: ${label}`).toSatisfy((all: readonly string[]) =>
    all.some((each) => each.startsWith(label.replace(/…$/, '').trimEnd())),
  );
}
