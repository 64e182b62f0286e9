import { z } from 'zod';
import type { PhraseRule, RulePart } from '../../domain/webhook.ts';
import { plainEntry } from './quoted-list.ts';
import { limited, readByRule, refuse, shortText, type Rule } from '../rules.ts';

/** A part of a rule as it is written, without quotation marks around it. */
interface WrittenPart {
  readonly text: string;
  readonly quoted: boolean;
  /** As in `ListEntry`. */
  readonly problem?: string;
}

interface WrittenRule {
  readonly text: string;
  readonly parts: readonly WrittenPart[];
}

// A part in quotation marks or any other, with what ends it: a comma, or a `+` with space on both
// sides. The keyboards of East Asia write the operators in full width, and whoever writes from right
// to left or copies from a page may have invisible characters beside them.
const PART = /\s*(?:"([^"]*)"\s*|(.*?))(,|(?<![^\s,\p{Cf}])[+\uff0b](?![^\s,\p{Cf}])|$)/gsuy;
const INVISIBLE = /\p{Cf}/gu;

/** Splits a list of rules at its commas, and each rule at its operators, except in quotation marks. */
function splitRules(list: string): readonly WrittenRule[] {
  const rules: WrittenRule[] = [];
  let parts: WrittenPart[] = [];
  let start = 0;
  for (const { 0: whole, 1: inQuotes, 2: plain = '', 3: end = '', index } of list.matchAll(PART)) {
    const quoted = inQuotes !== undefined;
    parts.push({ ...(quoted ? { text: inQuotes.trim() } : plainEntry(plain)), quoted });
    if (end !== '' && end !== ',') continue;
    const text = list.slice(start, index + whole.length - end.length).trim();
    rules.push({ text, parts });
    if (end === '') break;
    parts = [];
    start = index + whole.length;
  }
  return rules;
}

const STAR = /[*\uff0a]/;
const OPERATOR = /[*\uff0a]|(?<![^\s\p{Cf}])[+\uff0b](?![^\s\p{Cf}])/u;
const ENDS_WORD = /(?<=[^\s*\uff0a])[*\uff0a]$/;

/** Reads a part, or states what is wrong with it, as the words that follow `an entry that`. */
function readPart({ text: written, quoted, problem }: WrittenPart): RulePart | string {
  if (problem !== undefined) return problem;
  if (written === '' && !quoted) {
    return 'has a "+" without words on both sides: write a + b, or put the text in quotation marks';
  }
  const text = written.replace(INVISIBLE, '').trim();
  const anyEnding = !quoted && ENDS_WORD.test(text);
  const phrase = anyEnding ? text.slice(0, -1) : text;
  if (!quoted && STAR.test(phrase)) {
    return 'has a "*" before its end: write agent*, or put the text in quotation marks';
  }
  const reading = readByRule(shortText, phrase);
  return reading.ok ? { phrase, anyEnding } : reading.error;
}

/** Returns the rule as people see it: without quotation marks that change nothing. */
function shownText({ text, parts: [first, ...others] }: WrittenRule): string {
  return first?.quoted === true && others.length === 0 && !OPERATOR.test(first.text)
    ? first.text
    : text;
}

/**
 * Words and phrases separated by commas, each once, however it is written. `a + b` means both, and
 * `agent*` any ending; in quotation marks both characters stand for themselves.
 */
export const phraseRules: Rule<readonly PhraseRule[]> = limited(
  z.string().transform((list, context) => {
    const rules = splitRules(list);
    if (rules.every(({ text }) => text === '')) return refuse(context, 'has no entry');
    return rules.flatMap((rule, index): PhraseRule[] => {
      if (rule.text === '') return [];
      const parts = rule.parts.map(readPart);
      const problem = parts.find((part) => typeof part === 'string');
      return problem === undefined
        ? [{ text: shownText(rule), parts: parts.filter((part) => typeof part !== 'string') }]
        : refuse(context, `has an entry (number ${index + 1}) that ${problem}`, index);
    });
  }),
  ({ text }) => text,
  'a list such as: a + b, agent*, "b, c"',
);
