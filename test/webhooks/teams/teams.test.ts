import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/delivering/verdict.ts';
import { teamsWebhook } from '../../../src/webhooks/teams/teams.ts';
import { contextOf, webhookOf } from '../delivery-samples.ts';
import { expectTeamsMessage } from './teams-limits.ts';

const { url } = webhookOf();
const FAILED = 'Webhook message delivery failed with error: Microsoft Teams endpoint returned';

const verdictOn = (status: number, body: string) =>
  judge(
    { kind: 'answered', status, headers: {}, body, durationMs: 1 },
    (code, text) => teamsWebhook.accepted(code, text, url),
    0,
  );

describe('the answers of Teams', () => {
  test.each([
    ['a flow that was started', 202, ''],
    ['a flow with an answer of its own', 200, '{"posted":true}'],
    ['a retired connector', 200, '1'],
  ])('%s has taken the message', (_, status, body) => {
    expect(verdictOn(status, body)).toEqual({ kind: 'delivered' });
  });

  test.each([
    ['is busy', 429, { kind: 'hold', waitMs: 5_000, reason: 'status 429' }],
    ['finds it too large', 413, { kind: 'content-refused', reason: 'status 413' }],
    ['is down', 503, { kind: 'retry', reason: 'status 503' }],
    [
      'is gone',
      404,
      { kind: 'fail', reason: 'status 404: the URL is no longer valid, or not allowed' },
    ],
  ])('a retired connector that %s says so in a 200', (_, meant, verdict) => {
    expect(verdictOn(200, `${FAILED} HTTP error ${meant} with ContextId tcid=0.`)).toEqual(verdict);
  });

  test('a flow that was switched off fails the delivery', () => {
    expect(verdictOn(404, '{"error":{"code":"WorkflowNotFound"}}')).toMatchObject({ kind: 'fail' });
  });
});

test('a test.ping is a card that names the webhook', () => {
  const { body } = teamsWebhook.ping(contextOf());
  expect(expectTeamsMessage(body).lines).toEqual([
    'A test of mention-relay: mentions for the webhook SALES will arrive here.',
  ]);
});

test.each([
  [200, { kind: 'there' }],
  [401, { kind: 'unclear', reason: 'status 401' }],
  [404, { kind: 'unclear', reason: 'status 404' }],
  [405, { kind: 'unclear', reason: 'status 405' }],
])('the probe, which starts no flow, takes a %i for %j', (status, reading) => {
  expect(teamsWebhook.probe.method).toBe('HEAD');
  expect(teamsWebhook.probe.read(status, '')).toEqual(reading);
});
