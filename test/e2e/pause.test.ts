import { expect, test } from 'vitest';
import { createQueues } from '../../src/queues/queues.ts';
import { DROP } from '../../src/queues/dropped-queue.ts';
import { healthPage, type Daemon } from '../helpers/daemon.ts';
import { mentionDelivery } from '../helpers/mention-delivery.ts';
import { startRedisProxy } from '../helpers/redis-proxy.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const WAITING = '{mention-relay}:deliver-A:wait';
const idsOf = (mentions: readonly { readonly id: string }[]) => mentions.map(({ id }) => id);

/** The lines about commands in the logs of these daemons, in their order. */
const commandsIn = (...daemons: readonly Daemon[]) =>
  daemons.flatMap((daemon) => daemon.events('command.ran'));

test.concurrent(
  'a paused webhook gets nothing on two replicas, over kill -9, and then all in order, once',
  async () => {
    await using bench = await relayBench();
    const { sandbox, a, b } = bench;
    const env = {
      HEALTH_PORT: '0',
      // Longer than the command takes on a busy machine.
      DELIVERY_TIMEOUT_SECONDS: '60',
      WEBHOOK_A_EVENTS: 'all',
      WEBHOOK_B_URL: b.url,
      WEBHOOK_B_CONCURRENCY: '1',
    };
    // Each replica has one under way, which ends.
    const release = Promise.withResolvers<void>();
    a.answerWith(async () => {
      await release.promise;
      return { status: 200 };
    });
    const first = sandbox.spot(5);
    const replicas = [bench.relay(env), bench.relay(env)];
    await a.waitFor(2);
    await b.waitFor(5);
    const paused = await bench.run(['pause', 'A'], env);
    expect(paused).toMatchObject({ code: 0, stderr: '' });
    expect(paused.stdout).toMatch(/^A: paused until resumed\.\n/);
    release.resolve();
    const succeeded = (): number =>
      replicas
        .flatMap((each) => each.events('delivery.succeeded'))
        .filter(({ webhook }) => webhook === 'A').length;
    await waitUntil('both to succeed', () => succeeded() === 2);
    const rest = sandbox.spot(3);
    await b.waitFor(8);
    // An alert waits too.
    sandbox.setWindow([...sandbox.mentions(), { content: 'neither id nor link' }]);
    await waitUntil('the alert', async () => (await bench.redis.client.llen(WAITING)) === 7);
    const logged = () => commandsIn(...replicas);
    await waitUntil('the line of the command', () => logged().length > 0);
    for (const each of replicas) each.kill('SIGKILL');
    await Promise.all(replicas.map((each) => each.ended));

    const again = bench.relay(env);
    expect(await again.waitForEvent('webhook.paused')).toMatchObject({
      level: 'warn',
      webhook: 'A',
      reason: 'operator',
      since: expect.stringMatching(/Z$/),
      until: null,
    });
    const longer = await bench.run(['pause', 'A', '--for', '2h'], env);
    expect(longer.stdout).toMatch(
      /^A: was paused \d+s ago, until resumed; now paused until 2\S+Z\.\n/,
    );
    const status = await bench.run(['status', '--json'], env);
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({
      healthy: true,
      webhooks: {
        A: {
          oldestWaitingAt: null,
          pausedByOperator: {
            since: expect.stringMatching(/Z$/),
            until: expect.stringMatching(/Z$/),
          },
        },
        B: { pausedByOperator: null },
      },
    });
    // A probe goes to another receiver, so that this one gets nothing.
    const checked = await bench.run(['check', '--json'], { ...env, WEBHOOK_A_URL: b.url });
    expect((JSON.parse(checked.stdout) as { findings: unknown }).findings).toContainEqual(
      expect.objectContaining({ about: 'Webhook A', level: 'ok', code: 'paused' }),
    );
    expect((await healthPage(again, '/readyz')).status).toBe(200);
    const { text } = await healthPage(again, '/metrics');
    expect(text).toMatch(
      /^mention_relay_webhook_paused_since_timestamp_seconds{webhook="A"} 1\d{9}/m,
    );
    expect(text).toContain('\nmention_relay_oldest_waiting_age_seconds{webhook="A"} 0\n');
    expect(a.received).toHaveLength(2);

    const resumed = await bench.run(['resume', 'A'], env);
    expect(resumed.stdout).toMatch(/^A: resumed \(paused by an operator \d+s ago\)\.\n$/);
    await again.waitForEvent('delivery.succeeded', 7);
    const ids = a.mentionIds();
    const [one, two, three, four, ...others] = idsOf([...first, ...rest]);
    // Each replica took one ahead, and which of these came back last depends on them. The alert has no id.
    expect([...ids.slice(0, 2).toSorted(), ...ids.slice(2, 5).toSorted(), ...ids.slice(5)]).toEqual(
      [one, two, three, four, 'undefined', ...others],
    );
    await waitUntil('the lines of the others', () => commandsIn(again).length === 2);
    expect([...commandsIn(...replicas), ...commandsIn(again)]).toMatchObject([
      { level: 'info', command: 'pause', webhook: 'A', until: null },
      { command: 'pause', webhook: 'A', untilBefore: null },
      { command: 'resume', webhook: 'A', gone: false, paused: { until: expect.any(String) } },
    ]);
  },
  120_000,
);

test.concurrent(
  'what waits for a webhook that is gone from the configuration is dropped, after a look at it',
  async () => {
    await using bench = await relayBench();
    const { sandbox, a, b, redis } = bench;
    const withB = { WEBHOOK_B_URL: b.url, WEBHOOK_B_CONCURRENCY: '1' };
    const drop = (...args: string[]) => bench.run(['drop', ...args]);
    b.answerWith((_request, count) => ({ status: [404, 200, 410][count - 1] ?? 500 }));
    sandbox.spot(6);
    const before = bench.relay(withB);
    await before.waitForEvent('webhook.paused');
    await a.waitFor(6);
    expect(await bench.run(['drop', 'B', '--yes'], withB)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('B is configured. Remove its variables') as string,
    });
    // The replica still has it, whatever the command's own configuration is.
    expect(await drop('B', '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('A running relay still has B configured') as string,
    });
    before.kill('SIGTERM');
    await before.ended;

    const without = bench.relay();
    await without.waitForEvent('webhook.unconfigured');
    await redis.client.del('{mention-relay}:deliver-B:stalled-check');
    expect(await drop('B')).toMatchObject({
      code: 1,
      stdout: 'B: 3 waiting, 0 retrying, 2 failed.\n',
      stderr: expect.stringContaining('drop B --yes') as string,
    });
    expect(await drop('B', '--yes')).toMatchObject({
      code: 0,
      stdout: 'B: 3 waiting, 0 retrying, 2 failed.\nB: removed 3 waiting, 0 retrying, 2 failed.\n',
      stderr: '',
    });
    const left = (await redis.client.keys('*')).filter((name) => /[:-]B(?::|$)/.test(name));
    expect([left, await redis.client.smembers('{mention-relay}:webhooks')]).toEqual([[], ['A']]);
    expect(await drop('B', '--yes')).toMatchObject({
      code: 1,
      stderr: 'No webhook is named B. Known webhooks: A.\n',
    });
    expect(await without.waitForEvent('command.ran')).toMatchObject({
      command: 'drop',
      webhook: 'B',
      waiting: 3,
      retrying: 0,
      failed: 2,
    });
  },
  120_000,
);

test.concurrent(
  'a drop that is killed between its steps has removed and logged the same, and the next one ends it',
  async () => {
    await using bench = await relayBench();
    const { sandbox, a, b } = bench;
    const { client, port } = bench.redis;
    const step = String(await client.script('LOAD', DROP));
    const queues = createQueues({
      redis: client,
      prefix: '{mention-relay}',
      onError: (error) => expect.unreachable(error.message),
    });
    const all = Array.from({ length: 2_050 }, (_, number) => mentionDelivery(number));
    await queues.enqueue('B', all);
    await queues.close(0);
    await client.sadd('{mention-relay}:webhooks', 'B');

    /** Kills a drop at its nth request with this text: before Redis gets it, or when it has. */
    async function killed(text: string, nth: number, verdict: 'cut' | 'silence'): Promise<void> {
      let met = 0;
      const proxy = await startRedisProxy(port, (request) => {
        if (!request.includes(text) || ++met < nth) return 'pass';
        if (verdict === 'cut') doomed.kill('SIGKILL');
        return verdict;
      });
      const doomed = bench.start(['drop', 'B', '--yes'], { REDIS_URL: proxy.url });
      if (verdict === 'silence') {
        const before = await left();
        await waitUntil('the step', async () => (await left()) < before);
        doomed.kill('SIGKILL');
      }
      expect(await doomed.ended).toEqual({ code: null, signal: 'SIGKILL' });
      await proxy.stop();
    }
    const left = () => client.llen('{mention-relay}:deliver-B:wait');
    const jobs = () => client.keys('{mention-relay}:deliver-B:m-*');

    await killed(step, 2, 'cut');
    expect([await left(), (await jobs()).length]).toEqual([1_050, 1_050]);
    // A relay beside it is killed too.
    const first = bench.relay();
    const spotted = sandbox.spot(3);
    await first.waitForEvent('delivery.succeeded', 3);
    await killed(step, 1, 'silence');
    first.kill('SIGKILL');
    await first.ended;
    expect([await left(), (await jobs()).length]).toEqual([50, 50]);

    // What is left is whole: with the webhook configured again, each is delivered once.
    const withB = bench.relay({ WEBHOOK_B_URL: b.url });
    await withB.waitForEvent('delivery.succeeded', 50);
    expect(b.mentionIds().toSorted()).toEqual(
      idsOf(all.slice(0, 50).map(({ mention }) => mention)).toSorted(),
    );
    withB.kill('SIGTERM');
    await withB.ended;
    await client.del('{mention-relay}:deliver-B:stalled-check');

    await killed('unlink', 1, 'cut');
    await killed('srem', 1, 'cut');
    expect(await bench.run(['drop', 'B', '--yes'])).toMatchObject({ code: 0 });
    const names = (await client.keys('*')).filter((name) => /[:-]B(?::|$)/.test(name));
    expect([names, await client.smembers('{mention-relay}:webhooks')]).toEqual([[], ['A']]);
    const last = bench.relay();
    await last.waitForEvent('command.ran', 3);
    expect(commandsIn(first, withB, last).map(({ waiting }) => waiting)).toEqual([
      1_000, 1_000, 0, 0, 0,
    ]);
    expect(a.mentionIds()).toEqual(idsOf(spotted));
  },
  120_000,
);
