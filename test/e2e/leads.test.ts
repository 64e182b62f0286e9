import { expect, test } from 'vitest';
import { healthPage } from '../helpers/daemon.ts';
import { startReceiver } from '../helpers/receiver.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { expectEvent } from '../webhooks/http/http-payload.ts';
import { expectSlackMessage, richTextOf } from '../webhooks/slack/slack-limits.ts';

test('the same text of a person in several groups is one message, also after a failure and a restart', async () => {
  await using bench = await relayBench();
  const { a, b, sandbox } = bench;
  const chat = await startReceiver();
  const [made] = sandbox.spot(1);
  const post = (number: number, changes: object = {}) => ({
    ...made,
    id: `100${number}`,
    position: 'post',
    content: `Who can recommend a CRM for a team of five? https://example.com/${number}`,
    keyword: 'CRM',
    link: `https://facebook.com/groups/${number}/permalink/100${number}`,
    group: { id: String(number), name: `Group ${number}` },
    owner: { id: '7', name: 'Ana P.', link: '' },
    spotted: String(1_699_459_000 + number),
    ...changes,
  });
  const window = [
    post(5, { owner: { id: '8', name: 'Ben K.', link: '' } }),
    post(3),
    post(2, { keyword: 'team of five' }),
    post(1),
  ];
  const env = {
    DEDUPE_BY: 'lead',
    HEALTH_PORT: '0',
    WEBHOOK_B_URL: b.url,
    WEBHOOK_B_GROUPS: 'Group 4',
    WEBHOOK_CHAT_URL: chat.url,
    WEBHOOK_CHAT_TYPE: 'slack',
    WEBHOOK_CHAT_BATCH_SIZE: '1',
  };

  sandbox.setWindow(window);
  a.answerWith((_request, count) => ({ status: count === 1 ? 400 : 200 }));
  expect((await bench.run(['preview'], env)).stdout).toMatch(
    /^1003  new\n  to no webhook\n.*\n  not A: merged: /m,
  );
  const relay = bench.relay(env);
  await relay.waitForEvent('delivery.failed');
  await a.waitFor(2);
  expect((await bench.run(['failed', 'retry', '--webhook', 'A'], env)).code).toBe(0);
  await a.waitFor(3);
  await chat.waitFor(2);

  expect(a.mentionIds()).toEqual(['1001', '1005', '1001']);
  const { content: _2, ...second } = post(2, { keyword: 'team of five' });
  const { content: _3, ...third } = post(3);
  const { data } = expectEvent(a.received[2]?.text ?? '', 'mention.created');
  expect(data).toEqual({ ...post(1), merged: [second, third] });
  expect(richTextOf(expectSlackMessage(chat.received[0]?.text ?? '')).at(-1)).toBe(
    'Also found: team of five in Group 2 · in Group 3',
  );
  expect(chat.received).toHaveLength(2);
  relay.kill('SIGTERM');
  await relay.ended;

  // Webhook B wanted none before; A and the chat have the lead.
  sandbox.setWindow([post(4), ...window]);
  const changed = await bench.run(['preview', '--new'], { ...env, DEDUPE_BY: 'mention' });
  expect(changed.stdout).toMatch(/ {2}not A: merged: /);
  expect(changed.stdout.replaceAll(/\s+/g, ' ')).toContain(
    'Nothing was sent. The next poll still goes by DEDUPE_BY=lead.',
  );
  const { stdout } = await bench.run(['preview', '--json', '--new'], env);
  expect(JSON.parse(stdout)).toMatchObject({
    mentions: [
      {
        mentionId: '1004',
        messageId: a.received[0]?.headers['webhook-id'],
        webhooks: { A: { gets: false, because: 'lead' }, B: { gets: true }, CHAT: { gets: false } },
      },
    ],
  });
  const next = bench.relay(env);
  const merged = await next.waitForEvent('mention.merged');
  expect(merged).toMatchObject({
    mentionId: '1004',
    messageId: a.received[0]?.headers['webhook-id'],
    webhooks: ['A', 'CHAT'],
  });
  await b.waitFor(1);
  expect(b.mentionIds()).toEqual(['1004']);
  expect((await healthPage(next, '/metrics')).text).toMatch(
    /^mention_relay_merged_mentions_total 1$/m,
  );
  expect([a.received.length, chat.received.length]).toEqual([3, 2]);
  await chat.stop();
}, 60_000);
