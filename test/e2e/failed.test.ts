import { describe, expect, test } from 'vitest';
import type { Mention } from '../../src/domain/mention.ts';
import { mention, windowOf } from '../helpers/mentions.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';

const failed = (bench: RelayBench, ...args: string[]) => bench.run(['failed', ...args]);
const idsOf = (mentions: readonly Mention[]) => mentions.map(({ id }) => id);
const oldestFirst = (from: number, to: number) => idsOf(windowOf(from, to).toReversed());
const spotted = (bench: RelayBench, mentions: readonly Mention[]) =>
  bench.sandbox.setWindow(mentions.map(({ raw }) => raw));

interface Listed {
  readonly id: string;
  readonly jobId: string;
  readonly mentionId: string;
  readonly failedAt: string;
}
const listed = async (bench: RelayBench) =>
  (JSON.parse((await failed(bench, 'list', '--json')).stdout) as { failed: readonly Listed[] })
    .failed;

/** A relay whose webhook A has refused these mentions for good. */
async function withFailed(bench: RelayBench, mentions: readonly Mention[]) {
  bench.a.answerWith(() => ({ status: 404 }));
  spotted(bench, mentions);
  const relay = bench.relay({ LOG_LEVEL: 'debug' });
  await relay.waitForEvent('delivery.failed', mentions.length);
  return relay;
}

describe.concurrent('failed deliveries', () => {
  test('are listed, shown, and retried in order once the cause is fixed', async () => {
    await using bench = await relayBench();
    const relay = await withFailed(bench, windowOf(0, 3));

    const list = await failed(bench, 'list');
    expect(list).toMatchObject({ code: 0, stderr: '' });
    expect(list.stdout).toMatch(/^\d+s ago +A +msg_[\w-]{22} +1 +status 404: the URL is/m);
    expect(list.stdout).toContain('npm run cli -- failed retry --webhook NAME');
    expect(list.stdout).not.toMatch(/Ana|CRM|crm|Real Estate/);

    const [first] = await listed(bench);
    expect(first).toEqual({
      id: expect.stringMatching(/^msg_[\w-]{22}$/),
      jobId: first?.id.replace('msg_', 'm-'),
      webhook: 'A',
      configured: true,
      kind: 'mention',
      mentionId: '294390',
      attempts: 1,
      reason: 'status 404: the URL is no longer valid, or not allowed',
      spottedAt: '2023-11-08T15:56:40.000Z',
      polledAt: expect.stringMatching(/Z$/),
      failedAt: expect.stringMatching(/Z$/),
    });
    const show = await failed(bench, 'show', first?.jobId ?? '');
    expect(show).toMatchObject({ code: 0, stderr: '' });
    for (const line of [
      `${first?.id} for webhook A`,
      `  failed        ${first?.failedAt}`,
      '  content       Which CRM would you take? (0)',
      '  owner.name    Ana P.',
    ]) {
      expect(show.stdout.split('\n')).toContain(line);
    }

    bench.a.answerWith(() => ({ status: 200 }));
    expect(await failed(bench, 'retry')).toEqual({
      code: 0,
      stdout: 'A: 3 deliveries requeued, oldest first.\n',
      stderr: '',
    });
    await relay.waitForEvent('delivery.succeeded', 3);
    expect(bench.a.mentionIds().slice(3)).toEqual(oldestFirst(0, 3));
    expect(relay.events('delivery.succeeded').map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    const none = { code: 1, stdout: '', stderr: 'There are no failed deliveries.\n' };
    expect(await failed(bench, 'list')).toEqual(none);
  });

  test('that were damaged in Redis are listed and shown, and delay no other', async () => {
    await using bench = await relayBench();
    bench.a.answerWith(() => ({ status: 500 }));
    const [damaged] = windowOf(0, 1);
    spotted(bench, windowOf(0, 1));
    const relay = bench.relay({ RETRY_SCHEDULE_SECONDS: '1,1' });
    await relay.waitForEvent('delivery.retrying');
    const queue = '{mention-relay}:deliver-A:';
    const id = await waitUntil('the retry', async () => {
      const [first] = await bench.redis.client.zrange(`${queue}delayed`, '0', '0');
      return first;
    });
    await bench.redis.client.hset(`${queue}${id}`, { data: '{"kind":', opts: '{"attempts":' });
    bench.a.answerWith(() => ({ status: 200 }));
    spotted(bench, windowOf(0, 3));
    await relay.waitForEvent('delivery.succeeded', 2);
    await relay.waitForEvent('delivery.failed');
    const reason = 'the queued delivery is damaged: its content is no JSON object';
    expect(relay.events('delivery.failed')).toMatchObject([{ level: 'error', attempt: 2, reason }]);
    expect(bench.a.mentionIds().filter((each) => each === damaged?.id)).toHaveLength(1);
    expect(await listed(bench)).toMatchObject([{ kind: null, attempts: 2, reason }]);
    const [{ jobId } = { jobId: '' }] = await listed(bench);
    const show = await failed(bench, 'show', jobId);
    expect(show).toMatchObject({ code: 0, stderr: '' });
    expect(show.stdout).toContain(String.raw`  content       "{\"kind\":"`);
    expect(await failed(bench, 'discard', '--all')).toMatchObject({ code: 0, stderr: '' });
    expect(await listed(bench)).toEqual([]);
  });

  test('of a held webhook are retried before waiting ones, and the webhook is released', async () => {
    await using bench = await relayBench();
    bench.a.answerWith(() => ({ status: 404 }));
    spotted(bench, windowOf(0, 8));
    const relay = bench.relay();
    await relay.waitForEvent('webhook.held');
    await relay.waitForEvent('delivery.failed', 5);
    // As long as a hold can be, and longer than the test: only the command can end it.
    await bench.redis.client.hset('{mention-relay}:gate:A', {
      heldUntil: Date.now() + 60_000,
      holdMs: 60_000,
    });
    bench.a.answerWith(() => ({ status: 200 }));
    const retry = await failed(bench, 'retry', '--webhook', 'A', '--json');
    expect(JSON.parse(retry.stdout)).toEqual({ retried: { A: 5 }, released: ['A'], notFound: [] });
    await relay.waitForEvent('delivery.succeeded', 8);
    expect(bench.a.mentionIds().slice(5)).toEqual(oldestFirst(0, 8));
    expect(relay.events('webhook.released')).toHaveLength(1);
  });

  test('that the webhook has accepted meanwhile are not sent again', async () => {
    await using bench = await relayBench();
    const relay = await withFailed(bench, windowOf(0, 1));
    const [only] = await listed(bench);
    const key = only?.id.replace('msg_', '') ?? '';
    await bench.redis.client.sadd('{mention-relay}:delivered:A:current', key);
    expect((await failed(bench, 'retry', only?.id ?? '')).code).toBe(0);
    await relay.waitForEvent('delivery.repeated');
    expect(bench.a.received).toHaveLength(1);
  });

  test('are discarded by id, by age, or all with --all', async () => {
    await using bench = await relayBench();
    const relay = await withFailed(bench, windowOf(0, 4));
    const [first, second] = await listed(bench);

    const refused = await failed(bench, 'discard');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/ids, --webhook, --since, or --all/);
    expect(await failed(bench, 'discard', '--since', '2999-01-01')).toMatchObject({ code: 1 });
    expect(await listed(bench)).toHaveLength(4);

    const some = await failed(bench, 'discard', first?.id ?? '', second?.jobId ?? '', 'msg_none');
    expect(some).toEqual({
      code: 1,
      stdout: 'A: 2 deliveries discarded.\n',
      stderr:
        'No failed delivery has the id msg_none.\nnpm run cli -- failed list shows all failed deliveries.\n',
    });
    const rest = await failed(bench, 'discard', '--all', '--json');
    expect(rest).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(rest.stdout)).toEqual({ discarded: { A: 2 }, notFound: [] });
    expect(await bench.redis.client.keys('{mention-relay}:deliver-A:m-*')).toEqual([]);

    // Their mentions stay seen: no later poll queues them again.
    await relay.waitForEvent('poll.completed', relay.events('poll.completed').length + 2);
    expect(await listed(bench)).toEqual([]);
  });

  test('with hostile content are shown whole, and cannot harm a terminal', async () => {
    await using bench = await relayBench();
    const hostile = mention(1, {
      content:
        'first\r\n  reason        all is well\n\u001b[2J\u001b]0;x\u0007\u009b31m\u202egnp.exe\u2028',
      owner: { name: '\u001b[1A\u200fAna', id: '1', link: 'javascript:alert(1)' },
      '\u001b[31m': { deep: ['\u001b[0m'] },
    });
    await withFailed(bench, [hostile]);
    const [only] = await listed(bench);
    const show = await failed(bench, 'show', only?.id ?? '');
    const json = await failed(bench, 'show', only?.id ?? '', '--json');
    for (const { code, stdout } of [show, json, await failed(bench, 'list')]) {
      expect(code).toBe(0);
      expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }
    expect(show.stdout).toContain('\\u{1b}[2J');
    expect(show.stdout.match(/^ {2}reason {2}/gm)).toHaveLength(1);
    expect(json.stdout.trimEnd()).not.toContain('\n');
    expect(JSON.parse(json.stdout)).toMatchObject({ failed: [{ mention: hostile.raw }] });
  });
});

describe.concurrent('a webhook removed from the configuration', () => {
  test('keeps its deliveries, is reported, and continues when it is back', async () => {
    await using bench = await relayBench();
    const withB = { WEBHOOK_B_URL: bench.b.url, WEBHOOK_B_CONCURRENCY: '1' };
    bench.b.answerWith((_request, count) =>
      count === 1 ? { status: 404 } : { status: 429, headers: { 'retry-after': '3600' } },
    );
    spotted(bench, windowOf(0, 3));
    const before = bench.relay(withB);
    await before.waitForEvent('webhook.paused');
    await bench.a.waitFor(3);
    before.kill('SIGTERM');
    await before.ended;

    const without = bench.relay({ LOG_LEVEL: 'debug' });
    const counts = { waiting: 2, active: 0, retrying: 0, failed: 1 };
    expect(await without.waitForEvent('webhook.unconfigured')).toMatchObject({
      level: 'warn',
      webhook: 'B',
      ...counts,
    });
    await without.waitForEvent('poll.completed');
    expect(without.events('webhook.unconfigured')).toHaveLength(1);
    const status = await bench.run(['status']);
    expect(status.stdout).toMatch(/^B +2 +0 +0 +1 {2}\(not configured\)$/m);
    expect(JSON.parse((await bench.run(['status', '--json'])).stdout)).toMatchObject({
      webhooks: { A: {} },
      unconfigured: { B: counts },
    });
    expect((await failed(bench, 'list', '--webhook', 'B')).stdout).toContain('msg_');
    expect((await failed(bench, 'retry', '--webhook', 'B')).stdout).toMatch(
      /^B: 1 delivery requeued\. It is not configured: they wait until it is\.\nB: its pause ended 5\dm early\.\n$/,
    );
    without.kill('SIGTERM');
    await without.ended;

    bench.b.answerWith(() => ({ status: 200 }));
    const back = bench.relay(withB);
    await back.waitForEvent('delivery.succeeded', 3);
    expect(bench.b.mentionIds().slice(2)).toEqual(oldestFirst(0, 3));
    expect(back.events('webhook.unconfigured')).toEqual([]);
  });

  test('has its failed deliveries discarded or, if they are too old, purged', async () => {
    await using bench = await relayBench();
    bench.b.answerWith(() => ({ status: 404 }));
    spotted(bench, windowOf(0, 2));
    const before = bench.relay({ WEBHOOK_B_URL: bench.b.url });
    await before.waitForEvent('delivery.failed', 2);
    before.kill('SIGTERM');
    await before.ended;
    const [first, second] = await listed(bench);
    expect((await failed(bench, 'discard', '--webhook', 'B', first?.id ?? '')).code).toBe(0);
    await bench.redis.client.zadd('{mention-relay}:deliver-B:failed', 1_000, second?.jobId ?? '');

    const relay = bench.relay();
    expect(await relay.waitForEvent('delivery.purged')).toMatchObject({ webhook: 'B', purged: 1 });
    expect(await listed(bench)).toEqual([]);
    expect((await bench.run(['status'])).stdout).not.toContain('B ');
  });
});

test.concurrent('retry resumes a webhook whose URL was gone, and reports that', async () => {
  await using bench = await relayBench();
  bench.a.answerWith(() => ({ status: 410 }));
  spotted(bench, windowOf(0, 2));
  const relay = bench.relay();
  await relay.waitForEvent('delivery.failed');
  relay.kill('SIGTERM');
  await relay.ended;
  expect(await failed(bench, 'retry', '--webhook', 'A')).toEqual({
    code: 0,
    stdout: 'A: 1 delivery requeued, oldest first.\nA: resumed; its URL had answered 410.\n',
    stderr: '',
  });
  expect((await bench.run(['status'])).stdout).not.toContain('gone');
});

describe.concurrent('retry without a failed delivery', () => {
  test('releases every held webhook, and ends the pause of a named one only', async () => {
    await using bench = await relayBench();
    bench.a.answerWith(() => ({ status: 503 }));
    bench.b.answerWith(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    spotted(bench, windowOf(0, 6));
    const env = { WEBHOOK_B_URL: bench.b.url, RETRY_SCHEDULE_SECONDS: '600' };
    const relay = bench.relay(env);
    await relay.waitForEvent('webhook.held');
    await relay.waitForEvent('webhook.paused');
    relay.kill('SIGTERM');
    await relay.ended;

    const all = await failed(bench, 'retry');
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout).toMatch(/^A: released after being held for \d+s\.\n$/);
    const named = await failed(bench, 'retry', '--webhook', 'B');
    expect(named).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^B: its pause ended 5\dm early\.\n$/),
      stderr: '',
    });
    expect(await failed(bench, 'retry')).toMatchObject({ code: 1, stdout: '' });
  });
});

describe.concurrent('the commands report', () => {
  test('an unknown webhook, an unreadable age and an unknown id', async () => {
    await using bench = await relayBench();
    await bench.redis.client.sadd('{mention-relay}:webhooks', 'OLD');
    expect(await failed(bench, 'list', '--webhook', 'SALES')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'No webhook is named SALES. Known webhooks: A, OLD.\n',
    });
    const age = await failed(bench, 'list', '--since', 'yesterday');
    expect(age.code).toBe(1);
    expect(age.stderr).toContain('90m, 24h or 7d');
    expect((await failed(bench, 'show', 'msg_1')).stderr).toMatch(/^No failed delivery has the id/);
    expect((await failed(bench, 'retry', '--webhook', 'A')).stderr).toMatch(
      /^No failed delivery matches\./,
    );
  });

  test('configuration errors, and a Redis that does not answer', async () => {
    await using bench = await relayBench();
    const mistaken = await bench.run(['failed', 'list'], { GROOUPLY_API_KEY: undefined });
    expect(mistaken.code).toBe(78);
    expect(mistaken.stderr).toContain('GROOUPLY_API_KEY is not set');
    await bench.redis.kill();
    const away = await failed(bench, 'retry');
    expect(away.code).toBe(1);
    expect(away.stderr).toMatch(/^Redis does not answer \(ECONNREFUSED\)\. Check REDIS_URL/);
  });
});
