import type { CoverageAlert, CoverageChange } from '../domain/alert.ts';
import type { EventLog } from '../domain/event-log.ts';
import { loggableId } from '../domain/mention.ts';

export interface CoveragePorts {
  /** The account's groups by their ids. */
  readonly groups: (signal: AbortSignal) => Promise<ReadonlyMap<string, GroupStatus>>;
  /** The name of a group; null if it can't be read. */
  readonly nameOf: (groupId: string, signal: AbortSignal) => Promise<string | null>;
  readonly memory: CoverageMemory;
  /** Resolves when Redis has acknowledged the alert for every webhook that wants it. */
  readonly alert: (alert: CoverageAlert) => Promise<void>;
  readonly log: EventLog;
  readonly nowMs: () => number;
}

/** The groups at the last check, over all replicas. */
export interface CoverageMemory {
  /** Null before the first check. */
  last(): Promise<KnownGroups | null>;
  remember(known: KnownGroups): Promise<void>;
}

/** The known groups of the account. */
export interface KnownGroups {
  readonly groups: ReadonlyMap<string, GroupStatus>;
  /** True if the last answer listed no group; a second such answer counts. */
  readonly emptyOnce: boolean;
}

/** The status of a group in the API: `tracked`, and its text. */
export interface GroupStatus {
  readonly tracked: boolean;
  /** Such as `tracking` or `pending access`. Foreign text. */
  readonly status: string;
}

/** A change of one group since the last check. */
export interface GroupChange {
  readonly groupId: string;
  readonly change: CoverageChange;
  /** The status now; empty for a group that vanished. */
  readonly status: string;
}

const MESSAGES = {
  left: 'a group is no longer tracked; its mentions are missed until Groouply tracks it again',
  returned: 'a group is tracked now',
  appeared: 'a group is new in the account',
  vanished: 'a group is no longer in the account: no mentions come from it',
} as const;

/**
 * Checks which groups Groouply tracks. Logs changes since the last check, sends them as alerts, and
 * then remembers them. The first check has nothing to compare with. An empty list of groups counts
 * only if the next check confirms it: the API may also send nothing for a list that it failed to
 * make.
 */
export async function checkCoverage(ports: CoveragePorts, signal: AbortSignal): Promise<void> {
  const { memory, log } = ports;
  const before = await memory.last();
  const now = await ports.groups(signal);
  if (now.size === 0 && before !== null && before.groups.size > 0 && !before.emptyOnce) {
    await memory.remember({ ...before, emptyOnce: true });
    return;
  }

  const changedAtMs = ports.nowMs();
  const changes = before === null ? [] : coverageChanges(before.groups, now);
  // All names before the first alert: an error in between must not repeat alerts.
  const names = new Map<string, string | null>();
  for (const { groupId, change } of changes) {
    names.set(groupId, change === 'vanished' ? null : await ports.nameOf(groupId, signal));
  }
  for (const { groupId, change, status } of changes) {
    const gone = change === 'vanished';
    const loses = change === 'left' || gone;
    log[loses ? 'warn' : 'info'](
      'group.coverage_changed',
      { groupId: loggableId(groupId), change, ...(!gone && { status: loggable(status) }) },
      MESSAGES[change],
    );
    await ports.alert({
      type: 'group.coverage_changed',
      groupId,
      groupName: names.get(groupId) ?? null,
      change,
      status,
      changedAtMs,
    });
  }
  // Comes last: a crash before it repeats the alert, instead of losing it.
  await memory.remember({ groups: now, emptyOnce: false });
}

/** Makes foreign text, such as `pending access`, safe for a log line. */
function loggable(text: string): string {
  return text.replace(/[^\w .:-]/g, '?').slice(0, 64);
}

/**
 * Returns the changes between two lists of the account's groups, in the order of the later one,
 * vanished groups last. A group that appears or vanishes is a change whether it is tracked or not;
 * of the others, only the beginning and the end of tracking is.
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
