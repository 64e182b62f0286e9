import type { CoverageAlert, CoverageChange } from '../domain/alert.ts';
import type { EventLog } from '../domain/event-log.ts';
import { loggableId } from '../domain/mention.ts';

export interface CoverageWatchPorts {
  /** The account's groups by their ids. */
  readonly groups: (signal: AbortSignal) => Promise<ReadonlyMap<string, GroupStatus>>;
  /** The name of a group; null where it can't be told. */
  readonly nameOf: (groupId: string, signal: AbortSignal) => Promise<string | null>;
  readonly memory: CoverageMemory;
  /** Resolves when Redis has acknowledged the alert for every webhook that wants it. */
  readonly alert: (alert: CoverageAlert) => Promise<void>;
  readonly log: EventLog;
  readonly nowMs: () => number;
}

/** The groups as they were when they were last looked at, over all replicas. */
export interface CoverageMemory {
  /** Null if they never were. */
  last(): Promise<KnownGroups | null>;
  remember(known: KnownGroups): Promise<void>;
}

/** What is known of the account's groups. */
export interface KnownGroups {
  readonly groups: ReadonlyMap<string, GroupStatus>;
  /** Whether the last answer had none at all, which is believed when the next one says so too. */
  readonly emptyOnce: boolean;
}

/**
 * One look at which groups Groouply watches: what changed since the last one is told in the log and
 * as alerts, and then remembered. The first look ever has nothing to compare with. That an account
 * suddenly has no group at all is believed when the next look says so too: the API writes nothing
 * for an empty list, and may do so for a list that it failed to make.
 */
export async function watchCoverage(ports: CoverageWatchPorts, signal: AbortSignal): Promise<void> {
  const { memory, log } = ports;
  const before = await memory.last();
  const now = await ports.groups(signal);
  if (now.size === 0 && before !== null && before.groups.size > 0 && !before.emptyOnce) {
    await memory.remember({ ...before, emptyOnce: true });
    return;
  }

  const changedAtMs = ports.nowMs();
  const changes = before === null ? [] : coverageChanges(before.groups, now);
  // All of them before the first is told: what ends in between repeats nothing.
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
  // Last, so that a crash before it tells the change again rather than never.
  await memory.remember({ groups: now, emptyOnce: false });
}

const MESSAGES = {
  left: 'a group is tracked no longer: mentions in it are missed until it is again',
  returned: 'a group is tracked now',
  appeared: 'a group is new in the account',
  vanished: 'a group is no longer in the account: no mentions come from it',
} as const;

/** Such as `pending access`: words, but foreign ones. */
function loggable(text: string): string {
  return text.replace(/[^\w .:-]/g, '?').slice(0, 64);
}

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
