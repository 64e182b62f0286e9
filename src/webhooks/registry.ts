import type { WebhookTypeName } from '../domain/webhook.ts';
import { discordWebhook } from './discord/discord.ts';
import { httpWebhook } from './http/http.ts';
import { slackWebhook } from './slack/slack.ts';
import { teamsWebhook } from './teams/teams.ts';
import type { WebhookType } from './webhook-type.ts';

/** Every kind of destination. A new one is its own file, a line here, and its row in the domain. */
export const webhookTypes: Readonly<Record<WebhookTypeName, WebhookType>> = {
  http: httpWebhook,
  slack: slackWebhook,
  discord: discordWebhook,
  teams: teamsWebhook,
};
