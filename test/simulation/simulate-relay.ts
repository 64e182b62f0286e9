import { parseMention, type Mention } from '../../src/domain/mention.ts';
import type { EventLog } from '../../src/domain/event-log.ts';
import type { Gap } from '../../src/state/gap.ts';
import { backgroundBelow, backgroundWhileBusy } from '../../src/groouply/background-share.ts';
import { createPollRun } from '../../src/polling/poll-run.ts';
import { poll, type PollOutcome, type PollPorts } from '../../src/polling/poll.ts';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';
import { MINUTE_MS, START_MS, type Pattern } from './patterns.ts';
import type { Policy } from './policies.ts';
import { createRelayMemory } from './relay-memory.ts';
import { ApiAwayError, createSimulatedApi } from './sandbox-api.ts';
import { startSweeping } from './sweeps.ts';
import { createVirtualBudget } from './virtual-budget.ts';
import { createVirtualTime } from './virtual-time.ts';

export interface Simulation {
  readonly pattern: Pattern;
  readonly policy: Policy;
  readonly budget: { readonly requestsPerWindow: number; readonly windowMs: number };
  /** From a request to its answer. */
  readonly latencyMs: number;
  /** Whether the groups are searched for what was missed. */
  readonly recovery: boolean;
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
// As src/groouply/groouply-api.io.ts does: two more requests after one that failed.
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
  const budget = createVirtualBudget(time, {
    ...simulation.budget,
    backgroundBelow: backgroundBelow({
      ...simulation.budget,
      baseIntervalMs: policy.heartbeatMs,
    }),
    backgroundWhileBusy: backgroundWhileBusy(simulation.budget.requestsPerWindow),
  });
  const memory = createRelayMemory(time);
  const ids = new Set(pattern.arrivals.map(({ mention }) => mention.id));
  const idsByLink = new Map(pattern.arrivals.map(({ mention }) => [mention.link, mention.id]));
  const polls: SimulatedPoll[] = [];
  const gaps: Gap[] = [];
  const queuedAtMs = new Map<string, number>();
  const recoveredAtMs = new Map<string, number>();

  let firstWindowAtMs = Infinity;
  let begunAtMs = -Infinity;
  let underWay = false;
  let waitingTurn = false;
  let paceMs: number | null = null;
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
      unseen: (window) => memory.seen.unseen(window),
      async mark(mentions, polled) {
        await memory.seen.mark(mentions, polled);
        if (polled.gap !== null) gaps.push(polled.gap);
      },
    },
    async enqueue(_, deliveries) {
      for (const delivery of deliveries) {
        if (delivery.kind !== 'mention') continue;
        const { id } = delivery.mention;
        if (ids.has(id)) queuedAtMs.set(id, elapsedMs());
      }
    },
    async alert() {},
    polledBefore: () => polls.length > 0,
    async onEmptyState() {},
    log: SILENT,
  };
  const settings = {
    webhooks: [webhookOf()],
    dedupeBy: 'mention',
    backlog: { kind: 'all' },
  } as const;
  const pollTurn = createPollRun({
    poll: (signal) => poll(ports, settings, signal),
    explain(error) {
      if (!(error instanceof ApiAwayError)) throw error;
      return { keyRejected: false, reason: error.message };
    },
    onOutcome(outcome) {
      if (typeof outcome === 'string') {
        askBetween(policy.pollAfterFailureInMs(paceMs));
        return;
      }
      polls.push({ atMs: elapsedMs(), outcome });
      if (policy.isBusy(outcome)) budget.setBusy();
      if (outcome.gap) sweeping?.lookSoon();
      const others = outcome.newMentions > 0 ? budget.heldBySweeps() : 0;
      askBetween(policy.pollBetweenInMs(outcome, outcome.sinceLastMs, others));
    },
    log: SILENT,
    monotonicMs: time.nowMs,
  });
  const { signal } = new AbortController();

  function askBetween(nextInMs: number | null): void {
    paceMs = nextInMs;
    callOff();
    if (nextInMs === null) return;
    callOff = time.at(START_MS + begunAtMs + nextInMs, () => void turn('between'));
  }

  function isAway(): boolean {
    const { outage } = pattern;
    const nowMs = elapsedMs();
    return outage?.of === 'relay' && nowMs >= outage.fromMs && nowMs < outage.toMs;
  }

  async function turn(kind: 'heartbeat' | 'between'): Promise<void> {
    if (isAway()) return;
    if (underWay) {
      waitingTurn = true;
      return;
    }
    if (elapsedMs() < begunAtMs + policy.minSpacingMs(kind)) return;
    underWay = true;
    begunAtMs = elapsedMs();
    await pollTurn(signal);
    underWay = false;
    if (!waitingTurn) return;
    waitingTurn = false;
    await turn(kind);
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

  const sweeping = simulation.recovery
    ? startSweeping({
        time,
        api,
        budget,
        memory,
        log: SILENT,
        isAway,
        deliver(posts) {
          for (const { link } of posts) {
            const id = idsByLink.get(link);
            if (id !== undefined) recoveredAtMs.set(id, elapsedMs());
          }
        },
      })
    : undefined;
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
  if (!parsed.ok) throw new Error(parsed.error);
  read.set(item, parsed.value);
  return parsed.value;
}
