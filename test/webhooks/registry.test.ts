import { describe, expect, test } from 'vitest';
import { WEBHOOK_TYPE_NAMES } from '../../src/domain/webhook.ts';
import type { WebhookTypeName } from '../../src/domain/webhook.ts';
import { webhookTypes } from '../../src/webhooks/registry.ts';
import { describeWebhookType } from './contract.ts';
import type { CheckBody } from './contract.ts';
import { expectMentionBatch, expectMentionCreated } from './http-payload.ts';
import { expectSlackMessage } from './slack-limits.ts';

const checks: Record<WebhookTypeName, CheckBody> = {
  http: (body, deliveries) => {
    const raw = deliveries.map(({ mention }) => JSON.parse(JSON.stringify(mention.raw)) as unknown);
    if (raw.length === 1) expect(expectMentionCreated(body)['data']).toEqual(raw[0]);
    else expect(expectMentionBatch(body)['data']).toEqual(raw);
  },
  slack: (body) => {
    expectSlackMessage(body);
  },
};

for (const name of WEBHOOK_TYPE_NAMES) describeWebhookType(webhookTypes[name], checks[name]);

describe('the registry', () => {
  test.each(WEBHOOK_TYPE_NAMES)('lists %s under its own name', (name) => {
    expect(webhookTypes[name].name).toBe(name);
  });
});
