import { webhookVariable } from '../../config/webhook-variables.ts';
import {
  isTracked,
  type Account,
  type Group,
  type GroupDetails,
} from '../../groouply/groouply-shapes.ts';
import { foldText } from '../../domain/foreign/folded-text.ts';
import { printable } from '../../domain/foreign/printable.ts';
import { wantsMentions, type Webhook } from '../../domain/webhook.ts';
import { foldEntry } from '../../routing/phrase-finder.ts';
import { ownCommand } from '../terminal/own-command.ts';
import { findingsAbout, type Finding } from './finding.ts';

const { ok, warning, problem } = findingsAbout('Groups');

const MAX_GROUPS_NAMED = 5;

/** The account with its groups. */
export interface AccountGroups {
  readonly account: Account;
  readonly groups: readonly Group[];
  /** The details of the groups that were requested one by one, by id. */
  readonly details: ReadonlyMap<string, GroupDetails>;
}

/** Checks that the account has tracked groups. */
export function checkGroups({ groups, details }: AccountGroups): Finding[] {
  const tracked = groups.filter(isTracked);
  const pending = groups.filter((group) => !isTracked(group));
  const named = (group: Group): string => {
    const name = details.get(group.id)?.info.name ?? '';
    return name === '' ? printable(group.id) : `${printable(name)} (${printable(group.id)})`;
  };
  const access = 'give Groouply access, or remove unwanted groups from the account';
  if (groups.length === 0) {
    const add = 'add groups at Groouply: without any group no mentions arrive';
    return [problem('none_tracked', 'the account has no groups', add)];
  }
  const first =
    tracked.length === 0
      ? problem('none_tracked', 'no group is tracked: no mentions arrive', access)
      : ok('tracked', `${tracked.length} of ${groups.length} groups are tracked`);
  if (pending.length === 0) return [first];
  const shown = pending
    .slice(0, MAX_GROUPS_NAMED)
    .map(
      (group) => `${named(group)}: ${printable(group.statusString || `status ${group.status}`)}`,
    );
  const more = pending.length - shown.length;
  return [
    first,
    warning(
      'not_tracked',
      `${pending.length === 1 ? '1 group is' : `${pending.length} groups are`} not tracked: ${shown.join('; ')}${more === 0 ? '' : `; and ${more} more`}`,
      more === 0 ? access : `${access}; ${ownCommand('groups')} shows all`,
    ),
  ];
}

/**
 * Finds words of filters that match nothing in the account. If not all groups were requested, an
 * unknown name or keyword may belong to one of the others.
 */
export function checkFilters(
  webhooks: readonly Pick<Webhook, 'name' | 'events' | 'filter'>[],
  { groups, details }: AccountGroups,
): Finding[] {
  const complete = groups.every(({ id }) => details.has(id));
  const present = [...details.values()];
  const keywords = new Set(
    present.flatMap((group) => group.keywords.map(({ name }) => foldText(name))),
  );
  const places = new Set([
    ...groups.map(({ id }) => foldText(id)),
    ...present.map(({ info }) => foldText(info.name)),
  ]);
  const rest = complete ? '' : ` (${details.size} of ${groups.length} groups checked)`;
  return webhooks.flatMap((webhook) => {
    if (!wantsMentions(webhook)) return [];
    const { name, filter } = webhook;
    const unmatched = (
      attribute: string,
      mismatch: string,
      words: readonly string[] = [],
      known: ReadonlySet<string>,
    ): Finding[] =>
      words
        .filter((word) => !foldEntry(word).some((entry) => known.has(entry)))
        .map((word) =>
          warning(
            'unmatched_filter',
            `${webhookVariable(name, attribute)} lists "${printable(word)}", which ${mismatch}${rest}`,
            `${ownCommand('groups')} and ${ownCommand('group ID')} show the existing ones`,
          ),
        );
    const words = [
      ...unmatched('KEYWORDS', 'is not a keyword of this account', filter.keywords, keywords),
      ...unmatched('GROUPS', 'matches no group id or name in this account', filter.groups, places),
    ];
    return [...words, ...matchesNothing(webhook, { groups, details })];
  });
}

/** Finds filters whose words all exist but together match nothing. Reports only certain cases. */
function matchesNothing(
  { name, filter }: Pick<Webhook, 'name' | 'filter'>,
  { groups, details }: Pick<AccountGroups, 'groups' | 'details'>,
): Finding[] {
  const entries = filter.groups && new Set(filter.groups.flatMap(foldEntry));
  const named = groups.filter(({ id }) => {
    const places = [foldText(id), foldText(details.get(id)?.info.name ?? '')];
    return entries === undefined || places.some((place) => entries.has(place));
  });
  // An unknown word may be the name of a group that was not requested.
  const complete = groups.every(({ id }) => details.has(id));
  const ids = new Set(groups.map(({ id }) => foldText(id)));
  const certain = complete || (entries !== undefined && ids.isSupersetOf(entries));
  if (!certain || named.length === 0) return [];
  if (filter.groups !== undefined && !named.some(isTracked)) {
    return [
      warning(
        'untracked_filter',
        `${webhookVariable(name, 'GROUPS')} names only groups that are not tracked: ${name} receives no mentions`,
        'give Groouply access to one of them, or name other groups',
      ),
    ];
  }
  const wanted = filter.keywords?.flatMap(foldEntry);
  if (wanted === undefined || named.some(({ id }) => !details.has(id))) return [];
  const keywordsOf = (each: readonly Group[]): Set<string> =>
    new Set(
      each.flatMap(
        ({ id }) => details.get(id)?.keywords.map(({ name: word }) => foldText(word)) ?? [],
      ),
    );
  const here = keywordsOf(named.filter(isTracked));
  const anywhere = keywordsOf(groups);
  // An unknown keyword has a finding of its own.
  if (wanted.some((word) => here.has(word)) || !wanted.some((word) => anywhere.has(word)))
    return [];
  const where =
    filter.groups === undefined
      ? 'tracked groups'
      : `tracked groups of ${webhookVariable(name, 'GROUPS')}`;
  return [
    warning(
      'filters_exclude_each_other',
      `the ${where} have none of the keywords in ${webhookVariable(name, 'KEYWORDS')}: ${name} receives no mentions`,
      'choose keywords of these groups, or groups with these keywords',
    ),
  ];
}

/** Returns true if the names and keywords of groups are needed, one request per group. */
export function needsDetails(
  webhooks: readonly Pick<Webhook, 'events' | 'filter'>[],
  groups: readonly Group[],
): boolean {
  const filtered = webhooks
    .filter(wantsMentions)
    .some(({ filter }) => filter.keywords ?? filter.groups ?? filter.exclude);
  return filtered || groups.some((group) => !isTracked(group));
}
