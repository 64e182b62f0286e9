import { isoTime } from '../domain/event-log.ts';
import type { RelayState } from '../state/relay-state.io.ts';

/** Counts of mentions that polls may have missed. Times are ISO 8601. */
export interface CompletenessStatus {
  /** The number of gaps ever found, and the time of the last one. */
  readonly gaps: number;
  readonly lastGapAt: string | null;
  /** The number of gaps that no sweep has searched yet. */
  readonly openGaps: number;
  /** The number of mentions ever recovered. */
  readonly recovered: number;
  /** The part that the last sweep could not search because it reached its limits. */
  readonly unknown: {
    readonly groups: number;
    /** Posts that may or may not have been missed. */
    readonly posts: number;
    readonly from: string | null;
    readonly to: string | null;
  } | null;
  /** The posts of the last day in the groups, and how many of them arrived in time. */
  readonly completeness: {
    readonly posts: number;
    readonly inTime: number;
    readonly countedAt: string | null;
  } | null;
}

/** Derives the completeness from the relay's state. */
export function completenessStatus(state: RelayState, openGaps: number): CompletenessStatus {
  const { lastUnknown, completeness } = state;
  return {
    gaps: state.gaps,
    lastGapAt: isoTime(state.lastGap?.foundAtMs ?? null),
    openGaps,
    recovered: state.recovered,
    unknown: lastUnknown && {
      groups: lastUnknown.groups,
      posts: lastUnknown.posts,
      from: isoTime(lastUnknown.fromMs),
      to: isoTime(lastUnknown.toMs),
    },
    completeness: completeness && { ...completeness, countedAt: isoTime(state.sweptAtMs) },
  };
}

/** Formats the completeness as lines for people. */
export function completenessLines(found: CompletenessStatus): string[] {
  const { gaps, lastGapAt, openGaps, recovered, unknown, completeness } = found;
  const open = openGaps === 0 ? '' : `, ${openGaps} not yet searched`;
  return [
    `Gaps: ${gaps === 0 ? 'none found' : `${gaps}, the last at ${lastGapAt}${open}`}`,
    ...(recovered === 0 ? [] : [`Recovered after gaps: ${recovered}`]),
    ...(unknown === null ? [] : unknownLines(unknown)),
    ...(completeness === null
      ? []
      : [
          `Last day: ${completeness.inTime} of ${completeness.posts} posts arrived in time (counted at ${completeness.countedAt})`,
        ]),
  ];
}

function unknownLines(unknown: NonNullable<CompletenessStatus['unknown']>): string[] {
  const { groups, posts, from, to } = unknown;
  const counted = (count: number, what: string): string[] =>
    count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`];
  const what = [...counted(groups, 'group'), ...counted(posts, 'post')].join(' and ');
  return [`Unknown: ${what} may hold more mentions from ${from ?? '?'} to ${to ?? '?'}`];
}
