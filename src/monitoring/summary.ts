import { type EventLog, isoTime } from '../domain/event-log.ts';
import type { RelayStatus, WebhookStatus } from './relay-status.io.ts';
import type { DeliveryListener } from '../delivering/delivery-events.ts';
import type { OperatorPause } from '../delivering/gate/operator-pause.io.ts';

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

/** Logs each webhook that an operator has paused: nobody else ends a pause without an end. */
export async function logPaused({
  status,
  log,
}: Pick<SummaryPorts, 'status' | 'log'>): Promise<void> {
  for (const { webhook, operatorPause } of (await status()).webhooks) {
    if (operatorPause === null) continue;
    const fields = { webhook, reason: 'operator', ...pauseTimes(operatorPause) };
    log.warn('webhook.paused', fields, 'an operator paused the webhook; end it with `resume`');
  }
}

function summaryOf(status: WebhookStatus, nowMs: number): object {
  const { counts, oldestWaitingAtMs, gone, closedForMs, operatorPause } = status;
  const ageMs = oldestWaitingAtMs === null ? 0 : nowMs - oldestWaitingAtMs;
  return {
    ...counts,
    oldestWaitingSeconds: Math.max(0, Math.round(ageMs / 1000)),
    ...(gone && { gone }),
    ...(closedForMs !== null && { closed: true }),
    ...(operatorPause !== null && { paused: pauseTimes(operatorPause) }),
  };
}

/** Returns when an operator's pause began, and when it ends, for logs and JSON output. */
export function pauseTimes({ sinceMs, untilMs }: OperatorPause): PauseTimes {
  return { since: new Date(sinceMs).toISOString(), until: isoTime(untilMs) };
}

/** The times of a pause in ISO 8601. `until` is null if it lasts until somebody ends it. */
export interface PauseTimes {
  readonly since: string;
  readonly until: string | null;
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
