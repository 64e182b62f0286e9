import type { JsonObject } from '../../domain/mention.ts';
import { printable } from '../../domain/foreign/printable.ts';
import type { Routing } from '../../routing/fan-out.ts';

/** The decision that a webhook does not get a mention, or gets it within another one's message. */
export type Unwanted = Extract<Routing, { wanted: false }>;

const BECAUSE: Readonly<Record<Unwanted['because'], string>> = {
  events: 'it receives alerts only (_EVENTS)',
  keyword: 'keyword not in its _KEYWORDS',
  group: 'group not in its _GROUPS',
  position: 'position not in its _POSITIONS',
  include: 'content matches no entry of its _INCLUDE',
  exclude: 'excluded by its _EXCLUDE',
  exclude_authors: 'excluded by its _EXCLUDE_AUTHORS',
  post: 'merged: it gets another mention of the same post (DEDUPE_BY=post)',
  lead: 'merged: it gets or got another mention of the same lead (DEDUPE_BY=lead)',
};

/** Explains why a webhook does not get a mention: the variable that decided, and its entry. */
export function why(unwanted: Unwanted): string {
  const because = BECAUSE[unwanted.because];
  return 'rule' in unwanted ? `${because} ${shown(unwanted.rule)}` : because;
}

/** Quotes an entry of the configuration. */
export function shown(rule: string): string {
  return `"${printable(rule, Infinity)}"`;
}

/** Returns the part of the configuration that decided, and its entry if there is one. */
export function decision(routing: Routing): JsonObject {
  const because = routing.wanted ? 'include' : routing.because;
  if ('rule' in routing) return { because, rule: routing.rule };
  return routing.wanted ? {} : { because };
}
