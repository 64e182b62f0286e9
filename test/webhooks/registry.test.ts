import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../src/domain/delivery.ts';
import { WEBHOOK_TYPE_NAMES, type Ping, type WebhookTypeName } from '../../src/domain/webhook.ts';
import { webhookTypes } from '../../src/webhooks/registry.ts';
import { describeWebhookType, type CheckBody } from './contract.ts';
import { describeDigest } from './digest-contract.ts';
import { expectEvent } from './http/http-payload.ts';
import { expectDiscordMessage } from './discord/discord-limits.ts';
import { expectGoogleChatMessage } from './googlechat/googlechat-limits.ts';
import { expectNtfyMessage } from './ntfy/ntfy-limits.ts';
import { expectPlainText, expectSlackMessage } from './slack/slack-limits.ts';
import { expectTeamsMessage } from './teams/teams-limits.ts';
import { expectTelegramMessage } from './telegram/telegram-limits.ts';

const checks: Record<WebhookTypeName, CheckBody> = {
  http: (body, deliveries, _ping, form) => {
    const data = wholeCharacters(JSON.parse(JSON.stringify(deliveries.map(dataOf)))) as unknown[];
    if (form === 'digest') expect(expectEvent(body, 'mention.digest')['data']).toEqual(data);
    else if (data.length === 1) expect(expectEvent(body)['data']).toEqual(data[0]);
    else expect(expectEvent(body, 'mention.batch')['data']).toEqual(data);
  },
  slack: (body, deliveries, ping) => {
    expectSlackMessage(body, deliveries, ping && { type: 'user', user_id: ping.text });
  },
  discord: (body, deliveries, ping) => {
    const allowed = { parse: ['everyone'] };
    expectDiscordMessage(body, deliveries, ping && { text: ping.text, allowed });
  },
  teams: (body, deliveries, ping) => {
    expectTeamsMessage(body, deliveries, ping?.text);
  },
  telegram: (body, deliveries, ping) => {
    expectTelegramMessage(body, deliveries, ping && `${ping.text} `);
  },
  googlechat: (body, deliveries, ping) => {
    expectGoogleChatMessage(body, deliveries, ping && '<users/all>');
  },
  ntfy: (body, _, ping) => {
    const { priority } = expectNtfyMessage(body);
    if (ping !== undefined) expect(priority).toBe(4);
  },
};

const userPing = (text: string): Ping => ({ text, kind: 'user', id: text });
/** The ping of each type's webhook. Hostile texts have it too. */
const pings: Record<WebhookTypeName, readonly Ping[]> = {
  http: [],
  slack: [userPing('U012AB3CD')],
  discord: [{ text: '@here', kind: 'all', range: 'here' }],
  teams: [userPing('anna@example.com')],
  telegram: [userPing('@anna')],
  googlechat: [{ text: '@all', kind: 'all', range: 'everyone' }],
  ntfy: [{ text: 'high', kind: 'all', range: 'here' }],
};

/** Returns the data that an http receiver must get: that of the API, or the facts of an alert. */
function dataOf(delivery: Delivery): object {
  if (delivery.kind === 'mention') {
    const { mention, others } = delivery;
    return { ...mention.raw, ...(others && { merged: others.map(({ raw }) => raw) }) };
  }
  if (delivery.kind === 'recovered') {
    return { ...delivery.mention.raw, group: delivery.mention.rawGroup, content: null };
  }
  const { alert } = delivery;
  if (alert.type === 'gap.detected') {
    return { missingFrom: isoTime(alert.fromMs), missingTo: isoTime(alert.toMs) };
  }
  if (alert.type === 'relay.trouble') {
    const { trouble, webhook } = alert;
    return { trouble, webhook, ...('endsAlertAtMs' in alert && { resolved: true }) };
  }
  const { groupId: id, groupName: name, change, status } = alert;
  return { group: { id, name }, change, status };
}

/** Returns a value of JSON with U+FFFD for every NUL and every half of a character. */
function wholeCharacters(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\ufffd');
  if (Array.isArray(value)) return value.map(wholeCharacters);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map((entry) => entry.map(wholeCharacters) as [string, unknown]),
  );
}

/** Returns null for an unknown time, and for years that JSON Schema's `date-time` can't write. */
function isoTime(timeMs: number | null): string | null {
  const text = timeMs === null ? '' : new Date(timeMs).toISOString();
  return /^\d{4}-/.test(text) ? text : null;
}

for (const name of WEBHOOK_TYPE_NAMES) {
  describeWebhookType(webhookTypes[name], checks[name], { pings: pings[name] });
  describeDigest(webhookTypes[name], checks[name], { pings: pings[name] });
}
for (const describeForm of [describeWebhookType, describeDigest]) {
  describeForm(
    webhookTypes.slack,
    (body, _, ping) => expectPlainText(body, ping && `${ping.text} `),
    { plain: true, pings: [userPing('@anna')] },
  );
}

describe('the registry', () => {
  test.each(WEBHOOK_TYPE_NAMES)('lists %s under its own name', (name) => {
    expect(webhookTypes[name].name).toBe(name);
  });
});
