import { phraseRules } from '../../src/config/lists/phrase-rules.ts';
import { readByRule } from '../../src/config/rules.ts';
import type { PhraseRule } from '../../src/domain/webhook.ts';
import { valueOf } from './value-of.ts';

/** Returns rules as the configuration reads them, one for each text. */
export function rulesOf(...texts: readonly string[]): readonly PhraseRule[] {
  return texts.flatMap((text) => valueOf(readByRule(phraseRules, text)));
}

/** Returns a rule for a text that is no list and has no operators. */
export function literalRule(text: string): PhraseRule {
  return { text, parts: [{ phrase: text, anyEnding: false }] };
}
