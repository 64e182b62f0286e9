import type { EventLog } from '../domain/events.ts';
import { isoTime } from '../domain/iso-time.ts';
import type { Standing, WebhookStanding } from './standing.ts';
import type { Tally } from './tally.ts';

export interface SummaryPorts {
  readonly tally: Tally;
  readonly standing: () => Promise<Standing>;
  readonly log: EventLog;
  readonly nowMs: () => number;
}

/**
 * The line by which a quiet relay shows that it lives: what happened in this process since the
 * last one, and how the queues of all replicas stand now. If that can't be read it throws, and what
 * happened is told by the next one.
 */
export async function logSummary({ tally, standing, log, nowMs }: SummaryPorts): Promise<void> {
  const { webhooks, budgetUsed, lastPollAtMs, completeness } = await standing();
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
    'since the last summary',
  );
}

function summaryOf({ counts, oldestWaitingAtMs }: WebhookStanding, nowMs: number): object {
  const ageMs = oldestWaitingAtMs === null ? 0 : nowMs - oldestWaitingAtMs;
  return { ...counts, oldestWaitingSeconds: Math.max(0, Math.round(ageMs / 1000)) };
}
