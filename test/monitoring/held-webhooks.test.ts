import { expect, test } from 'vitest';
import { heldWebhooks } from '../../src/monitoring/held-webhooks.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';

const MINUTE = 60_000;

test.each<[string, 'mentions' | 'alerts' | 'all', number | null, boolean]>([
  ['one that is not held is no trouble', 'all', null, false],
  ['nor is one that is held for a moment', 'all', 14 * MINUTE, false],
  ['one that is held for a quarter of an hour is', 'all', 15 * MINUTE, true],
  ['whether or not it gets alerts itself', 'mentions', 60 * MINUTE, true],
  ['that alerts can not be delivered is no alert', 'alerts', 60 * MINUTE, false],
])('%s', (_, events, heldForMs, told) => {
  const alerts = heldWebhooks(
    [webhookOf({ name: 'A', events }), webhookOf({ name: 'B' })],
    [
      { webhook: 'A', heldForMs },
      { webhook: 'B', heldForMs: null },
    ],
    5_000,
  );
  const alert = { type: 'relay.trouble', trouble: 'webhook_held', webhook: 'A', foundAtMs: 5_000 };
  expect(alerts).toEqual(told ? [alert] : []);
});
