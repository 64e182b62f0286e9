import type { Mention } from '../domain/mention.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import type { MentionFilter } from '../domain/webhook.ts';
import { exclusionOf, type Excludable, type Exclusion } from './exclusions.ts';

/** Whether a webhook wants a mention, and if not, which part of its filter says so. */
export type Match =
  | { readonly wanted: true }
  | { readonly wanted: false; readonly because: 'keyword' | 'group' | 'position' }
  | ({ readonly wanted: false } & Exclusion);

/** Applies one webhook's filter. Letter case never matters; a group matches by its id or its name. */
export function match(
  mention: Pick<Mention, 'keyword' | 'group' | 'position'> & Excludable,
  filter: MentionFilter,
): Match {
  if (!allows(filter.keywords, mention.keyword)) return { wanted: false, because: 'keyword' };
  if (!allows(filter.groups, mention.group.id, mention.group.name)) {
    return { wanted: false, because: 'group' };
  }
  if (!allows(filter.positions, mention.position)) return { wanted: false, because: 'position' };
  const exclusion = exclusionOf(mention, filter);
  return exclusion === null ? { wanted: true } : { wanted: false, ...exclusion };
}

/**
 * The same for a recovered mention. Where it was spotted is not known, so no position keeps it away;
 * nor is its content, so exclusions only see its owner. One too many is better than one lost.
 */
export function matchRecovered(mention: RecoveredMention, filter: MentionFilter): Match {
  const { positions: _untold, ...told } = filter;
  return match({ ...mention, position: '', content: '' }, told);
}

function allows(allowed: readonly string[] | undefined, ...values: readonly string[]): boolean {
  return (
    allowed === undefined || values.some((value) => allowed.includes(value.trim().toLowerCase()))
  );
}
