import { isoTime } from '../domain/iso-time.ts';
import type { RelayState } from '../adapters/relay-state.ts';

/** What is known of mentions that polls may have missed. Times are ISO 8601. */
export interface CompletenessStatus {
  /** How many gaps were ever found, and when the last one was. */
  readonly gaps: number;
  readonly lastGapAt: string | null;
  /** How many of them were not looked into yet. */
  readonly openGaps: number;
  /** How many mentions were recovered, ever. */
  readonly recovered: number;
  /** What the last sweep that met its limits had to leave: where nothing more can be found. */
  readonly unknown: {
    readonly groups: number;
    /** Posts of which nobody can tell whether they were missed. */
    readonly posts: number;
    readonly from: string | null;
    readonly to: string | null;
  } | null;
  /** Of the posts that the groups showed of the last day, how many had come in time. */
  readonly completeness: {
    readonly posts: number;
    readonly inTime: number;
    readonly countedAt: string | null;
  } | null;
}

/** Reads it out of the state. */
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

/** The same as lines for people. */
export function completenessLines(status: CompletenessStatus): string[] {
  const { gaps, lastGapAt, openGaps, recovered, unknown, completeness } = status;
  const open = openGaps === 0 ? '' : `, ${openGaps} not searched yet`;
  return [
    `Gaps: ${gaps === 0 ? 'none found' : `${gaps}, the last at ${lastGapAt}${open}`}`,
    ...(recovered === 0 ? [] : [`Recovered after gaps: ${recovered}`]),
    ...(unknown === null ? [] : unknownLines(unknown)),
    ...(completeness === null
      ? []
      : [
          `Last day: ${completeness.inTime} of ${completeness.posts} posts came in time (counted at ${completeness.countedAt})`,
        ]),
  ];
}

function unknownLines(unknown: NonNullable<CompletenessStatus['unknown']>): string[] {
  const { groups, posts, from, to } = unknown;
  const counted = (count: number, what: string): string[] =>
    count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`];
  const what = [...counted(groups, 'group'), ...counted(posts, 'post')].join(' and ');
  return [`Unknown: whether ${what} hold more from ${from ?? '?'} to ${to ?? '?'}`];
}
