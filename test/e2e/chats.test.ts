import { expect, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';
import { expectDiscordMessage } from '../webhooks/discord/discord-limits.ts';
import { expectGoogleChatMessage } from '../webhooks/googlechat/googlechat-limits.ts';
import { expectNtfyMessage } from '../webhooks/ntfy/ntfy-limits.ts';
import { expectPlainText, expectSlackMessage, richTextOf } from '../webhooks/slack/slack-limits.ts';
import { expectTeamsMessage } from '../webhooks/teams/teams-limits.ts';
import { expectTelegramMessage } from '../webhooks/telegram/telegram-limits.ts';

/** Returns the delivery of an item of the window, for the checkers. */
const delivered = (item: object) => deliveryOf({ ...item });

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
  const embeds = a.received
    .slice(1)
    .map(({ text }) => expectDiscordMessage(text, spotted.map(delivered)).embeds?.length);
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
  const links = a.received.map(({ text }) =>
    expectTeamsMessage(text, spotted.map(delivered)).lines.at(-1),
  );
  expect(links).toEqual(spotted.map(({ link }) => `Open post: ${link}`));
});

test('Telegram, Google Chat and ntfy get their messages and questions, and nothing shows their URLs', async () => {
  await using bench = await relayBench();
  const { a, sandbox } = bench;
  const answers: Readonly<Record<string, { status: number; body: string }[]>> = {
    '/bot1:s3cret/sendMessage?chat_id=-100': [
      { status: 429, body: '{"ok":false,"error_code":429,"parameters":{"retry_after":1.25}}' },
      { status: 200, body: '{"ok":true,"result":{' },
    ],
    '/v1/spaces/s3cret/messages?key=s3cret&token=s3cret&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD':
      [{ status: 200, body: '{}' }],
    '/': [{ status: 200, body: '{"event":"message"}' }],
    '/bot1:s3cret/getChat?chat_id=-100': [{ status: 200, body: '{"ok":true}' }],
    '/v1/spaces/s3cret/messages?key=s3cret&token=s3cret': [
      { status: 400, body: '{"error":{"message":"Message cannot be empty."}}' },
    ],
    '/v1/health': [{ status: 200, body: '{"healthy":true}' }],
  };
  a.answerWith(({ path }) => {
    const [next, later] = answers[path] ?? [{ status: 500, body: '' }];
    if (later !== undefined) answers[path]?.shift();
    return next ?? { status: 500 };
  });
  const [item] = sandbox.spot(1);
  const deliveries = [delivered(item ?? {})];
  const { origin } = new URL(a.url);
  const env = {
    WEBHOOK_A_URL: `${origin}/bot1:s3cret/sendMessage?chat_id=-100`,
    WEBHOOK_A_TYPE: 'telegram',
    WEBHOOK_A_RATE_PER_SECOND: '1000',
    WEBHOOK_B_URL: `${origin}/v1/spaces/s3cret/messages?key=s3cret&token=s3cret`,
    WEBHOOK_B_TYPE: 'googlechat',
    WEBHOOK_C_URL: `${origin}/s3cret`,
    WEBHOOK_C_TYPE: 'ntfy',
  };
  const daemon = bench.relay(env);
  await daemon.waitForEvent('delivery.succeeded', 3);
  expect(daemon.events('webhook.paused')).toMatchObject([{ webhook: 'A', waitMs: 1250 }]);

  const check = await bench.run(['check'], env);
  for (const name of ['A', 'B', 'C']) {
    expect(check.stdout).toMatch(
      new RegExp(`^Webhook ${name}\n  ok +127\\.0\\.0\\.1:\\d+ answers$`, 'm'),
    );
  }
  const paths = Object.keys(answers);
  expect(new Set(a.received.map(({ path }) => path))).toEqual(new Set(paths));
  const [telegram = '', googleChat = '', ntfy = ''] = paths.map(
    (path) => a.received.find((request) => request.path === path)?.text,
  );
  expect(expectTelegramMessage(telegram, deliveries)).toContain(item?.keyword);
  expect(expectGoogleChatMessage(googleChat, deliveries).lines[0]).toContain(item?.keyword);
  expect(expectNtfyMessage(ntfy)).toMatchObject({ topic: 's3cret', click: item?.link });
  for (const { stdout, stderr } of [check, { stdout: daemon.stdout(), stderr: daemon.stderr() }]) {
    expect(stdout + stderr).not.toContain('s3cret');
  }
});

test('every chat shows a long post around its keyword, and links its author', async () => {
  await using bench = await relayBench();
  const { a, sandbox } = bench;
  const [madeUp] = sandbox.spot(1);
  const profile = 'https://facebook.com/profile.php?id=100073695043540';
  const item = {
    ...madeUp,
    keyword: 'café',
    content: `${'before <!channel> '.repeat(999)}CAFE\u0301 &amp; more ${'after @everyone '.repeat(999)}`,
    owner: { id: '100073695043540', name: 'Dana R.', link: profile },
  };
  sandbox.setWindow([item]);
  const deliveries = [delivered(item)];
  const types = ['slack', 'discord', 'teams', 'text'];
  const daemon = bench.relay(
    Object.fromEntries(
      types.flatMap((type) => {
        const name = type === 'slack' ? 'A' : type.toUpperCase();
        return [
          [`WEBHOOK_${name}_URL`, `${a.url}?${type}`],
          [`WEBHOOK_${name}_TYPE`, type === 'text' ? 'slack' : type],
          ...(type === 'text' ? [[`WEBHOOK_${name}_PLAIN`, 'true']] : []),
        ];
      }),
    ),
  );
  await daemon.waitForEvent('delivery.succeeded', types.length);
  const textTo = (type: string) => a.received.find(({ path }) => path.includes(type))?.text ?? '';

  const [quote, by] = richTextOf(expectSlackMessage(textTo('slack'), deliveries));
  expect(quote).toMatch(/^“…before .*> \*CAFE\u0301\* & more after .*…”$/);
  expect(by).toBe(`— <${profile}|Dana R.>`);
  const [embed] = expectDiscordMessage(textTo('discord'), deliveries).embeds ?? [];
  expect(embed?.description).toMatch(/^“…before .*\\> \*\*CAFE\u0301\*\* & more after .*…”\n/);
  expect(embed?.description).toContain(`\n— [Dana R.](${profile})\n`);
  const { lines } = expectTeamsMessage(textTo('teams'), deliveries);
  expect(lines[1]).toMatch(/^“…before .*> CAFE\u0301 & more after .*…”$/);
  expect(textTo('teams')).toContain(`{"type":"Action.OpenUrl","url":"${profile}"}`);
  expect(expectPlainText(textTo('text'))).toMatch(/\n“…\S.* CAFE\u0301 & more after .*…”\n/);
  const { stdout } = await bench.run(['preview'], { WEBHOOK_A_TYPE: 'slack' });
  expect(stdout.replaceAll(/\n {2}\| /g, ' ')).toMatch(
    /“…before .*> CAFE\u0301 & more after .*…” — Dana R\.: https:/,
  );
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
  expect(stdout).toContain(`  to A\n  | New mention of ${mention?.keyword}\n`);
  expect(stdout).toMatch(/ {2}to B, C\n {2}\| .*\n( {2}\| .*\n)* {2}\| Open post: https:\S+\n/);
  expect(a.received.concat(b.received)).toEqual([]);
});
