import { expect, test } from 'vitest';
import { webhookTypeOf } from '../../src/domain/webhook.ts';

test.each([
  ['https://HOOKS.Slack.com/services/T0/B0/x', 'slack'],
  ['https://hooks.slack.com./services/T0/B0/x', 'slack'],
  ['https://hooks.slack-gov.com/services/T0/B0/x', 'slack'],
  ['https://hooks.slack.com:8443/services/T0/B0/x', 'slack'],
  ['https://hooks.slack.com.example/services/T0/B0/x', 'http'],
  ['https://evil-hooks.slack.com/services/T0/B0/x', 'http'],
  ['https://example.com/hooks.slack.com', 'http'],
  ['https://discord.com/api/webhooks/1/x', 'discord'],
  ['https://canary.discord.com/api/webhooks/1/x?thread_id=2', 'discord'],
  ['https://discordapp.com/api/webhooks/1/x', 'discord'],
  ['https://notdiscord.com/api/webhooks/1/x', 'http'],
  [
    'https://prod-12.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke',
    'teams',
  ],
  [
    'https://1a.09.environment.api.powerplatform.com:443/powerautomate/automations/direct/x',
    'teams',
  ],
  ['https://contoso.webhook.office.com/webhookb2/x', 'teams'],
  ['https://logic.azure.com.evil.example/', 'http'],
  ['https://evil-logic.azure.com/', 'http'],
  ['http://127.0.0.1:3000/', 'http'],
] as const)('%s means %s', (url, name) => {
  expect(webhookTypeOf(new URL(url))).toBe(name);
});
