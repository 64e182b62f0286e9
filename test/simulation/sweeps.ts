import type { EventLog } from '../../src/domain/event-log.ts';
import {
  parseRecoveredMention,
  type RecoveredMention,
} from '../../src/domain/recovered-mention.ts';
import { sweep } from '../../src/recovery/sweep.ts';
import { sweepDue } from '../../src/recovery/sweep-due.ts';
import { MINUTE_MS } from './patterns.ts';
import type { RelayMemory } from './relay-memory.ts';
import { ApiAwayError, type SimulatedApi } from './sandbox-api.ts';
import type { VirtualBudget } from './virtual-budget.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface SweepingPorts {
  readonly time: VirtualTime;
  readonly api: SimulatedApi;
  readonly budget: VirtualBudget;
  readonly memory: RelayMemory;
  readonly log: EventLog;
  readonly isAway: () => boolean;
  readonly deliver: (posts: readonly RecoveredMention[]) => void;
}

export interface Sweeping {
  /** Asks for a sweep as soon as none runs. */
  readonly sweepSoon: () => void;
}

// As src/app/start-recovery.ts has it.
const CHECK_EVERY_MS = MINUTE_MS;

/** Runs the relay's own `sweep()` whenever it is due, behind the polls. */
export function startSweeping({
  time,
  api,
  budget,
  memory,
  log,
  ...ports
}: SweepingPorts): Sweeping {
  const { signal } = new AbortController();
  let triedAtMs: number | null = null;
  let running = false;
  let waiting = false;

  async function check(): Promise<void> {
    if (running) {
      waiting = true;
      return;
    }
    const scope = sweepDue({ ...memory.situation(), triedAtMs }, time.nowMs());
    if (scope === null || ports.isAway()) return;
    running = true;
    triedAtMs = time.nowMs();
    try {
      await sweep(
        {
          groups,
          postsOf: async (groupId) => ({ posts: await postsOf(groupId), malformed: 0 }),
          memory: memory.recovery,
          queue: async (posts) => ports.deliver(posts),
          log,
          nowMs: time.nowMs,
        },
        { ...scope, dedupeBy: 'mention' },
        signal,
      );
    } catch (error) {
      if (!(error instanceof ApiAwayError)) throw error;
    }
    running = false;
    if (!waiting) return;
    waiting = false;
    await check();
  }

  async function groups(): Promise<{ id: string; tracked: boolean }[]> {
    const payload = await budget.run('sweep', () => api.ask('/account/groups'));
    const listed = payload['groups'] as { id: string; statusString: string }[];
    return listed.map(({ id, statusString }) => ({ id, tracked: statusString === 'tracking' }));
  }

  async function postsOf(groupId: string): Promise<RecoveredMention[]> {
    const payload = await budget.run('sweep', () => api.ask('/account/group', { groupId }));
    const { posts } = payload['group'] as { posts: unknown[] };
    return posts.map((post) => {
      const parsed = parseRecoveredMention(post, { id: groupId, name: '' });
      if (!parsed.ok) throw new Error(parsed.error);
      return parsed.value;
    });
  }

  function tick(): void {
    void check();
    time.at(time.nowMs() + CHECK_EVERY_MS, tick);
  }
  tick();
  return { sweepSoon: () => void check() };
}
