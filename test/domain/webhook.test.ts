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
  ['https://contoso.webhook.office365.us/webhookb2/x', 'teams'],
  ['https://outlook.office.com/webhook/x', 'teams'],
  ['https://outlook.office365.com/webhookb2/x', 'teams'],
  ['https://outlook.office.com/mail/', 'http'],
  ['https://evil-outlook.office.com/webhook/x', 'http'],
  [
    'https://prod-58.usgovtexas.logic.azure.us:443/workflows/1/triggers/manual/paths/invoke',
    'teams',
  ],
  ['https://prod-01.chinaeast2.logic.azure.cn/workflows/1/triggers/manual/paths/invoke', 'teams'],
  ['https://1a.09.environment.api.powerplatform.us/powerautomate/automations/direct/x', 'teams'],
  ['https://1a.09.environment.api.gov.powerplatform.microsoft.us/powerautomate/x', 'teams'],
  ['https://1a.09.environment.api.high.powerplatform.microsoft.us/powerautomate/x', 'teams'],
  ['https://1a.09.environment.api.appsplatform.us/powerautomate/x', 'teams'],
  ['https://1a.environment.api.powerplatform.partner.microsoftonline.cn/powerautomate/x', 'teams'],
  ['https://hooks.powerautomate.com/x/triggers/manual', 'teams'],
  ['https://us.api.flow.microsoft.com/x/triggers/manual', 'teams'],
  ['https://logic.azure.com.evil.example/', 'http'],
  ['https://evil-logic.azure.com/', 'http'],
  ['https://api.telegram.org/bot1:x/sendMessage?chat_id=1', 'telegram'],
  ['https://chat.googleapis.com/v1/spaces/A/messages?key=x&token=x', 'googlechat'],
  ['https://ntfy.sh/x', 'ntfy'],
  ['https://ntfy.example.com/x', 'http'],
  ['http://127.0.0.1:3000/', 'http'],
] as const)('%s means %s', (url, name) => {
  expect(webhookTypeOf(new URL(url))).toBe(name);
});
