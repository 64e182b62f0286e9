import { expect, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';
import { expectDiscordMessage } from '../webhooks/discord/discord-limits.ts';
import { expectPlainText } from '../webhooks/slack/slack-limits.ts';
import { expectTeamsMessage } from '../webhooks/teams/teams-limits.ts';

test('Discord gets embeds, confirms that it saved them, and is paused when it asks for that', async () => {
  await using bench = await relayBench();
  const { a, sandbox } = bench;
  a.answerWith((_, count) =>
    count === 1
      ? { status: 429, body: '{"message": "x", "retry_after": 1.25, "global": false}' }
      : { status: 200, body: '{"id": "1"}', headers: { 'x-ratelimit-remaining': '4' } },
  );
  const spotted = sandbox.spot(7);
  const daemon = bench.relay({
    WEBHOOK_A_URL: `${a.url}?thread_id=42`,
    WEBHOOK_A_TYPE: 'discord',
    WEBHOOK_A_RATE_PER_SECOND: '1000',
  });
  await daemon.waitForEvent('delivery.succeeded', spotted.length);

  expect(daemon.events('webhook.paused')).toMatchObject([{ waitMs: 1250 }]);
  expect(new Set(a.received.map(({ path }) => path.split('?')[1]))).toEqual(
    new Set(['thread_id=42&wait=true']),
  );
  const embeds = a.received.slice(1).map(({ text }) => expectDiscordMessage(text).embeds?.length);
  expect(embeds.reduce<number>((sum, count = 0) => sum + count, 0)).toBe(spotted.length);
});

test('Teams gets cards', async () => {
  await using bench = await relayBench();
  const { a, sandbox } = bench;
  a.answerWith(() => ({ status: 202, body: '' }));
  const spotted = sandbox.spot(3);
  const daemon = bench.relay({
    WEBHOOK_A_TYPE: 'teams',
    WEBHOOK_A_BATCH_SIZE: '1',
    WEBHOOK_A_RATE_PER_SECOND: '1000',
  });
  await daemon.waitForEvent('delivery.succeeded', spotted.length);
  const links = a.received.map(({ text }) => expectTeamsMessage(text).lines.at(-1));
  expect(links).toEqual(spotted.map(({ link }) => `Open post: ${link}`));
});

test('Rocket.Chat gets one plain text per message, and its answer counts as success', async () => {
  await using bench = await relayBench();
  const { a, sandbox } = bench;
  a.answerWith(() => ({ status: 200, body: '{"success":true}' }));
  const [mention] = sandbox.spot(1);
  const daemon = bench.relay({ WEBHOOK_A_TYPE: 'slack', WEBHOOK_A_PLAIN: 'true' });
  await daemon.waitForEvent('delivery.succeeded', 1);
  const [request] = a.received;
  expect(expectPlainText(request?.text ?? '')).toContain(String(mention?.link));
});

test('preview shows the message of each webhook', async () => {
  await using bench = await relayBench();
  const { a, b, sandbox } = bench;
  const [mention] = sandbox.spot(1);
  const { stdout } = await bench.run(['preview'], {
    WEBHOOK_A_TYPE: 'discord',
    WEBHOOK_B_URL: b.url,
    WEBHOOK_B_TYPE: 'teams',
    WEBHOOK_C_URL: b.url,
    WEBHOOK_C_TYPE: 'teams',
  });
  expect(stdout).toContain(`  | New mention of ${mention?.keyword}\n`);
  expect(stdout).toMatch(/ {2}\| Open post: https:\S+\n.*\n {2}to A\n/);
  expect(stdout).toMatch(/ {2}\| Open post: https:\S+\n {2}to B, C\n/);
  expect(a.received.concat(b.received)).toEqual([]);
});
