import { parseMention, type Mention } from '../../src/domain/mention.ts';
import type { EventLog } from '../../src/domain/event-log.ts';
import type { Gap } from '../../src/state/gap.ts';
import { backgroundBelow, backgroundWhileBusy } from '../../src/groouply/request-budget.io.ts';
import { createPollRun } from '../../src/polling/poll-run.ts';
import { createPollSchedule } from '../../src/polling/poll-job.ts';
import { poll, type PollOutcome, type PollPorts } from '../../src/polling/poll.ts';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';
import { createClaimsInMemory } from '../helpers/claims-in-memory.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';
import { MINUTE_MS, START_MS, type Pattern } from './patterns.ts';
import type { Policy } from './compare.ts';
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
  /** True if the groups are searched for missed mentions. */
  readonly recovery: boolean;
}

/** A simulated run of a relay. All times are from the beginning. */
export interface SimulatedRun {
  readonly pattern: Pattern;
  readonly policy: Policy;
  /** Length of the run: longer than the pattern. */
  readonly lengthMs: number;
  /** Mentions that scrolled past before it do not count. */
  readonly firstWindowAtMs: number;
  readonly polls: readonly SimulatedPoll[];
  /** When each mention of the pattern was queued, by its id. */
  readonly queuedAtMs: ReadonlyMap<string, number>;
  readonly recoveredAtMs: ReadonlyMap<string, number>;
  /** The logged gaps, in milliseconds since 1970. */
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
// The same item stands in many windows: it is parsed once.
const read = new WeakMap<object, Mention>();

/**
 * Runs the relay's own polls, schedule of polls and sweeps in virtual time, against the sandbox's
 * account. The same simulation always gives the same run.
 */
export async function simulateRelay(simulation: Simulation): Promise<SimulatedRun> {
  const { pattern, policy, latencyMs } = simulation;
  const { times } = policy;
  const time = createVirtualTime(START_MS);
  const elapsedMs = (): number => time.nowMs() - START_MS;
  const api = createSimulatedApi(time, pattern, latencyMs);
  const budget = createVirtualBudget(time, {
    ...simulation.budget,
    backgroundBelow: backgroundBelow({
      ...simulation.budget,
      baseIntervalMs: times.baseIntervalMs,
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
  const ports: PollPorts = {
    async fetchWindow() {
      const payload = await withRetries(() =>
        budget.run('poll', () => api.ask('/account/mentions')),
      );
      firstWindowAtMs = Math.min(firstWindowAtMs, elapsedMs() - latencyMs / 2);
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
    leads: { claim: async () => new Map(), mark: async () => {} },
    async enqueue(_, deliveries) {
      for (const delivery of deliveries) {
        if (delivery.kind !== 'mention') continue;
        const { id } = delivery.mention;
        if (ids.has(id)) queuedAtMs.set(id, elapsedMs());
      }
    },
    async alert() {},
    hadState: () => polls.length > 0,
    async onEmptyState() {},
    log: SILENT,
  };
  const settings = {
    webhooks: [webhookOf()],
    dedupeBy: 'mention',
    backlog: { kind: 'all' },
  } as const;
  const { signal } = new AbortController();
  const pollJob = createPollSchedule(
    {
      claims: createClaimsInMemory(time.nowMs),
      run: createPollRun({
        poll: (stop) => poll(ports, settings, stop),
        explain(error) {
          if (!(error instanceof ApiAwayError)) throw error;
          return { keyRejected: false, reason: error.message };
        },
        onResult(result) {
          if (typeof result === 'string') return;
          polls.push({ atMs: elapsedMs(), outcome: result });
          if (times.isBusy(result)) budget.setBusy();
          if (result.gap) sweeping?.sweepSoon();
        },
        log: SILENT,
        monotonicMs: time.nowMs,
      }),
      async askForExtraPoll(delayMs, token) {
        time.at(time.nowMs() + delayMs, () => enqueue(token));
      },
      slotsOfOthers: async () => budget.heldBySweeps(),
      monotonicMs: time.nowMs,
    },
    times,
  );

  // The queue of polls: one job at a time, and at most one scheduled job waits.
  const waiting: (string | null)[] = [];
  let running = false;

  function enqueue(token: string | null): void {
    if (token === null && waiting.includes(null)) return;
    waiting.push(token);
    if (!running) void drain();
  }

  async function drain(): Promise<void> {
    running = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (!isAway()) await pollJob(signal, next);
    }
    running = false;
  }

  function tick(): void {
    enqueue(null);
    time.at(time.nowMs() + times.baseIntervalMs, tick);
  }

  function isAway(): boolean {
    const { outage } = pattern;
    const nowMs = elapsedMs();
    return outage?.of === 'relay' && nowMs >= outage.fromMs && nowMs < outage.toMs;
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
  tick();
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
