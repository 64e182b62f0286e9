import type { DeliveryCounts } from '../domain/delivery.ts';
import type { EventLog } from '../domain/event-log.ts';

export interface KeptDeliveriesPorts {
  /** The names of all webhooks that ever had a delivery. */
  readonly everNames: () => Promise<readonly string[]>;
  readonly counts: (webhook: string) => Promise<DeliveryCounts>;
  /** Removes failed deliveries that failed longer ago than this, and says how many they were. */
  readonly purgeFailed: (webhook: string, ageMs: number) => Promise<number>;
  readonly log: EventLog;
}

/** Those webhooks that are not configured, with their deliveries, if there are any. */
export async function readUnconfigured(
  { everNames, counts }: Pick<KeptDeliveriesPorts, 'everNames' | 'counts'>,
  configured: readonly string[],
): Promise<Readonly<Record<string, DeliveryCounts>>> {
  const kept: Record<string, DeliveryCounts> = {};
  for (const webhook of await everNames()) {
    if (configured.includes(webhook)) continue;
    const status = await counts(webhook);
    if (Object.values(status).some((count: number) => count > 0)) kept[webhook] = status;
  }
  return kept;
}

/** Tells of each webhook that was taken out of the configuration and has left deliveries. */
export async function logUnconfigured(
  ports: KeptDeliveriesPorts,
  configured: readonly string[],
): Promise<void> {
  for (const [webhook, counts] of Object.entries(await readUnconfigured(ports, configured))) {
    ports.log.warn(
      'webhook.unconfigured',
      { webhook, ...counts },
      'a webhook that is not configured has deliveries: they are kept, and go on when it is again',
    );
  }
}

/** Removes what failed longer than `retentionMs` ago, of webhooks that are not configured too. */
export async function purgeFailed(
  { everNames, purgeFailed: purge, log }: KeptDeliveriesPorts,
  configured: readonly string[],
  retentionMs: number,
): Promise<void> {
  for (const webhook of new Set([...configured, ...(await everNames())])) {
    const purged = await purge(webhook, retentionMs);
    if (purged === 0) continue;
    log.warn(
      'delivery.purged',
      { webhook, purged },
      'failed deliveries were removed: they were older than FAILED_RETENTION_DAYS',
    );
  }
}
