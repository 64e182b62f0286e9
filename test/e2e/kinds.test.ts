import { expect, onTestFinished, test } from 'vitest';
import { createQueues, type Queues } from '../../src/queues/queues.ts';
import type { Alert } from '../../src/domain/alert.ts';
import { alertDeliveries, recoveredDeliveries } from '../../src/routing/fan-out.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';
import { GAP, LEFT, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const LOST = [1, 2].map(
  (number) =>
    recoveredOf({ link: `https://facebook.com/groups/965673390154514/permalink/${number}` })
      .mention,
);

/** Opens the relay's queues, so that a test can queue deliveries like a poll. */
function queuesOf(bench: RelayBench): Queues {
  const queues = createQueues({
    redis: bench.redis.client,
    prefix: '{mention-relay}',
    onError: () => undefined,
  });
  onTestFinished(async () => {
    await queues.close(0);
  });
  return queues;
}

async function queueAll(bench: RelayBench, alerts: readonly Alert[]): Promise<void> {
  const queues = queuesOf(bench);
  const webhooks = ['A', 'B'].map((name) => webhookOf({ name }));
  const all = [
    ...recoveredDeliveries(webhooks, LOST, {
      dedupeBy: 'mention',
      polledAtMs: GAP.detectedAtMs,
    }),
    ...alerts.flatMap((alert) => alertDeliveries(webhooks, alert)),
  ];
  for (const [webhook, deliveries] of Map.groupBy(all, (each) => each.webhook)) {
    await queues.enqueue(webhook, deliveries);
  }
}

test('a request holds one kind of delivery: http and Slack, alerts before a backlog', async () => {
  await using bench = await relayBench();
  const { a, b, sandbox } = bench;
  let away = true;
  for (const receiver of [a, b]) {
    receiver.answerWith(() =>
      away ? { status: 429, headers: { 'retry-after': '3600' } } : { status: 200 },
    );
  }
  const spotted = sandbox.spot(2);
  const daemon = bench.relay({
    WEBHOOK_A_EVENTS: 'all',
    WEBHOOK_A_BATCH_SIZE: '10',
    WEBHOOK_B_URL: b.url,
    WEBHOOK_B_TYPE: 'slack',
    WEBHOOK_B_EVENTS: 'all',
    WEBHOOK_B_RATE_PER_SECOND: '1000',
  });
  await daemon.waitForEvent('webhook.paused', 2);
  const queues = queuesOf(bench);
  for (const webhook of ['A', 'B']) {
    await waitUntil(
      `the mentions of ${webhook} to be back in their queue`,
      async () => (await queues.counts(webhook)).waiting === spotted.length,
    );
  }
  // Twice, like a poll that is repeated after a crash.
  await queueAll(bench, [GAP, LEFT]);
  await queueAll(bench, [GAP, LEFT]);
  const before = [a.received.length, b.received.length];
  away = false;
  for (const webhook of ['A', 'B']) await bench.run(['failed', 'retry', '--webhook', webhook]);
  await daemon.waitForEvent('delivery.succeeded', 2 * (spotted.length + LOST.length + 2));

  const [http, slack] = [a.received.slice(before[0]), b.received.slice(before[1])];
  const types = http.map(({ json }) => json()['type']);
  expect(types).toEqual([
    'gap.detected',
    'group.coverage_changed',
    'mention.batch',
    'mention.recovered',
    'mention.recovered',
  ]);
  expect(new Set(http.map(({ headers }) => headers['webhook-id'])).size).toBe(5);
  const texts = slack.map(({ json }) => String(json()['text']).split('\n')[0]);
  expect(texts.slice(0, 2).map((text) => text?.split(':')[0])).toEqual([
    '⚠️ Mentions may be missing',
    '⚠️ A group is no longer tracked',
  ]);
  expect(texts.slice(2)).toEqual(['2 new mentions', '2 recovered mentions']);

  const lines = daemon.events('delivery.succeeded').filter(({ webhook }) => webhook === 'A');
  expect(lines.map(({ kind, alertType }) => alertType ?? kind)).toEqual(
    types.flatMap((type) =>
      type === 'mention.batch'
        ? [undefined, undefined]
        : type === 'mention.recovered'
          ? ['recovered']
          : [type],
    ),
  );
  expect(lines.filter((line) => 'spottedToDeliveredMs' in line)).toHaveLength(2);
});

test('a webhook for alerts gets no mention, and the mention is skipped if no other wants it', async () => {
  await using bench = await relayBench();
  bench.sandbox.spot(1);
  const daemon = bench.relay({ WEBHOOK_A_EVENTS: 'alerts' });
  expect(await daemon.waitForEvent('mention.skipped')).toMatchObject({ reason: 'unwanted' });
  await queueAll(bench, [GAP]);
  await daemon.waitForEvent('delivery.succeeded', 3);
  expect(bench.a.received.map(({ json }) => json()['type'])).toEqual([
    'gap.detected',
    'mention.recovered',
    'mention.recovered',
  ]);
});

test('a failed alert and a failed recovered mention are listed, shown, retried and discarded', async () => {
  await using bench = await relayBench();
  bench.a.answerWith(() => ({ status: 404 }));
  const daemon = bench.relay();
  await queueAll(bench, [GAP]);
  await daemon.waitForEvent('delivery.failed', 3);

  const list = await bench.run(['failed', 'list', '--json']);
  const { failed } = JSON.parse(list.stdout) as { failed: readonly Record<string, unknown>[] };
  expect(failed).toMatchObject([
    { kind: 'recovered', mentionId: '1' },
    { kind: 'recovered', mentionId: '2' },
    { kind: 'alert', mentionId: null },
  ]);
  const [recovered, , alert] = failed.map(({ id }) => String(id));
  const show = await bench.run(['failed', 'show', alert ?? '']);
  expect(show).toMatchObject({ code: 0, stderr: '' });
  expect(show.stdout).toContain('  from          2023-11-08T14:00:00.000Z');
  const shown = await bench.run(['failed', 'show', recovered ?? '', '--json']);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    failed: [{ kind: 'recovered', mention: { ...LOST[0]?.raw, group: LOST[0]?.group } }],
  });

  bench.a.answerWith(() => ({ status: 200 }));
  expect((await bench.run(['failed', 'discard', recovered ?? ''])).code).toBe(0);
  expect((await bench.run(['failed', 'retry', '--webhook', 'A'])).code).toBe(0);
  await daemon.waitForEvent('delivery.succeeded', 2);
  expect(bench.a.received.slice(3).map(({ json }) => json()['type'])).toEqual([
    'mention.recovered',
    'gap.detected',
  ]);
});
