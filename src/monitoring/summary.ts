import { type EventLog, isoTime } from '../domain/event-log.ts';
import type { RelayStatus, WebhookStatus } from './relay-status.io.ts';
import type { DeliveryListener } from '../delivering/delivery-events.ts';

/** Sources and target of the summary. */
export interface SummaryPorts {
  readonly tally: Tally;
  readonly status: () => Promise<RelayStatus>;
  readonly log: EventLog;
  readonly nowMs: () => number;
}

/**
 * Logs the counts of this process since the last summary, and the present queues of all replicas: a
 * quiet relay shows that it is alive. Throws if the queues can't be read; the next summary then has
 * the counts.
 */
export async function logSummary({ tally, status, log, nowMs }: SummaryPorts): Promise<void> {
  const { webhooks, budgetUsed, lastPollAtMs, completeness } = await status();
  log.info(
    'relay.summary',
    {
      ...tally.take(),
      webhooks: Object.fromEntries(
        webhooks.map((each) => [each.webhook, summaryOf(each, nowMs())]),
      ),
      budgetUsed,
      lastPollAt: isoTime(lastPollAtMs),
      lastDay: completeness,
    },
    'counts since the last summary',
  );
}

function summaryOf(status: WebhookStatus, nowMs: number): object {
  const { counts, oldestWaitingAtMs, gone, closedForMs } = status;
  const ageMs = oldestWaitingAtMs === null ? 0 : nowMs - oldestWaitingAtMs;
  return {
    ...counts,
    oldestWaitingSeconds: Math.max(0, Math.round(ageMs / 1000)),
    ...(gone && { gone }),
    ...(closedForMs !== null && { closed: true }),
  };
}

/** Counts since the last summary. */
export interface TallyCounts {
  readonly polls: number;
  readonly pollsFailed: number;
  readonly newMentions: number;
  /** New mentions whose post or lead has another message. */
  readonly merged: number;
  readonly delivered: number;
  readonly retried: number;
  readonly failed: number;
  readonly gaps: number;
  readonly recovered: number;
  /** Items of the API that could not be read. */
  readonly unreadable: number;
}

/** Counts events between two summaries, in this process alone. */
export interface Tally {
  readonly count: (what: keyof TallyCounts, by?: number) => void;
  /** Returns the counts so far and resets them. */
  readonly take: () => TallyCounts;
}

/** Creates a tally that starts at zero. */
export function createTally(): Tally {
  const none = {
    polls: 0,
    pollsFailed: 0,
    newMentions: 0,
    merged: 0,
    delivered: 0,
    retried: 0,
    failed: 0,
    gaps: 0,
    recovered: 0,
    unreadable: 0,
  };
  let counts = { ...none };
  return {
    count(what, by = 1) {
      counts[what] += by;
    },
    take() {
      const taken = counts;
      counts = { ...none };
      return taken;
    },
  };
}

/** Counts deliveries: accepted, to be retried, failed. */
export function tallyDeliveries(tally: Tally): DeliveryListener {
  return {
    succeeded: () => tally.count('delivered'),
    retrying: () => tally.count('retried'),
    failed: () => tally.count('failed'),
    unreadable: () => tally.count('failed'),
  };
}
