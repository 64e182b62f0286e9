import { expect, test } from 'vitest';
import { heldWebhooks } from '../../src/monitoring/held-webhook-alerts.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';

const MINUTE = 60_000;

test.each<[string, 'mentions' | 'alerts' | 'all', number | null, boolean, (number | null)?]>([
  ['a webhook that is not held', 'all', null, false],
  ['a short hold', 'all', 14 * MINUTE, false],
  ['a hold of 15 minutes', 'all', 15 * MINUTE, true],
  ['a hold of a webhook without alerts', 'mentions', 60 * MINUTE, true],
  ['a hold of a webhook for alerts alone', 'alerts', 60 * MINUTE, false],
  ['a hold of a closed webhook', 'all', 60 * MINUTE, false, MINUTE],
])('%s: an alert or not', (_, events, heldForMs, alerted, closedForMs = null) => {
  const alerts = heldWebhooks(
    [webhookOf({ name: 'A', events }), webhookOf({ name: 'B' })],
    [
      { webhook: 'A', heldForMs, gone: false, closedForMs },
      { webhook: 'B', heldForMs: null, gone: false, closedForMs: null },
    ],
    5_000,
  );
  const alert = { type: 'relay.trouble', trouble: 'webhook_held', webhook: 'A', foundAtMs: 5_000 };
  expect(alerts).toEqual(alerted ? [alert] : []);
});

test('a webhook whose URL is gone causes an alert at once, also while it is closed', () => {
  const statuses = ['A', 'B'].map((webhook) => ({
    webhook,
    heldForMs: null,
    gone: true,
    closedForMs: 60_000,
  }));
  const webhooks = [webhookOf({ name: 'A' }), webhookOf({ name: 'B', events: 'alerts' })];
  expect(heldWebhooks(webhooks, statuses, 5_000)).toEqual([
    { type: 'relay.trouble', trouble: 'webhook_gone', webhook: 'A', foundAtMs: 5_000 },
  ]);
});
