import { webhookVariable } from '../../config/webhook-variables.ts';
import type { Mention } from '../../domain/mention.ts';
import { printable } from '../../domain/foreign/printable.ts';
import { wantsMentions, type MentionFilter, type Webhook } from '../../domain/webhook.ts';
import { exclusionOf, match } from '../../routing/mention-filter.ts';
import { ownCommand } from '../terminal/own-command.ts';
import { findingsAbout, type Finding } from './finding.ts';

const { warning } = findingsAbout('Content filters');
// Excluding all of fewer mentions may well be intended, and words to include may be rarer.
const MIN_MENTIONS = 5;
const MIN_TO_INCLUDE = 50;
const MAX_KEYWORDS_NAMED = 3;

type FilteringWebhook = Pick<Webhook, 'name' | 'events' | 'filter'>;

/** Returns true if a webhook's words or authors have to be checked against the current window. */
export function filtersContent(webhook: Pick<Webhook, 'events' | 'filter'>): boolean {
  const { include, exclude, excludeAuthors } = webhook.filter;
  return wantsMentions(webhook) && (include ?? exclude ?? excludeAuthors) !== undefined;
}

/**
 * Finds words and authors that probably refuse too much: a keyword, or the whole current window.
 * `keywords` are the known keywords of the account.
 */
export function checkContentFilters(
  webhooks: readonly FilteringWebhook[],
  {
    keywords,
    window,
  }: { readonly keywords: readonly string[]; readonly window: readonly Mention[] },
): Finding[] {
  const filtering = webhooks.filter(filtersContent);
  return [
    ...filtering.flatMap((webhook) => excludedKeywords(webhook, keywords)),
    ...filtering.flatMap((webhook) => refusesAll(webhook, window)),
  ];
}

function excludedKeywords(
  { name, filter }: FilteringWebhook,
  keywords: readonly string[],
): Finding[] {
  const words: MentionFilter = filter.exclude === undefined ? {} : { exclude: filter.exclude };
  const inKeyword = (keyword: string): string | undefined =>
    exclusionOf({ content: keyword, owner: { id: '', name: '' } }, words)?.rule;
  const byEntry = Map.groupBy(new Set(filter.keywords ?? keywords), inKeyword);
  return [...byEntry].flatMap(([entry, holding]) =>
    entry === undefined
      ? []
      : warning(
          'excluded_keyword',
          `entry "${printable(entry)}" of ${webhookVariable(name, 'EXCLUDE')} matches ${named(holding)}: ${name} gets no mention that contains it`,
          `remove it, or set ${webhookVariable(name, 'KEYWORDS')} to other keywords`,
        ),
  );
}

function named(keywords: readonly string[]): string {
  const shown = keywords.slice(0, MAX_KEYWORDS_NAMED).map((word) => `"${printable(word)}"`);
  const more = keywords.length - shown.length;
  return `the ${keywords.length === 1 ? 'keyword' : 'keywords'} ${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

/** Finds parts of a filter that refuse all current mentions that its other parts accept. */
function refusesAll({ name, filter }: FilteringWebhook, window: readonly Mention[]): Finding[] {
  const { include: _include, ...unincluded } = filter;
  const { exclude: _words, excludeAuthors: _authors, ...unexcluded } = filter;
  const parts = [
    ['includes_none', 'the words to include', unincluded, MIN_TO_INCLUDE],
    ['excludes_all', 'the exclusions', unexcluded, MIN_MENTIONS],
  ] as const;
  return parts.flatMap(([code, what, others, atLeast]) => {
    const otherwiseWanted = window.filter((mention) => match(mention, others).wanted);
    if (otherwiseWanted.length < atLeast) return [];
    if (otherwiseWanted.some((mention) => match(mention, filter).wanted)) return [];
    return [
      warning(
        code,
        `${what} of ${name} reject all ${otherwiseWanted.length} current mentions that its other filters accept`,
        `${ownCommand(`preview --webhook ${name}`)} shows which entry decides on which mention`,
      ),
    ];
  });
}
