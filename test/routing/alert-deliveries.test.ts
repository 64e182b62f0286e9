import { expect, test } from 'vitest';
import { alertKey } from '../../src/domain/alert.ts';
import { alertDeliveries } from '../../src/routing/fan-out.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';
import { GAP, REJECTED } from '../webhooks/recovered-and-alert-samples.ts';

test('an alert goes to each webhook that wants alerts, whatever its filter, in their order', () => {
  const webhooks = [
    webhookOf({ name: 'A', events: 'alerts' }),
    webhookOf({ name: 'B', events: 'mentions' }),
    webhookOf({ name: 'C', events: 'all', filter: { keywords: ['crm'], groups: ['1'] } }),
  ];
  const key = alertKey(GAP);
  expect(alertDeliveries(webhooks, GAP)).toEqual([
    { kind: 'alert', webhook: 'A', key, alert: GAP },
    { kind: 'alert', webhook: 'C', key, alert: GAP },
  ]);
});

test('that a webhook is held is told to the others', () => {
  const webhooks = ['A', 'B', 'C'].map((name) => webhookOf({ name, events: 'all' }));
  const held = { ...REJECTED, trouble: 'webhook_held', webhook: 'B' } as const;
  expect(alertDeliveries(webhooks, held).map(({ webhook }) => webhook)).toEqual(['A', 'C']);
});
