import {
  isResent,
  messageId,
  messageIdOfJob,
  mentionIdOf,
  type AttemptResult,
  type Delivery,
} from '../domain/delivery.ts';
import type { EventLog, LogFields } from '../domain/event-log.ts';
import type { DeliveryListener } from './delivery-events.ts';
import type { DueDelivery } from '../queues/taken-deliveries.ts';

/** Logs the events of deliveries. No line holds a mention's content. */
export function deliveryLog(log: EventLog, nowMs: () => number): DeliveryListener {
  return {
    repeated: (item) =>
      log.info(
        'delivery.repeated',
        about(item),
        'already delivered to this webhook; not sent again',
      ),
    succeeded(item, result, batchSize) {
      const { delivery } = item;
      log.info(
        'delivery.succeeded',
        {
          ...about(item, result),
          ...(batchSize > 1 && { batchSize }),
          ...(delivery.kind !== 'alert' && {
            polledAt: new Date(delivery.polledAtMs).toISOString(),
          }),
          // A recovered or resent mention is always late, so its delay would mislead.
          ...(delivery.kind === 'mention' &&
            !isResent(delivery.key) &&
            delivery.mention.spottedAtMs !== null && {
              spottedToDeliveredMs: Math.max(0, nowMs() - delivery.mention.spottedAtMs),
            }),
        },
        DELIVERED[delivery.kind],
      );
    },
    retrying: (item, result, reason, retryInMs) =>
      log.warn(
        'delivery.retrying',
        { ...about(item, result), reason, retryInMs },
        'attempt failed; the delivery is retried',
      ),
    failed: (item, result, reason) =>
      log.error(
        'delivery.failed',
        { ...about(item, result), reason },
        'delivery failed and is kept; resend it with `failed retry`',
      ),
    unreadable: ({ webhook, jobId, attempt, reason }) =>
      log.error(
        'delivery.failed',
        { webhook, messageId: messageIdOfJob(jobId), attempt, reason },
        'the queued delivery is unreadable and is kept; see `failed show`',
      ),
    unrecorded: (webhook, deliveries) =>
      log.error(
        'delivery.unrecorded',
        { webhook, deliveries },
        'Redis refuses to record a success; the relay retries until Redis accepts',
      ),
    paused(webhook, due, reason, waitMs) {
      const fields = { webhook, mentionIds: idsOf(due), reason, waitMs };
      if (waitMs !== null) {
        log.warn('webhook.paused', fields, 'the webhook asked for a pause; its deliveries wait');
        return;
      }
      log.error(
        'webhook.paused',
        fields,
        'the URL of the webhook is gone; its deliveries wait. Correct the URL, or run `resume`',
      );
    },
    held: (webhook, reason, { failuresInARow, holdMs }) =>
      log.error(
        'webhook.held',
        { webhook, reason, failuresInARow, holdMs },
        'the webhook keeps failing; its deliveries wait and probe it. Check the receiver',
      ),
    probeFailed: (webhook, due, reason, holdMs) =>
      log.debug(
        'webhook.probe_failed',
        { webhook, mentionIds: idsOf(due), reason, holdMs },
        'the webhook still fails; its deliveries keep waiting',
      ),
    released: (webhook, { heldForMs }) =>
      log.info(
        'webhook.released',
        { webhook, heldForMs },
        'the webhook accepts again; its deliveries continue',
      ),
  };
}

/** Returns the ids of the mentions of one POST, for an event that is logged once per POST. */
function idsOf(due: readonly DueDelivery[]): readonly string[] {
  return due.flatMap(({ delivery }) => mentionIdOf(delivery) ?? []);
}

const DELIVERED: Readonly<Record<Delivery['kind'], string>> = {
  mention: 'mention delivered',
  recovered: 'recovered mention delivered',
  alert: 'alert delivered',
};

function about({ delivery, attempt }: DueDelivery, result?: AttemptResult): LogFields {
  return {
    webhook: delivery.webhook,
    ...what(delivery),
    messageId: messageId(delivery.key),
    ...(isResent(delivery.key) && { resent: true }),
    attempt,
    ...(result && { durationMs: result.durationMs }),
    ...(result?.kind === 'answered' && { status: result.status }),
  };
}

/** Names the delivery, without its content. */
function what(delivery: Delivery): LogFields {
  switch (delivery.kind) {
    case 'mention':
      return { mentionId: mentionIdOf(delivery) };
    case 'recovered': {
      const mentionId = mentionIdOf(delivery);
      return { kind: 'recovered', ...(mentionId !== null && { mentionId }) };
    }
    case 'alert': {
      const { alert } = delivery;
      if (alert.type !== 'relay.trouble') return { kind: 'alert', alertType: alert.type };
      const { type: alertType, trouble, endsAlertAtMs } = alert;
      return {
        kind: 'alert',
        alertType,
        trouble,
        ...(endsAlertAtMs !== undefined && { resolved: true }),
      };
    }
  }
}
