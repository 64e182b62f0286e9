import type { CoverageChange } from '../domain/alert.ts';

/** The status of a group, as the API gives it: `tracked` and the words for it. */
export interface GroupStatus {
  readonly tracked: boolean;
  /** Such as `tracking` or `pending access`. Foreign text. */
  readonly status: string;
}

/** What changed with one group of the account since it was last looked at. */
export interface GroupChange {
  readonly groupId: string;
  readonly change: CoverageChange;
  /** As it is now; empty for a group that vanished. */
  readonly status: string;
}

/**
 * What changed between two looks at the account's groups, in the order of the later one, those that
 * vanished last. A group that is new and one that goes are told whether they are tracked or not; of
 * the others only what begins or ends tracking.
 */
export function coverageChanges(
  before: ReadonlyMap<string, GroupStatus>,
  now: ReadonlyMap<string, GroupStatus>,
): readonly GroupChange[] {
  const changes: GroupChange[] = [];
  for (const [groupId, { tracked, status }] of now) {
    const known = before.get(groupId);
    if (known === undefined) changes.push({ groupId, change: 'appeared', status });
    else if (known.tracked && !tracked) changes.push({ groupId, change: 'left', status });
    else if (!known.tracked && tracked) changes.push({ groupId, change: 'returned', status });
  }
  for (const groupId of before.keys()) {
    if (!now.has(groupId)) changes.push({ groupId, change: 'vanished', status: '' });
  }
  return changes;
}
