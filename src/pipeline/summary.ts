import type { DeliveryCounts } from '../domain/delivery.ts';
import type { EventLog } from '../domain/events.ts';
import type { Tally } from './tally.ts';

export interface SummaryPorts {
  readonly tally: Tally;
  readonly counts: (webhook: string) => Promise<DeliveryCounts>;
  readonly oldestWaitingAtMs: (webhook: string) => Promise<number | null>;
  readonly budgetUsed: () => Promise<number>;
  readonly lastPollAtMs: () => Promise<number | null>;
  readonly log: EventLog;
  readonly nowMs: () => number;
}

/**
 * The line by which a quiet relay shows that it lives: what happened in this process since the
 * last one, and how the queues of all replicas stand now.
 */
export async function logSummary(ports: SummaryPorts, webhooks: readonly string[]): Promise<void> {
  const standing: Record<string, unknown> = {};
  for (const webhook of webhooks) {
    const queuedAtMs = await ports.oldestWaitingAtMs(webhook);
    standing[webhook] = {
      ...(await ports.counts(webhook)),
      oldestWaitingSeconds: queuedAtMs === null ? 0 : secondsSince(queuedAtMs, ports.nowMs()),
    };
  }
  const lastPollAtMs = await ports.lastPollAtMs();
  ports.log.info(
    'relay.summary',
    {
      ...ports.tally.take(),
      webhooks: standing,
      budgetUsed: await ports.budgetUsed(),
      lastPollAt: lastPollAtMs === null ? null : new Date(lastPollAtMs).toISOString(),
    },
    'since the last summary',
  );
}

function secondsSince(timeMs: number, nowMs: number): number {
  return Math.max(0, Math.round((nowMs - timeMs) / 1000));
}
