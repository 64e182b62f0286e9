import { expect, test } from 'vitest';
import { webhookTypeOf } from '../../src/domain/webhook.ts';

test.each([
  ['https://hooks.slack.com/services/T0/B0/x', 'slack'],
  ['https://HOOKS.Slack.com/services/T0/B0/x', 'slack'],
  ['https://hooks.slack.com./services/T0/B0/x', 'slack'],
  ['https://hooks.slack-gov.com/services/T0/B0/x', 'slack'],
  ['https://hooks.slack.com:8443/services/T0/B0/x', 'slack'],
  ['https://hooks.slack.com.example/services/T0/B0/x', 'http'],
  ['https://evil-hooks.slack.com/services/T0/B0/x', 'http'],
  ['https://example.com/hooks.slack.com', 'http'],
  ['http://127.0.0.1:3000/', 'http'],
] as const)('takes %s for %s', (url, name) => {
  expect(webhookTypeOf(new URL(url))).toBe(name);
});
