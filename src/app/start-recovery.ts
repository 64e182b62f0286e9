import type { Config } from '../config/env.ts';
import type { Outbox } from '../delivering/outbox.io.ts';
import type { Troubles } from '../delivering/troubles/troubles.io.ts';
import type { EventLog } from '../domain/event-log.ts';
import type { KeyRule } from '../domain/old-keys.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import type { GroouplyApi } from '../groouply/groouply-api.io.ts';
import { GroouplyError, isTracked, type Group } from '../groouply/groouply-shapes.ts';
import type { RequestBudget } from '../groouply/request-budget.io.ts';
import type { Metrics } from '../monitoring/metrics.io.ts';
import type { Tally } from '../monitoring/summary.ts';
import { logRecovered } from '../polling/mention-log.ts';
import { createMalformedItemsLog } from '../polling/poll-log.ts';
import type { Queues } from '../queues/queues.ts';
import { checkCoverage, type CoveragePorts } from '../recovery/coverage.ts';
import {
  claimCoverageCheck,
  createCoverageMemory,
  createRecoveryMemory,
} from '../recovery/recovery-memory.io.ts';
import { sweepDue } from '../recovery/sweep-due.ts';
import type { GroupPosts } from '../recovery/sweep-limits.ts';
import { sweep, type Swept } from '../recovery/sweep.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import { errorCode, troubleOf } from '../redis/redis-errors.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import { recoveredDeliveries } from '../routing/fan-out.ts';
import { markSweepTried, readRelayState } from '../state/relay-state.io.ts';
import { createApi } from './groouply-access.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { HistoryWrites } from './start-history.ts';

const CHECK_INTERVAL_MS = 60_000;
const COVERAGE_INTERVAL_MS = 600_000;
const SWEEP_FAILED = "the account's groups could not be read; the next try is in 10 minutes";

/** The parts of a relay that recovery uses. */
export interface RecoveryParts {
  readonly config: Config;
  readonly log: EventLog;
  readonly lifecycle: Pick<Lifecycle, 'untilTaken'>;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly queues: Pick<Queues, 'startSweeping'>;
  readonly budget: Pick<RequestBudget, 'background'>;
  readonly outbox: Outbox;
  readonly troubles: Pick<Troubles, 'found'>;
  readonly history: Pick<HistoryWrites, 'keepRecovered'>;
  readonly tally: Tally;
  readonly monitoring: Pick<Metrics, 'countRecovered' | 'countUnreadable'>;
  readonly reportError: (error: unknown) => void;
  readonly nowMs: () => number;
}

/**
 * Starts to check what polls can't see: which groups are tracked, and what windows have missed. All
 * of its requests leave the budget's slots to the polls.
 */
export async function startRecovery(parts: RecoveryParts): Promise<void> {
  const { lifecycle, queues, redis, keys } = parts;
  const api = createApi(parts, parts.budget.background);
  const coverage = coveragePorts(parts, api);

  await lifecycle.untilTaken(() =>
    queues.startSweeping(CHECK_INTERVAL_MS, async (signal) => {
      try {
        if (await claimCoverageCheck(redis, keys, COVERAGE_INTERVAL_MS)) {
          await checkCoverage(coverage, signal);
        }
        await sweepIfDue(parts, api, signal);
      } catch (error) {
        if (!signal.aborted) reportFailedSweep(parts, error);
      }
    }),
  );
}

/** Logs why a sweep failed, unless something else reports it. */
export function reportFailedSweep(
  { log, reportError }: Pick<RecoveryParts, 'log' | 'reportError'>,
  error: unknown,
): void {
  if (error instanceof GroouplyError) {
    // A poll logs a rejected key, and what to do about it.
    const reported = error.kind === 'key-rejected';
    log[reported ? 'debug' : 'warn']('sweep.failed', { reason: error.message }, SWEEP_FAILED);
  } else if (troubleOf(error) !== null) {
    reportError(error);
  } else {
    log.warn('sweep.failed', { reason: errorCode(error as Error) }, SWEEP_FAILED);
  }
}

async function sweepIfDue(
  parts: RecoveryParts,
  api: GroouplyApi,
  signal: AbortSignal,
): Promise<void> {
  const { config, log, redis, keys, tally, monitoring, nowMs } = parts;
  const { dedupeBy } = config.poll;
  const state = await readRelayState(redis, keys);
  const rule: KeyRule = { dedupeBy, oldKeysBeforeMs: state.keysSinceMs };
  const memory = createRecoveryMemory({ redis, keys, ...rule });
  // After a change of DEDUPE_BY the next poll records since when all is remembered in the new way.
  if (state.dedupeBy !== dedupeBy) return;
  const beganAtMs = nowMs();
  const scope = sweepDue({ ...state, openGaps: await memory.openGaps() }, beganAtMs);
  if (scope === null) return;

  const ports = {
    groups: async () => {
      const groups = await api.groups(signal);
      return groups.map((group) => ({ id: group.id, tracked: isTracked(group) }));
    },
    postsOf: (groupId: string) => postsOf(parts, api, groupId, signal),
    memory,
    queue: (posts: readonly RecoveredMention[]) => queueRecovered(parts, posts, rule),
    log,
    nowMs,
  };
  let swept: Swept;
  try {
    swept = await sweep(ports, { ...scope, ...rule }, signal);
  } finally {
    // A sweep that a stop or a crash interrupted is repeated at once.
    if (!signal.aborted) await markSweepTried(redis, keys, beganAtMs);
  }
  tally.count('recovered', swept.recovered);
  monitoring.countRecovered(swept.recovered);
  if (swept.day !== null) {
    log.info(
      'sweep.completed',
      { ...swept.day, recovered: swept.recovered, unreadableGroups: swept.unreadable },
      "daily sweep done: the groups' posts were compared with the polled mentions",
    );
  }
}

/** Returns null for a group that can't be read while others may. */
async function postsOf(
  { log, troubles, tally, monitoring }: RecoveryParts,
  api: GroouplyApi,
  groupId: string,
  signal: AbortSignal,
): Promise<GroupPosts | null> {
  const listed = await api.posts(groupId, signal).catch((error: unknown) => {
    // The groups were listed, so the key is valid: only this group is closed to it.
    if (error instanceof GroouplyError) return null;
    throw error;
  });
  if (listed === null) return null;
  const { posts, malformed } = listed;
  const unreadable = createMalformedItemsLog(log)(malformed);
  if (unreadable > 0) {
    tally.count('unreadable', unreadable);
    monitoring.countUnreadable(unreadable);
    await troubles.found('items_unreadable');
  }
  return { posts, malformed: malformed.length };
}

async function queueRecovered(
  { config, log, outbox, history, nowMs }: RecoveryParts,
  posts: readonly RecoveredMention[],
  rule: KeyRule,
): Promise<void> {
  const polledAtMs = nowMs();
  const deliveries = recoveredDeliveries(config.webhooks, posts, {
    ...rule,
    polledAtMs,
  });
  history.keepRecovered(posts, polledAtMs);
  await outbox.put(deliveries);
  logRecovered(log, posts, deliveries, config.webhooks);
}

function coveragePorts(
  { log, outbox, redis, keys, nowMs }: RecoveryParts,
  api: GroouplyApi,
): CoveragePorts {
  const statusOf = (group: Group) => ({
    tracked: isTracked(group),
    status: group.statusString || group.status,
  });
  return {
    groups: async (signal) =>
      new Map((await api.groups(signal)).map((group) => [group.id, statusOf(group)])),
    async nameOf(groupId, signal) {
      const { name } = await api.posts(groupId, signal).catch((error: unknown) => {
        if (error instanceof GroouplyError) return { name: '' };
        throw error;
      });
      return name === '' ? null : name;
    },
    memory: createCoverageMemory(redis, keys),
    alert: (alert) => outbox.alert(alert),
    log,
    nowMs,
  };
}
