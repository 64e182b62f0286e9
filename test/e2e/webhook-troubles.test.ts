import { describe, expect, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';
import type { Received } from '../helpers/receiver.ts';
import { waitUntil } from '../helpers/wait-until.ts';

describe('a webhook that keeps failing', () => {
  test('is held after five failures, probed once over all replicas, and let go by a success', async () => {
    await using bench = await relayBench();
    const { sandbox, a, b } = bench;
    let broken = true;
    a.answerWith(() => ({ status: broken ? 503 : 200 }));
    const mentions = sandbox.spot(12).map(({ id }) => id);
    const env = { RETRY_SCHEDULE_SECONDS: '1,1,1', WEBHOOK_B_URL: b.url };
    const replicas = [bench.relay(env), bench.relay(env)];
    const told = (name: string) => replicas.flatMap((replica) => replica.events(name));

    await waitUntil('the hold', () => told('webhook.held').length > 0);
    await b.waitFor(12);
    // The first request after a silence of 5 s is the probe; an attempt may have been under way when
    // the hold began.
    const failures = await waitUntil('the first probe', () => {
      const probe = a.received.findIndex(({ atMs }, index) => {
        return atMs - (a.received[index - 1]?.atMs ?? atMs) >= 4_900;
      });
      return probe > 0 ? probe : undefined;
    });

    broken = false;
    await waitUntil('the release', () => told('webhook.released').length > 0, 40_000);
    await waitUntil('every mention', () =>
      mentions.every((id) => a.mentionIds().lastIndexOf(id) > failures),
    );
    expect(told('webhook.held')).toHaveLength(1);
    expect(told('webhook.released')).toHaveLength(1);
    expect(failures).toBeLessThanOrEqual(6);
    // Those that had not been tried are delivered in their order, each at its first attempt.
    const untried = mentions.filter((id) => !a.mentionIds().slice(0, failures).includes(id));
    for (const id of untried) {
      const succeeded = await waitUntil(`the log of ${id}`, () =>
        told('delivery.succeeded').find(
          (line) => line['webhook'] === 'A' && line['mentionId'] === id,
        ),
      );
      expect(succeeded).toMatchObject({ attempt: 1 });
    }
  }, 90_000);
});

describe('a webhook that asks for a pause', () => {
  test('gets no request from any replica until it is over, and no attempt is used up', async () => {
    await using bench = await relayBench();
    const { sandbox, a } = bench;
    a.answerWith((_request, count) =>
      count === 1 ? { status: 429, headers: { 'retry-after': '3' } } : { status: 200 },
    );
    sandbox.spot(6);
    const replicas = [bench.relay(), bench.relay()];
    await a.waitFor(7);
    // The other replica may have had an attempt under way when the first was told to wait.
    const [first] = a.received;
    const early = a.received.filter(({ atMs }) => atMs < (first?.atMs ?? 0) + 2_990);
    expect(early.length).toBeLessThanOrEqual(2);
    const succeeded = () => replicas.flatMap((replica) => replica.events('delivery.succeeded'));
    await waitUntil('the log of all six', () => succeeded().length === 6);
    expect(succeeded().map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

describe('the pace of a webhook', () => {
  test('is kept over two replicas', async () => {
    await using bench = await relayBench();
    const { sandbox, a } = bench;
    sandbox.spot(9);
    const env = { WEBHOOK_A_RATE_PER_SECOND: '4', WEBHOOK_A_CONCURRENCY: '3' };
    bench.relay(env);
    bench.relay(env);
    await a.waitFor(9);
    const [first] = a.received;
    const last = a.received[8];
    // Eight spaces of 250 ms; an attempt may reach the receiver a little sooner than the one before.
    expect((last?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(8 * 250 - 100);
    expect(new Set(a.mentionIds()).size).toBe(9);
  });
});

describe('a backlog', () => {
  test('travels to Slack ten mentions a message, and by http as one batch, each mention whole', async () => {
    await using bench = await relayBench({ backlog: 25 });
    const { a, b, sandbox } = bench;
    bench.relay({
      WEBHOOK_A_BATCH_SIZE: '50',
      WEBHOOK_B_URL: b.url,
      WEBHOOK_B_TYPE: 'slack',
    });
    const headersIn = ({ json }: Received) =>
      (json()['blocks'] as { type: string }[]).filter(({ type }) => type === 'header').length;
    await waitUntil(
      'the backlog in Slack',
      () => b.received.reduce((sum, message) => sum + headersIn(message), 0) === 25,
    );
    expect(Math.max(...b.received.map(headersIn))).toBe(10);

    const sent = a.received.flatMap(({ json }) => {
      const { type, data } = json() as { type: string; data: unknown };
      return type === 'mention.batch' ? (data as { id: string }[]) : [data as { id: string }];
    });
    expect(sent.map(({ id }) => id)).toEqual(
      sandbox
        .mentions()
        .map(({ id }) => id)
        .toReversed(),
    );
    expect(a.received.length).toBeLessThan(25);
  });

  test('loses only the one mention that its receiver refuses', async () => {
    await using bench = await relayBench({ backlog: 20 });
    const { a, sandbox } = bench;
    const poisoned = sandbox.mentions()[7]?.id ?? '';
    a.answerWith(({ text }) => ({ status: text.includes(poisoned) ? 422 : 200 }));
    const daemon = bench.relay({ WEBHOOK_A_BATCH_SIZE: '20' });
    await daemon.waitForEvent('delivery.succeeded', 19);
    await daemon.waitForEvent('delivery.failed');
    expect(daemon.events('delivery.failed')).toMatchObject([{ mentionId: poisoned }]);
    expect(daemon.events('delivery.succeeded')).toHaveLength(19);
  });
});

describe('a second signal', () => {
  test('ends it at once, and nothing is lost', async () => {
    await using bench = await relayBench();
    const { sandbox, a } = bench;
    a.answerWith(() => 'hang');
    const [mention] = sandbox.spot(1);
    const daemon = bench.relay({ SHUTDOWN_TIMEOUT_SECONDS: '60' });
    await a.waitFor(1);
    daemon.kill('SIGTERM');
    await daemon.waitForEvent('relay.stopping');
    // The same signal twice within a moment is one key press that npm passed on twice.
    const again = setInterval(() => daemon.kill('SIGINT'), 100);
    expect(await daemon.ended).toEqual({ code: 1, signal: null });
    clearInterval(again);
    expect(await bench.redis.client.exists('{mention-relay}:deliver-A:active')).toBe(1);
    expect(mention).toBeDefined();
  });
});
