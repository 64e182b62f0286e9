import type { TroubleCause } from '../domain/alert.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import type { RedisMemory } from '../redis/redis-checks.ts';
import type { WebhookStatus } from './relay-status.io.ts';

/** A trouble that the status of the relay shows, or one that it shows to be over. */
export interface JudgedTrouble extends TroubleCause {
  readonly exists: boolean;
}

const HELD_TOO_LONG_MS = 900_000;
// Apart, so that memory at the limit does not cause an alert and an all-clear in turn.
const NEARLY_FULL = 0.9;
const HAS_ROOM = 0.8;

/**
 * Judges the troubles of each webhook and of the memory of Redis. Omits those of which the status does
 * not show whether they exist.
 */
export function judgeTroubles(
  webhooks: readonly Pick<Webhook, 'name' | 'events'>[],
  statuses: readonly Pick<WebhookStatus, 'webhook' | Facts>[],
  memory: RedisMemory | null,
): readonly JudgedTrouble[] {
  const ofWebhooks = webhooks.flatMap((webhook): JudgedTrouble[] => {
    const { name } = webhook;
    const status = statuses.find((each) => each.webhook === name);
    if (status === undefined) return [];
    // An alert about undeliverable alerts helps nobody.
    const judged = wantsMentions(webhook)
      ? { webhook_gone: status.gone, webhook_held: isHeld(status) }
      : { webhook_gone: false, webhook_held: false };
    return [
      { trouble: 'webhook_gone', webhook: name, exists: judged.webhook_gone },
      ...(judged.webhook_held === null
        ? []
        : [{ trouble: 'webhook_held' as const, webhook: name, exists: judged.webhook_held }]),
      // New failures are reported when they happen.
      ...(status.counts.failed > 0
        ? []
        : [{ trouble: 'deliveries_failed' as const, webhook: name, exists: false }]),
    ];
  });
  const nearlyFull = isNearlyFull(memory);
  return nearlyFull === null
    ? ofWebhooks
    : [...ofWebhooks, { trouble: 'redis_nearly_full', webhook: null, exists: nearlyFull }];
}

type Facts = 'heldForMs' | 'gone' | 'closedForMs' | 'operatorPause' | 'counts';

/** Null while nothing is attempted, and in the first 15 minutes. */
function isHeld(status: Pick<WebhookStatus, Facts>): boolean | null {
  const { heldForMs, gone, closedForMs, operatorPause } = status;
  if (heldForMs === null) return false;
  if (gone || closedForMs !== null || operatorPause !== null) return null;
  return heldForMs >= HELD_TOO_LONG_MS || null;
}

function isNearlyFull(memory: RedisMemory | null): boolean | null {
  const share = memory === null ? 0 : memory.usedBytes / memory.maxBytes;
  if (share >= NEARLY_FULL) return true;
  return share < HAS_ROOM ? false : null;
}
