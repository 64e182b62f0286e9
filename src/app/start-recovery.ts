import { claimLook, createCoverageMemory } from '../recovery/coverage-memory.io.ts';
import type { GroouplyApi } from '../groouply/groouply-api.io.ts';
import { isTracked, type Group, GroouplyError } from '../groouply/groouply-shapes.ts';
import { errorCode, troubleOf } from '../redis/redis-errors.ts';
import { createRecoveryMemory } from '../recovery/recovery-memory.io.ts';
import { markSweepTried, readRelayState } from '../state/relay-state.io.ts';
import type { RequestBudget } from '../groouply/request-budget.io.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import { watchCoverage, type CoverageWatchPorts } from '../recovery/coverage.ts';
import { logRecovered } from '../polling/poll-log.ts';
import { recoveredDeliveries } from '../routing/fan-out.ts';
import type { GroupPosts } from '../recovery/judged-posts.ts';
import { sweep, type Swept } from '../recovery/sweep.ts';
import { sweepDue } from '../recovery/sweep-due.ts';
import { createApi } from './groouply-access.ts';
import type { Outbox } from '../delivering/outbox.io.ts';
import type { Parts } from './parts.ts';

const LOOK_INTERVAL_MS = 60_000;
const COVERAGE_INTERVAL_MS = 600_000;
const SWEEP_FAILED = "the account's groups could not be looked at: it is tried again in 10 minutes";

/**
 * Looks after what polls can't see: which groups are tracked, and what windows have missed. All of
 * its requests leave the budget's slots to the polls.
 */
export async function startSweeping(
  parts: Parts,
  budget: RequestBudget,
  outbox: Outbox,
): Promise<void> {
  const { log, lifecycle, queues, redis, keys, reportError } = parts;
  const api = createApi(parts, budget.background);
  const coverage = coveragePorts(parts, api, outbox);

  async function look(signal: AbortSignal): Promise<void> {
    if (await claimLook(redis, keys, COVERAGE_INTERVAL_MS)) await watchCoverage(coverage, signal);
    await sweepIfDue(parts, api, outbox, signal);
  }

  await lifecycle.untilTaken(() =>
    queues.startLooking(LOOK_INTERVAL_MS, async (signal) => {
      try {
        await look(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof GroouplyError)) {
          if (troubleOf(error) !== null) return reportError(error);
          log.warn('sweep.failed', { reason: errorCode(error as Error) }, SWEEP_FAILED);
          return;
        }
        // A poll tells a rejected key, and what to do about it.
        const told = error.kind === 'key-rejected';
        log[told ? 'debug' : 'warn']('sweep.failed', { reason: error.message }, SWEEP_FAILED);
      }
    }),
  );
}

async function sweepIfDue(
  parts: Parts,
  api: GroouplyApi,
  outbox: Outbox,
  signal: AbortSignal,
): Promise<void> {
  const { config, log, redis, keys, tally, monitoring, nowMs } = parts;
  const { dedupeBy } = config.poll;
  const memory = createRecoveryMemory({ redis, keys, dedupeBy });
  const state = await readRelayState(redis, keys);
  // After a change of DEDUPE_BY the next poll says since when all is remembered in the new way.
  if (state.dedupeBy !== dedupeBy) return;
  const beganAtMs = nowMs();
  const scope = sweepDue({ ...state, openGaps: await memory.openGaps() }, beganAtMs);
  if (scope === null) return;

  const ports = {
    groups: async () => {
      const groups = await api.groups(signal);
      return groups.map((group) => ({ id: group.id, tracked: isTracked(group) }));
    },
    postsOf: (groupId: string) => postsOf(api, groupId, signal),
    memory,
    queue: (posts: readonly RecoveredMention[]) => queueRecovered(parts, outbox, posts),
    log,
    nowMs,
  };
  let swept: Swept;
  try {
    swept = await sweep(ports, { ...scope, dedupeBy }, signal);
  } finally {
    // One that a stop or a crash has broken off is made again at once.
    if (!signal.aborted) await markSweepTried(redis, keys, beganAtMs);
  }
  tally.count('recovered', swept.recovered);
  monitoring.countRecovered(swept.recovered);
  if (swept.day !== null) {
    log.info(
      'sweep.completed',
      { ...swept.day, recovered: swept.recovered, unreadableGroups: swept.unreadable },
      'the posts that the groups show of the last day were compared with those that came through windows',
    );
  }
}

/** Null for a group that can't be read while others may. */
async function postsOf(
  api: GroouplyApi,
  groupId: string,
  signal: AbortSignal,
): Promise<GroupPosts | null> {
  try {
    return await api.posts(groupId, signal);
  } catch (error) {
    // The groups could be asked for, so the key is right: this one group is closed to it.
    if (error instanceof GroouplyError) return null;
    throw error;
  }
}

async function queueRecovered(
  { config, log, nowMs }: Parts,
  outbox: Outbox,
  posts: readonly RecoveredMention[],
): Promise<void> {
  const deliveries = recoveredDeliveries(config.webhooks, posts, {
    dedupeBy: config.poll.dedupeBy,
    polledAtMs: nowMs(),
  });
  await outbox.put(deliveries);
  logRecovered(log, posts, deliveries, config.webhooks);
}

function coveragePorts(
  { log, redis, keys, nowMs }: Parts,
  api: GroouplyApi,
  outbox: Outbox,
): CoverageWatchPorts {
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
