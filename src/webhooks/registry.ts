import type { WebhookTypeName } from '../domain/webhook.ts';
import { discordWebhook } from './discord/discord.ts';
import { googlechatWebhook } from './googlechat/googlechat.ts';
import { httpWebhook } from './http/http.ts';
import { ntfyWebhook } from './ntfy/ntfy.ts';
import { slackWebhook } from './slack/slack.ts';
import { teamsWebhook } from './teams/teams.ts';
import { telegramWebhook } from './telegram/telegram.ts';
import type { WebhookType } from './webhook-type.ts';

/** All webhook types. A new one is a folder, a line here, and a row in src/domain/webhook.ts. */
export const webhookTypes: Readonly<Record<WebhookTypeName, WebhookType>> = {
  http: httpWebhook,
  slack: slackWebhook,
  discord: discordWebhook,
  teams: teamsWebhook,
  telegram: telegramWebhook,
  googlechat: googlechatWebhook,
  ntfy: ntfyWebhook,
};
