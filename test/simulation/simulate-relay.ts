import { parseMention, type Mention } from '../../src/domain/mention.ts';
import type { EventLog } from '../../src/domain/events.ts';
import type { Gap } from '../../src/pipeline/gap.ts';
import { createPollTurn } from '../../src/pipeline/poll-turn.ts';
import { poll, type PollOutcome, type PollPorts } from '../../src/pipeline/poll.ts';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';
import { MINUTE_MS, START_MS, type Pattern } from './patterns.ts';
import type { Policy } from './policies.ts';
import type { Recover } from './recovery.ts';
import { ApiAwayError, createSimulatedApi } from './sandbox-api.ts';
import { createSeenInMemory } from './seen-in-memory.ts';
import { createSweeps } from './sweeps.ts';
import { createVirtualBudget } from './virtual-budget.ts';
import { createVirtualTime } from './virtual-time.ts';

export interface Simulation {
  readonly pattern: Pattern;
  readonly policy: Policy;
  readonly budget: { readonly requestsPerWindow: number; readonly windowMs: number };
  /** From a request to its answer. */
  readonly latencyMs: number;
  readonly recover?: Recover;
  /** How many requests in a window recovery may make: a fifth of the budget unless said otherwise. */
  readonly sweepSlots?: number;
}

/** What happened. All times are from the beginning. */
export interface SimulatedRun {
  readonly pattern: Pattern;
  readonly policy: Policy;
  /** How long the relay ran: longer than the pattern. */
  readonly lengthMs: number;
  /** What had scrolled past by then is not the relay's to bring. */
  readonly firstWindowAtMs: number;
  readonly polls: readonly SimulatedPoll[];
  /** When each mention of the pattern was queued, by its id. */
  readonly queuedAtMs: ReadonlyMap<string, number>;
  readonly recoveredAtMs: ReadonlyMap<string, number>;
  /** As they were told, in milliseconds since 1970. */
  readonly gaps: readonly Gap[];
  readonly requests: number;
  /** The most requests that the API counted in any minute. */
  readonly busiestMinute: number;
}

export interface SimulatedPoll {
  readonly atMs: number;
  readonly outcome: PollOutcome;
}

const DRAIN_MS = 5 * MINUTE_MS;
// As src/adapters/groouply-api.ts does: two more requests after one that failed.
const RETRY_PAUSES_MS = [1_000, 2_000];
const SILENT: EventLog = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
};
// The same item stands in many windows: it is read once.
const read = new WeakMap<object, Mention>();

/**
 * The relay's own `poll()` in virtual time, against the sandbox's account: a heartbeat, polls in
 * between where the policy says so, the budget, and recovery if there is one. The same simulation
 * always gives the same run.
 */
export async function simulateRelay(simulation: Simulation): Promise<SimulatedRun> {
  const { pattern, policy, latencyMs } = simulation;
  const time = createVirtualTime(START_MS);
  const elapsedMs = (): number => time.nowMs() - START_MS;
  const api = createSimulatedApi(time, pattern, latencyMs);
  const sweepSlots =
    simulation.sweepSlots ?? Math.max(1, Math.floor(simulation.budget.requestsPerWindow / 5));
  const budget = createVirtualBudget(time, { ...simulation.budget, sweepSlots });
  const seen = createSeenInMemory();
  const ofPattern = new Map(pattern.arrivals.map(({ mention }) => [mention.id, mention]));
  const polls: SimulatedPoll[] = [];
  const gaps: Gap[] = [];
  const queuedAtMs = new Map<string, number>();
  const recoveredAtMs = new Map<string, number>();

  const sweeps = createSweeps({
    recover: simulation.recover,
    askGroup: (groupId) => budget.run('sweep', () => api.ask('/account/group', { groupId })),
    arrivals: pattern.arrivals,
    isDelivered: (id) => queuedAtMs.has(id) || recoveredAtMs.has(id),
    deliver: (id) => recoveredAtMs.set(id, elapsedMs()),
  });

  let firstWindowAtMs = Infinity;
  let begunAtMs = -Infinity;
  let succeededAtMs: number | null = null;
  let underWay = false;
  let waitingTurn = false;
  let callOff = (): void => {};

  const ports: PollPorts = {
    async fetchWindow() {
      const payload = await withRetries(() =>
        budget.run('poll', () => {
          begunAtMs = elapsedMs();
          return api.ask('/account/mentions');
        }),
      );
      firstWindowAtMs = Math.min(firstWindowAtMs, begunAtMs + latencyMs / 2);
      const items = payload['mentions'] as readonly SandboxMention[];
      return { mentions: items.map(readOnce), malformed: 0, receivedAtMs: time.nowMs() };
    },
    seen: {
      unseen: (window) => seen.unseen(window),
      async mark(keys, polled) {
        await seen.mark(keys, polled);
        if (polled.gap === null) return;
        gaps.push(polled.gap);
        sweeps.search(polled.gap);
      },
    },
    async enqueue(_, deliveries) {
      for (const { mention } of deliveries) {
        if (ofPattern.has(mention.id)) queuedAtMs.set(mention.id, elapsedMs());
      }
    },
    polledBefore: () => succeededAtMs !== null,
    async onEmptyState() {},
    log: SILENT,
  };
  const settings = {
    webhooks: [webhookOf()],
    dedupeBy: 'mention',
    backlog: { kind: 'all' },
  } as const;
  const pollTurn = createPollTurn({
    poll: (signal) => poll(ports, settings, signal),
    explain(error) {
      if (!(error instanceof ApiAwayError)) throw error;
      return { keyRejected: false, reason: error.message };
    },
    onOutcome(outcome) {
      if (typeof outcome === 'string') return;
      polls.push({ atMs: elapsedMs(), outcome });
      const sinceMs = succeededAtMs === null ? null : elapsedMs() - succeededAtMs;
      succeededAtMs = elapsedMs();
      const nextInMs = policy.nextPollInMs(outcome, sinceMs, budget.slotsOfSweeps());
      callOff();
      // At the base interval too: the next heartbeat may come too soon, and is then left out.
      if (nextInMs !== null) pollAgainAt(begunAtMs + nextInMs);
    },
    log: SILENT,
    monotonicMs: time.nowMs,
  });
  const { signal } = new AbortController();

  function pollAgainAt(atMs: number): void {
    callOff = time.at(START_MS + atMs, () => void turn('between'));
  }

  async function turn(kind: 'heartbeat' | 'between'): Promise<void> {
    const { outage } = pattern;
    const nowMs = elapsedMs();
    if (outage?.of === 'relay' && nowMs >= outage.fromMs && nowMs < outage.toMs) return;
    if (underWay) {
      waitingTurn = true;
      return;
    }
    const earliestMs = begunAtMs + policy.shortestMs;
    if (nowMs < earliestMs) {
      if (kind === 'between') pollAgainAt(earliestMs);
      return;
    }
    underWay = true;
    begunAtMs = nowMs;
    await pollTurn(signal);
    underWay = false;
    if (!waitingTurn) return;
    waitingTurn = false;
    await turn('heartbeat');
  }

  function beat(): void {
    void turn('heartbeat');
    time.at(time.nowMs() + policy.heartbeatMs, beat);
  }

  async function withRetries<T>(ask: () => Promise<T>): Promise<T> {
    for (const pauseMs of RETRY_PAUSES_MS) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof ApiAwayError)) throw error;
        await time.sleep(pauseMs);
      }
    }
    return ask();
  }

  beat();
  const lengthMs = pattern.lengthMs + DRAIN_MS;
  await time.runUntil(START_MS + lengthMs);
  return {
    pattern,
    policy,
    lengthMs,
    firstWindowAtMs,
    polls,
    queuedAtMs,
    recoveredAtMs,
    gaps,
    requests: api.requests(),
    busiestMinute: api.arrivals.busiest(MINUTE_MS),
  };
}

function readOnce(item: SandboxMention): Mention {
  const known = read.get(item);
  if (known !== undefined) return known;
  const parsed = parseMention(item);
  if (!parsed.ok) throw new Error(parsed.reason);
  read.set(item, parsed.mention);
  return parsed.mention;
}
