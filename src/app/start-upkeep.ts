import type { KnownWebhooks, Outbox } from '../delivering/outbox.io.ts';
import { heldWebhooks } from '../monitoring/held-webhooks.ts';
import { purgeFailed, logUnconfigured } from '../delivering/kept-deliveries.ts';
import { logSummary } from '../monitoring/summary.ts';
import type { Parts } from './parts.ts';
import { relayStatus } from '../monitoring/relay-status.io.ts';

const SUMMARY_INTERVAL_MS = 300_000;
const HELD_INTERVAL_MS = 60_000;
const PURGE_INTERVAL_MS = 3_600_000;

/** What is told and tidied from time to time: a summary, old failures, held and forgotten webhooks. */
export async function startUpkeep(
  parts: Parts,
  knownWebhooks: KnownWebhooks,
  outbox: Outbox,
): Promise<void> {
  const { config, log, lifecycle, queues, nowMs } = parts;
  const names = config.webhooks.map(({ name }) => name);
  const kept = { ...queues, everNames: () => knownWebhooks.names(), log };
  const purge = (): Promise<void> => purgeFailed(kept, names, config.delivery.failedRetentionMs);

  await lifecycle.untilTaken(() => logUnconfigured(kept, names));
  // At the start too: a relay that is started again within the hour would never come to it.
  await purge().catch(parts.reportError);
  lifecycle.every(PURGE_INTERVAL_MS, purge);
  const status = relayStatus(parts);
  const summary = { ...parts, status };
  lifecycle.every(SUMMARY_INTERVAL_MS, () => logSummary(summary));
  lifecycle.every(HELD_INTERVAL_MS, async () => {
    const { webhooks } = await status();
    for (const alert of heldWebhooks(config.webhooks, webhooks, nowMs())) await outbox.alert(alert);
  });
}
