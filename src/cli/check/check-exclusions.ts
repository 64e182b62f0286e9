import { webhookVariable } from '../../config/names.ts';
import type { Mention } from '../../domain/mention.ts';
import { printable } from '../../domain/printable.ts';
import { wantsMentions, type MentionFilter, type Webhook } from '../../domain/webhook.ts';
import { exclusionOf, match } from '../../routing/mention-filter.ts';
import { ownCommand } from '../terminal/own-command.ts';
import { findingsAbout, type Finding } from './finding.ts';

const { warning } = findingsAbout('Exclusions');
// Of fewer mentions, it may well be that all are meant to be kept away.
const FEWEST_TELLING = 5;
const MAX_KEYWORDS_NAMED = 3;

type Excluding = Pick<Webhook, 'name' | 'events' | 'filter'>;

/** Whether a webhook's exclusions have to be held against the present window. */
export function excludesMentions(webhook: Pick<Webhook, 'events' | 'filter'>): boolean {
  const { exclude, excludeAuthors } = webhook.filter;
  return wantsMentions(webhook) && (exclude ?? excludeAuthors) !== undefined;
}

/**
 * Exclusions that keep away more than they are likely meant to: what stands in a keyword itself, and
 * all of the present window. `keywords` are those of the account, as far as they are known.
 */
export function checkExclusions(
  webhooks: readonly Excluding[],
  {
    keywords,
    window,
  }: { readonly keywords: readonly string[]; readonly window: readonly Mention[] },
): Finding[] {
  const excluding = webhooks.filter(excludesMentions);
  return [
    ...excluding.flatMap((webhook) => excludedKeywords(webhook, keywords)),
    ...excluding.flatMap((webhook) => excludesAll(webhook, window)),
  ];
}

function excludedKeywords({ name, filter }: Excluding, keywords: readonly string[]): Finding[] {
  const words: MentionFilter = filter.exclude === undefined ? {} : { exclude: filter.exclude };
  const inKeyword = (keyword: string): string | undefined =>
    exclusionOf({ content: keyword, owner: { id: '', name: '' } }, words)?.rule;
  const byEntry = Map.groupBy(new Set(filter.keywords ?? keywords), inKeyword);
  return [...byEntry].flatMap(([entry, holding]) =>
    entry === undefined
      ? []
      : warning(
          'excluded_keyword',
          `${webhookVariable(name, 'EXCLUDE')} has "${printable(entry)}", which is in ${named(holding)}: where a mention holds its keyword, it does not go to ${name}`,
          `take it out of there, or set ${webhookVariable(name, 'KEYWORDS')} to other keywords`,
        ),
  );
}

function named(keywords: readonly string[]): string {
  const shown = keywords.slice(0, MAX_KEYWORDS_NAMED).map((word) => `"${printable(word)}"`);
  const more = keywords.length - shown.length;
  return `the ${keywords.length === 1 ? 'keyword' : 'keywords'} ${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

function excludesAll({ name, filter }: Excluding, window: readonly Mention[]): Finding[] {
  const { exclude: _words, excludeAuthors: _authors, ...others } = filter;
  const otherwiseWanted = window.filter((mention) => match(mention, others).wanted);
  if (otherwiseWanted.length < FEWEST_TELLING) return [];
  if (otherwiseWanted.some((mention) => match(mention, filter).wanted)) return [];
  return [
    warning(
      'excludes_all',
      `the exclusions of ${name} keep away all ${otherwiseWanted.length} mentions of the present window that its other filters let through`,
      `${ownCommand(`preview --webhook ${name}`)} shows which entry keeps which away`,
    ),
  ];
}
