import { expect, test } from 'vitest';
import { deliveryLog } from '../../src/delivering/delivery-log.ts';
import type { DeliveryListener } from '../../src/delivering/delivery-events.ts';
import { resentKey, type AttemptResult, type Delivery } from '../../src/domain/delivery.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';
import { ACCEPTED, alertOf, LEFT, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const NOW_MS = 1_699_459_488_000 + 6_500;
const ANSWERED: AttemptResult = {
  kind: 'answered',
  status: 200,
  headers: {},
  body: '',
  durationMs: 12,
};
const UNANSWERED: AttemptResult = { kind: 'unanswered', code: 'ETIMEDOUT', durationMs: 15 };
const POLLED = { polledAt: '2023-11-08T16:05:00.000Z' };
const POST = { durationMs: 12, status: 200 };

const item = (delivery: Delivery = deliveryOf()) => ({ delivery, attempt: 2 });
const about = (delivery: Delivery = deliveryOf()) => ({
  webhook: 'SALES',
  messageId: `msg_${delivery.key}`,
  attempt: 2,
});
const MENTION = { ...about(), mentionId: '29439935' };
const resent = { ...deliveryOf(), key: resentKey(deliveryOf().key, 'abcdefgh') };
const unspotted = deliveryOf({ spotted: null });
const fast = deliveryOf({ spotted: '1699459999' });
const unlinked = recoveredOf({ link: null });
const RECOVERED = { kind: 'recovered', mentionId: '6719635918091537', ...POST, ...POLLED };
const HELD = { holdMs: 5_000, begins: true, failuresInARow: 5 };
const two = [item(), item(deliveryOf({ id: '2' }))];

test.each<[string, (log: Required<DeliveryListener>) => void, string, object]>([
  [
    'success with its delay',
    (log) => log.succeeded(item(), ANSWERED, 1),
    'info delivery.succeeded',
    { ...MENTION, ...POST, ...POLLED, spottedToDeliveredMs: 6_500 },
  ],
  [
    'success in a batch with its size',
    (log) => log.succeeded(item(), ANSWERED, 3),
    'info delivery.succeeded',
    { ...MENTION, ...POST, ...POLLED, spottedToDeliveredMs: 6_500, batchSize: 3 },
  ],
  [
    'success of a resent delivery without its delay',
    (log) => log.succeeded(item(resent), ANSWERED, 1),
    'info delivery.succeeded',
    { ...MENTION, ...about(resent), resent: true, ...POST, ...POLLED },
  ],
  [
    'success without a delay that is unknown',
    (log) => log.succeeded(item(unspotted), ANSWERED, 1),
    'info delivery.succeeded',
    { ...MENTION, ...about(unspotted), ...POST, ...POLLED },
  ],
  [
    'success without a negative delay where a clock was fast',
    (log) => log.succeeded(item(fast), ANSWERED, 1),
    'info delivery.succeeded',
    { ...MENTION, ...about(fast), ...POST, ...POLLED, spottedToDeliveredMs: 0 },
  ],
  [
    'recovered mention without a delay that would spoil a measure',
    (log) => log.succeeded(item(recoveredOf()), ANSWERED, 1),
    'info delivery.succeeded',
    { ...about(recoveredOf()), ...RECOVERED },
  ],
  [
    'recovered mention without a link',
    (log) => log.failed(item(unlinked), ANSWERED, 'x'),
    'error delivery.failed',
    { ...about(unlinked), kind: 'recovered', ...POST, reason: 'x' },
  ],
  [
    'alert with its type',
    (log) => log.succeeded(item(alertOf(LEFT)), ANSWERED, 1),
    'info delivery.succeeded',
    { ...about(alertOf(LEFT)), kind: 'alert', alertType: 'group.coverage_changed', ...POST },
  ],
  [
    'all-clear with its trouble',
    (log) => log.succeeded(item(alertOf(ACCEPTED)), ANSWERED, 1),
    'info delivery.succeeded',
    {
      ...about(alertOf(ACCEPTED)),
      kind: 'alert',
      alertType: 'relay.trouble',
      trouble: 'key_rejected',
      resolved: true,
      ...POST,
    },
  ],
  ['repeat without a POST', (log) => log.repeated(item()), 'info delivery.repeated', MENTION],
  [
    'retry with its reason and delay',
    (log) => log.retrying(item(), ANSWERED, 'x', 9),
    'warn delivery.retrying',
    { ...MENTION, ...POST, reason: 'x', retryInMs: 9 },
  ],
  [
    'retry without a status where there was no answer',
    (log) => log.retrying(item(), UNANSWERED, 'x', 9),
    'warn delivery.retrying',
    { ...MENTION, durationMs: 15, reason: 'x', retryInMs: 9 },
  ],
  [
    'failure with its reason',
    (log) => log.failed(item(), ANSWERED, 'x'),
    'error delivery.failed',
    { ...MENTION, ...POST, reason: 'x' },
  ],
  [
    'failure of a delivery that is unreadable',
    (log) => log.unreadable({ webhook: 'SALES', jobId: 'm-1', attempt: 2, reason: 'x' }),
    'error delivery.failed',
    { webhook: 'SALES', messageId: 'msg_1', attempt: 2, reason: 'x' },
  ],
  [
    'success that is not recorded',
    (log) => log.unrecorded('SALES', 2),
    'error delivery.unrecorded',
    { webhook: 'SALES', deliveries: 2 },
  ],
  [
    'pause with the mentions that were not accepted',
    (log) => log.paused('SALES', two, 'x', 9),
    'warn webhook.paused',
    { webhook: 'SALES', mentionIds: ['29439935', '2'], reason: 'x', waitMs: 9 },
  ],
  [
    'hold',
    (log) => log.held('SALES', 'x', HELD),
    'error webhook.held',
    { webhook: 'SALES', reason: 'x', failuresInARow: 5, holdMs: 5_000 },
  ],
  [
    'failed probe with its mentions',
    (log) => log.probeFailed('SALES', two, 'x', 9),
    'debug webhook.probe_failed',
    { webhook: 'SALES', mentionIds: ['29439935', '2'], reason: 'x', holdMs: 9 },
  ],
  [
    'release',
    (log) => log.released('SALES', { heldForMs: 9 }),
    'info webhook.released',
    { webhook: 'SALES', heldForMs: 9 },
  ],
])('logs a %s', (_, report, logged, fields) => {
  const { log, lines, told } = recordingLog();
  report(deliveryLog(log, () => NOW_MS) as Required<DeliveryListener>);
  expect(told()).toEqual([logged]);
  expect(lines[0]?.fields).toEqual(fields);
});
