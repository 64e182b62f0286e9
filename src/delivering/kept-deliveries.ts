import type { DeliveryCounts } from '../domain/delivery.ts';
import type { EventLog } from '../domain/event-log.ts';

/** Dependencies of the checks of kept deliveries. */
export interface KeptDeliveriesPorts {
  /** Returns the names of all webhooks that ever had a delivery. */
  readonly everNames: () => Promise<readonly string[]>;
  readonly counts: (webhook: string) => Promise<DeliveryCounts>;
  /** Removes deliveries that failed longer than `ageMs` ago, and returns their number. */
  readonly purgeFailed: (webhook: string, ageMs: number) => Promise<number>;
  readonly log: EventLog;
}

/** Returns the webhooks that are no longer configured but have deliveries. */
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

/** Logs each webhook that is no longer configured but has deliveries. */
export async function logUnconfigured(
  ports: KeptDeliveriesPorts,
  configured: readonly string[],
): Promise<void> {
  for (const [webhook, counts] of Object.entries(await readUnconfigured(ports, configured))) {
    ports.log.warn(
      'webhook.unconfigured',
      { webhook, ...counts },
      'a webhook that is not configured has deliveries; they are kept until it is configured again',
    );
  }
}

/** Removes deliveries that failed longer than `retentionMs` ago, also of unconfigured webhooks. */
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
      'failed deliveries older than FAILED_RETENTION_DAYS were removed',
    );
  }
}
