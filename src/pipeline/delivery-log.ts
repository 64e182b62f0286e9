import { messageId, type AttemptResult } from '../domain/delivery.ts';
import type { EventLog, LogFields } from '../domain/events.ts';
import { loggedId } from '../domain/mention.ts';
import type { DeliveryListener, DueDelivery } from './delivery-events.ts';

/** Tells what happens to deliveries to the event log: nothing of a mention's content. */
export function deliveryLog(log: EventLog, nowMs: () => number): DeliveryListener {
  return {
    repeated: (item) =>
      log.info(
        'delivery.repeated',
        about(item),
        'already delivered to this webhook: not sent again',
      ),
    succeeded(item, result, batchSize) {
      const { mention, polledAtMs } = item.delivery;
      log.info(
        'delivery.succeeded',
        {
          ...about(item, result),
          ...(batchSize > 1 && { batchSize }),
          polledAt: new Date(polledAtMs).toISOString(),
          ...(mention.spottedAtMs !== null && {
            spottedToDeliveredMs: Math.max(0, nowMs() - mention.spottedAtMs),
          }),
        },
        'mention delivered',
      );
    },
    retrying: (item, result, reason, retryInMs) =>
      log.warn(
        'delivery.retrying',
        { ...about(item, result), reason, retryInMs },
        'attempt failed: it will be tried again',
      ),
    failed: (item, result, reason) =>
      log.error(
        'delivery.failed',
        { ...about(item, result), reason },
        'delivery failed: it is kept, but will not be tried again by itself',
      ),
    unrecorded: (webhook, deliveries) =>
      log.error(
        'delivery.unrecorded',
        { webhook, deliveries },
        'Redis refuses to record a success: it is tried until it does, so that nothing is sent twice',
      ),
    rateLimited: (webhook, due, reason, waitMs) =>
      log.warn(
        'webhook.rate_limited',
        { webhook, mentionIds: idsOf(due), reason, waitMs },
        'the webhook asked for a pause: all its deliveries wait',
      ),
    held: (webhook, reason, { failuresInARow, holdMs }) =>
      log.error(
        'webhook.held',
        { webhook, reason, failuresInARow, holdMs },
        'the webhook keeps failing: its deliveries are held, and it is probed from time to time',
      ),
    probeFailed: (webhook, due, reason, holdMs) =>
      log.debug(
        'webhook.probe_failed',
        { webhook, mentionIds: idsOf(due), reason, holdMs },
        'the webhook still fails: its deliveries stay held',
      ),
    released: (webhook, { heldForMs }) =>
      log.info(
        'webhook.released',
        { webhook, heldForMs },
        'the webhook accepts again: its deliveries go on',
      ),
  };
}

/** What travelled in one POST, where that POST has one line and no attempt was used up. */
function idsOf(due: readonly DueDelivery[]): readonly string[] {
  return due.map(({ delivery }) => loggedId(delivery.mention));
}

function about({ delivery, attempt }: DueDelivery, result?: AttemptResult): LogFields {
  return {
    webhook: delivery.webhook,
    mentionId: loggedId(delivery.mention),
    messageId: messageId(delivery.key),
    attempt,
    ...(result && { durationMs: result.durationMs }),
    ...(result?.kind === 'answered' && { status: result.status }),
  };
}
