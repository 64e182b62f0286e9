import { type EventLog, isoTime } from '../domain/event-log.ts';
import { loggableId } from '../domain/mention.ts';
import type { Gap } from '../state/gap.ts';
import type { UnknownStretch } from './sweep-reach.ts';

const MAX_STRETCHES_LOGGED = 20;

/** Tells how the search for what a gap had swallowed ended. */
export function logGapClosed(
  log: EventLog,
  { fromMs, toMs }: Gap,
  found: {
    readonly recovered: number;
    /** How many groups were searched. */
    readonly groups: number;
    readonly unknown: readonly UnknownStretch[];
    /** Posts of which nobody can tell whether they were missed. */
    readonly undecidable: number;
  },
): void {
  const { recovered, groups, unknown, undecidable } = found;
  const fields = { missingFrom: isoTime(fromMs), missingTo: isoTime(toMs), recovered, groups };
  if (groups > 0 && unknown.length === 0 && undecidable === 0) {
    log.info('gap.closed', fields, 'all groups were searched: nothing of the gap is missing now');
    return;
  }
  log.warn(
    'gap.unresolved',
    {
      ...fields,
      undecidable,
      unknownGroups: unknown.length,
      unknown: unknown.slice(0, MAX_STRETCHES_LOGGED).map((stretch) => ({
        groupId: loggableId(stretch.groupId),
        from: isoTime(stretch.fromMs),
        to: isoTime(stretch.toMs),
      })),
    },
    'the groups were searched as far as the API shows them: some of the gap remains unknown',
  );
}

/** Tells that what a sweep of the day calls missed is too much to be true. */
export function logDistrusted(
  log: EventLog,
  counts: { readonly posts: number; readonly missed: number },
): void {
  log.warn(
    'sweep.distrusted',
    counts,
    "most posts of the day match no mention, though no gap was found: the API's lists and its windows don't agree, and none of them is sent",
  );
}
