import { expect, test } from 'vitest';
import { judge } from '../../../src/delivering/verdict.ts';
import { teamsWebhook } from '../../../src/webhooks/teams/teams.ts';
import { contextOf, webhookOf } from '../delivery-samples.ts';
import { expectTeamsMessage } from './teams-limits.ts';

const accepted = (status: number, body: string) =>
  teamsWebhook.accepted(status, body, webhookOf().url);

test.each([
  ['a started flow', 202, ''],
  ['a flow with its own answer', 200, '{"posted":true}'],
  ['a retired connector', 200, '1'],
])('%s has accepted the message', (_, status, body) => {
  expect(accepted(status, body)).toEqual({ accepted: true });
});

test.each([404, 413, 429, 503])('a retired connector answers 200 and means %i', (meant) => {
  const verdictOn = (status: number, body: string) =>
    judge({ kind: 'answered', status, headers: {}, body, durationMs: 1 }, accepted, 0);
  const body = `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ${meant} with ContextId tcid=0.`;
  expect(verdictOn(200, body)).toEqual(verdictOn(meant, ''));
});

test('a flow that was switched off refuses the message', () => {
  expect(accepted(404, '{"error":{"code":"WorkflowNotFound"}}')).toEqual({
    accepted: false,
    reason: 'status 404',
  });
});

test('a test.ping is a card that names the webhook', () => {
  expect(expectTeamsMessage(teamsWebhook.ping(contextOf()).body).lines).toEqual([
    'A test of mention-relay: mentions for the webhook SALES will arrive here.',
  ]);
});

test.each([
  [200, { kind: 'there' }],
  [401, { kind: 'unclear', reason: 'status 401' }],
  [404, { kind: 'unclear', reason: 'status 404' }],
  [405, { kind: 'unclear', reason: 'status 405' }],
])('the probe, which starts no flow, reads a %i as %j', (status, reading) => {
  expect(teamsWebhook.probe.method).toBe('HEAD');
  expect(teamsWebhook.probe.read(status, '', webhookOf().url)).toEqual(reading);
});
