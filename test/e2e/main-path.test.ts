import { describe, expect, test } from 'vitest';
import type { Daemon } from '../helpers/daemon.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

async function stopped(daemon: Daemon): Promise<void> {
  daemon.kill('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
}

async function morePolls({ sandbox }: RelayBench, count: number): Promise<void> {
  const before = sandbox.requests().length;
  await waitUntil(`${count} more polls`, () => sandbox.requests().length >= before + count);
}

const slackAtB = ({ b }: RelayBench) => ({
  WEBHOOK_B_URL: b.url,
  WEBHOOK_B_TYPE: 'slack',
  WEBHOOK_B_BATCH_SIZE: '1',
  WEBHOOK_B_RATE_PER_SECOND: '100',
});

describe.concurrent('the main path', () => {
  test('each mention reaches both webhooks once, oldest first, over restarts', async () => {
    await using bench = await relayBench();
    const { sandbox, a, b } = bench;
    const first = sandbox.spot(5);
    const before = bench.relay(slackAtB(bench));
    await Promise.all([a.waitFor(5), b.waitFor(5)]);
    await stopped(before);

    const second = sandbox.spot(3);
    const after = bench.relay(slackAtB(bench));
    await a.waitFor(8);
    const third = sandbox.spot(2);
    await Promise.all([a.waitFor(10), b.waitFor(10)]);
    await morePolls(bench, 2);
    await stopped(after);

    const expected = [...first, ...second, ...third].map(({ id }) => id);
    expect(a.mentionIds()).toEqual(expected);
    const slackTexts = b.received.map(({ json }) => JSON.stringify(json()));
    expect(slackTexts).toHaveLength(10);
    for (const [index, mention] of [...first, ...second, ...third].entries()) {
      expect(slackTexts[index]).toContain(mention.link);
    }
    expect(after.events('state.empty')).toEqual([]);
  });

  test('a backlog of a whole window is sent oldest first', async () => {
    await using bench = await relayBench({ backlog: 100 });
    bench.relay();
    await bench.a.waitFor(100);
    const spotted = bench.a.received.map(({ json }) => String(json()['timestamp']));
    expect(spotted).toEqual(spotted.toSorted());
  });

  test.each([
    ['five mentions', 'mention', 5],
    ['one notice', 'post', 1],
  ])('five mentions of one post are %s by DEDUPE_BY=%s', async (_case, dedupeBy, count) => {
    await using bench = await relayBench();
    const { sandbox, a } = bench;
    const [base] = sandbox.spot(1);
    const spellings = [
      base,
      { ...base, keyword: 'another keyword' },
      { ...base, position: base?.position === 'comment' ? 'post' : 'comment' },
      { ...base, link: `${base?.link}?comment_id=2` },
      { ...base, owner: { ...base?.owner, id: '4242' } },
    ];
    // Each twice: an exact repeat is nothing new.
    sandbox.setWindow([...spellings, ...spellings]);
    bench.relay({ DEDUPE_BY: dedupeBy });
    await a.waitFor(count);
    await morePolls(bench, 3);
    expect(a.received).toHaveLength(count);
  });

  test('links that change at each fetch make nothing new, and no gap', async () => {
    await using bench = await relayBench({ backlog: 100 });
    const { sandbox, a } = bench;
    const hosts = [
      'https://facebook.com',
      'https://www.facebook.com',
      'http://m.facebook.com',
      'facebook.com',
      '',
    ];
    for (const [poll, host] of hosts.entries()) {
      const tracking = `__cft__[0]=AZ${poll}&__tn__=%2CO%2CP-R`;
      sandbox.fault({ kind: 'links', host, tracking, endpoint: '/account/mentions' });
    }
    const relay = bench.relay();
    await a.waitFor(100);
    await morePolls(bench, 8);
    const [last] = sandbox.spot();
    await waitUntil('the last one', () => a.mentionIds().includes(last?.id ?? ''));
    expect(a.received).toHaveLength(101);
    expect(new Set(a.mentionIds()).size).toBe(101);
    expect(relay.events('poll.gap_detected')).toEqual([]);
  });

  test('BACKLOG=none sends only what is spotted after the first window', async () => {
    await using bench = await relayBench({ backlog: 10 });
    const { sandbox, a } = bench;
    const daemon = bench.relay({ BACKLOG: 'none' });
    expect(await daemon.waitForEvent('state.empty')).toMatchObject({ sending: 0, skipping: 10 });
    const [mention] = sandbox.spot(1);
    await a.waitFor(1);
    expect(a.mentionIds()).toEqual([mention?.id]);
  });

  test('unreadable items are reported once and set aside, the others arrive', async () => {
    await using bench = await relayBench();
    const { sandbox, a } = bench;
    const [good] = sandbox.spot(1);
    sandbox.setWindow([null, 'text', { content: 'no id' }, good, { id: '7', keyword: {} }]);
    const daemon = bench.relay();
    await a.waitFor(2);
    await morePolls(bench, 3);
    expect(new Set(a.mentionIds())).toEqual(new Set([good?.id, '7']));
    expect(daemon.events('poll.item_malformed')).toHaveLength(3);
  });
});

describe.concurrent('when things go wrong', () => {
  test('a webhook that fails is tried again and delays no other', async () => {
    await using bench = await relayBench();
    const { sandbox, a, b } = bench;
    a.answerWith((_request, count) => ({ status: count <= 4 ? 500 : 200 }));
    const ids = sandbox.spot(2).map(({ id }) => id);
    const daemon = bench.relay({
      RETRY_SCHEDULE_SECONDS: '0.2,0.2,0.2,0.2',
      WEBHOOK_B_URL: b.url,
    });
    await b.waitFor(2);
    await daemon.waitForEvent('delivery.succeeded', 4);
    expect(a.received).toHaveLength(6);
    expect(new Set(a.mentionIds().slice(-2))).toEqual(new Set(ids));
    expect(new Set(a.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    expect(daemon.events('delivery.retrying')).toHaveLength(4);
  });

  test('a delivery that keeps failing is reported, and kept as failed', async () => {
    await using bench = await relayBench();
    bench.a.answerWith(() => ({ status: 503 }));
    const [mention] = bench.sandbox.spot(1);
    const daemon = bench.relay({ RETRY_SCHEDULE_SECONDS: '0.1,0.1' });
    expect(await daemon.waitForEvent('delivery.failed')).toMatchObject({
      level: 'error',
      mentionId: mention?.id,
      attempt: 3,
      status: 503,
    });
    expect(bench.a.received).toHaveLength(3);
    // The line is written before the queue knows.
    await waitUntil('the failed delivery to be kept', async () => {
      return (await bench.redis.client.zcard('{mention-relay}:deliver-A:failed')) === 1;
    });
  });

  test('a rejected key is told once, by name, while queued deliveries go on', async () => {
    await using bench = await relayBench();
    const { sandbox, a } = bench;
    sandbox.spot(1);
    a.answerWith((_request, count) => ({ status: count === 1 ? 500 : 200 }));
    const first = bench.relay({ RETRY_SCHEDULE_SECONDS: '1' });
    await first.waitForEvent('delivery.retrying');
    sandbox.fault({ kind: 'status', status: 401, times: Infinity });
    const second = bench.relay({ GROOUPLY_API_KEY: 'wrong-key', RETRY_SCHEDULE_SECONDS: '1' });
    const line = await second.waitForEvent('poll.key_rejected');
    expect(line['level']).toBe('error');
    expect(line['msg']).toContain('GROOUPLY_API_KEY');
    await a.waitFor(2);
    // It asked once, and will again in five minutes.
    expect(second.events('poll.key_rejected')).toHaveLength(1);
  });

  test('SIGTERM lets an attempt under way end, and the delivery is not repeated', async () => {
    await using bench = await relayBench();
    const { sandbox, a } = bench;
    sandbox.spot(2);
    const answer = Promise.withResolvers<{ status: number }>();
    a.answerWith(() => answer.promise);
    const daemon = bench.relay();
    await a.waitFor(1);
    daemon.kill('SIGTERM');
    await daemon.waitForEvent('relay.stopping');
    answer.resolve({ status: 200 });
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    expect(daemon.events('relay.stopped')).toMatchObject([{ level: 'info', clean: true }]);

    bench.relay();
    await a.waitFor(2);
    await morePolls(bench, 2);
    expect(new Set(a.mentionIds()).size).toBe(2);
    expect(a.received).toHaveLength(2);
  });

  test('an attempt that outlasts the shutdown time is broken off with exit 1, and uses none up', async () => {
    await using bench = await relayBench();
    const { sandbox, a } = bench;
    sandbox.spot(2);
    a.answerWith(() => 'hang');
    const daemon = bench.relay({ SHUTDOWN_TIMEOUT_SECONDS: '0.5' });
    await a.waitFor(1);
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 1, signal: null });
    expect(daemon.events('relay.stopped')).toMatchObject([
      { level: 'warn', clean: false, reason: 'attempts aborted' },
    ]);
    expect(a.received).toHaveLength(1);

    a.answerWith(() => ({ status: 200 }));
    const next = bench.relay();
    await a.waitFor(3);
    await morePolls(bench, 2);
    expect(a.received).toHaveLength(3);
    expect(next.events('delivery.succeeded').map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  test('with Redis away, SIGTERM still ends it in time, and nothing is lost', async () => {
    await using bench = await relayBench();
    const { sandbox, a, redis } = bench;
    const daemon = bench.relay({ SHUTDOWN_TIMEOUT_SECONDS: '0.1' });
    await daemon.waitForEvent('state.empty');
    await redis.kill();
    await daemon.waitForEvent('redis.lost');
    const [mention] = sandbox.spot(1);
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 1, signal: null });
    await redis.start();
    bench.relay();
    await a.waitFor(1);
    expect(a.mentionIds()).toEqual([mention?.id]);
  });
});
