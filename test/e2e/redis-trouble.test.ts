import { describe, expect, test } from 'vitest';
import type { Daemon } from '../helpers/daemon.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

async function morePolls({ sandbox }: RelayBench, count: number): Promise<void> {
  const before = sandbox.requests().length;
  await waitUntil(`${count} more polls`, () => sandbox.requests().length >= before + count);
}

/** Returns the lines that a person would see, without those of deliveries. */
const shown = (daemon: Daemon) =>
  daemon.lines().filter(({ level, event }) => level !== 'debug' && !event.startsWith('delivery.'));

const reasons = (daemon: Daemon, event: string) => daemon.events(event).map(({ reason }) => reason);

async function arrivedOnce({ a }: RelayBench, ids: readonly string[]): Promise<void> {
  await a.waitFor(ids.length, 60_000);
  expect(a.mentionIds().toSorted()).toEqual(ids.toSorted());
}

/** Returns the ids of mentions as the API gives them. */
const idsOf = (mentions: readonly { readonly id?: unknown }[]) =>
  mentions.map(({ id }) => String(id));

describe.concurrent('a database that Redis does not have', () => {
  const MISSING = 'Redis has no database 77';

  test('is refused at the start, by check and by commands, and nothing is written to another', async () => {
    await using bench = await relayBench();
    const REDIS_URL = `${bench.redis.url}/77`;
    const daemon = bench.relay({ REDIS_URL });
    expect(await daemon.ended).toEqual({ code: 1, signal: null });
    expect(reasons(daemon, 'relay.start_failed')[0]).toContain(MISSING);
    expect((await bench.run(['check'], { REDIS_URL })).stdout).toContain(MISSING);
    expect((await bench.run(['status'], { REDIS_URL })).stderr).toContain(MISSING);
    expect(await bench.redis.client.dbsize()).toBe(0);
    expect(bench.sandbox.requests()).toEqual([]);
  });

  test('after a restart counts as a lost Redis, and nothing is written to another', async () => {
    await using bench = await relayBench();
    const { redis, sandbox } = bench;
    const daemon = bench.relay({ REDIS_URL: `${redis.url}/3` });
    sandbox.spot(1);
    await bench.a.waitFor(1);
    await redis.kill();
    // Its database is empty too: a Redis with data in one that it does not have would not start.
    await redis.start({ empty: true, settings: ['--databases', '2'] });
    await waitUntil('some tries to connect', async () => {
      const stats = await redis.client.info('errorstats');
      return Number(/errorstat_ERR:count=(\d+)/.exec(stats)?.[1] ?? 0) > 5;
    });
    expect(daemon.events('redis.lost')).toHaveLength(1);
    expect(daemon.events('redis.back')).toEqual([]);
    expect(await redis.client.dbsize()).toBe(0);
    await redis.kill();
    await redis.start();
    await daemon.waitForEvent('redis.back');
    await morePolls(bench, 2);
    expect(await redis.client.dbsize()).toBe(0);
  });
});

describe.concurrent('a Redis that refuses', () => {
  const set = (bench: RelayBench, name: string, value: string): Promise<unknown> =>
    name === 'replicaof'
      ? bench.redis.client.call('REPLICAOF', ...value.split(' '))
      : bench.redis.client.config('SET', name, value);

  test.each([
    ['writes, its memory full', 'OOM', 'maxmemory', '1mb', '0'],
    ['the password, which was changed', 'NOAUTH', 'requirepass', 'another', ''],
  ])(
    '%s, is logged once, with what to do, and nothing is lost',
    async (...row) => {
      const [, reason, setting, worse, better] = row;
      await using bench = await relayBench();
      const { sandbox, redis } = bench;
      const daemon = bench.relay();
      const ids = idsOf(sandbox.spot(2));
      await bench.a.waitFor(2);
      await set(bench, setting, worse);
      if (reason === 'NOAUTH') {
        await redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      }
      const line = await waitUntil(
        'the refusal to be logged',
        () => daemon.events('redis.error')[0],
      );
      expect(line).toMatchObject({ level: 'error', reason });
      expect(line['msg']).toContain(reason === 'NOAUTH' ? 'REDIS_URL' : setting);
      ids.push(...idsOf(sandbox.spot(3)));
      // As long as a restart may take: everything that runs has met the refusal by then.
      await waitUntil('more refusals', async () => {
        const stats = await redis.client.info('errorstats');
        return Number(new RegExp(`errorstat_${reason}:count=(\\d+)`).exec(stats)?.[1]) >= 20;
      });
      await set(bench, setting, better);
      await arrivedOnce(bench, ids);
      await morePolls(bench, 2);
      await arrivedOnce(bench, ids);
      expect(reasons(daemon, 'redis.error')).toEqual([reason]);
      expect(daemon.events('redis.lost').length).toBeLessThanOrEqual(reason === 'NOAUTH' ? 1 : 0);
      expect(daemon.events('redis.back')).toHaveLength(daemon.events('redis.lost').length);
      expect(shown(daemon).length).toBeLessThan(20);
    },
    120_000,
  );

  test.each([
    ['the password of REDIS_URL', 'NOAUTH', 'requirepass', 'right', ''],
    ['writes, as a replica', 'READONLY', 'replicaof', '127.0.0.1 1', 'no one'],
  ])('%s from the start is waited for, without a crash', async (...row) => {
    const [, reason, setting, worse, better] = row;
    await using bench = await relayBench();
    await set(bench, setting, worse);
    const ids = idsOf(bench.sandbox.spot(2));
    const daemon = bench.relay();
    const line = await daemon.waitForEvent('redis.error');
    expect(line).toMatchObject({ level: 'error', reason });
    await set(bench, setting, better);
    await arrivedOnce(bench, ids);
    expect(reasons(daemon, 'redis.error')).toEqual([reason]);
    expect(daemon.events('relay.started')).toHaveLength(1);
  });

  test('lets a relay that waits for it stop in order', async () => {
    await using bench = await relayBench();
    await bench.redis.client.config('SET', 'requirepass', 'right');
    const daemon = bench.relay();
    await daemon.waitForEvent('redis.error');
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    expect(daemon.events('relay.crashed')).toEqual([]);
  });
});

describe.concurrent('a Redis that is gone', () => {
  test('frozen, is logged as lost and as back, and everything arrives once', async () => {
    await using bench = await relayBench();
    const { sandbox, redis } = bench;
    const daemon = bench.relay();
    const ids = idsOf(sandbox.spot(2));
    await bench.a.waitFor(2);
    process.kill(redis.pid(), 'SIGSTOP');
    expect(await daemon.waitForEvent('redis.lost')).toMatchObject({ reason: 'no answer' });
    ids.push(...idsOf(sandbox.spot(2)));
    process.kill(redis.pid(), 'SIGCONT');
    await daemon.waitForEvent('redis.back');
    await arrivedOnce(bench, ids);
    await morePolls(bench, 2);
    await arrivedOnce(bench, ids);
    expect(daemon.events('redis.lost')).toHaveLength(1);
    expect(daemon.events('redis.back')).toHaveLength(1);
    expect(shown(daemon).length).toBeLessThan(15);
  });

  test('killed twice, is logged as lost and back twice, and everything arrives once', async () => {
    await using bench = await relayBench();
    const { sandbox, redis } = bench;
    const daemon = bench.relay();
    const ids: string[] = [];
    for (const outage of [1, 2]) {
      ids.push(...idsOf(sandbox.spot(2)));
      await bench.a.waitFor(ids.length);
      await redis.kill();
      await daemon.waitForEvent('redis.lost', outage);
      ids.push(...idsOf(sandbox.spot(2)));
      await redis.start();
      await daemon.waitForEvent('redis.back', outage);
      await arrivedOnce(bench, ids);
    }
    await morePolls(bench, 2);
    await arrivedOnce(bench, ids);
    expect(daemon.events('redis.lost')).toHaveLength(2);
    expect(daemon.events('redis.back')).toHaveLength(2);
    expect(daemon.events('redis.error')).toEqual([]);
    expect(daemon.events('state.empty')).toHaveLength(1);
    expect(shown(daemon).length).toBeLessThan(25);
  });
});

describe.concurrent('a Redis that is emptied while the relay runs', () => {
  test('is reported, BACKLOG decides, polls go on, and pauses work again', async () => {
    await using bench = await relayBench();
    const { sandbox, a, redis } = bench;
    const daemon = bench.relay({ BACKLOG: 'none' });
    await daemon.waitForEvent('state.empty');
    const [first] = idsOf(sandbox.spot(1));
    await a.waitFor(1);
    await redis.client.flushall();
    const line = await waitUntil(
      'the loss to be logged',
      () => daemon.events('state.empty')[1],
      30_000,
    );
    expect(line).toMatchObject({ level: 'warn', backlog: 'none', sending: 0, skipping: 1 });
    expect(line['msg']).toContain('Redis was emptied');

    // A 429 pauses the webhook: the second mention waits for the first.
    a.answerWith((_request, count) =>
      count === 2 ? { status: 429, headers: { 'retry-after': '2' } } : { status: 200 },
    );
    const second = idsOf(sandbox.spot(2));
    await daemon.waitForEvent('webhook.paused');
    await a.waitFor(4);
    await morePolls(bench, 2);
    expect(a.mentionIds()).toEqual([first, second[0], ...second]);
    expect(daemon.events('state.empty')).toHaveLength(2);
  }, 60_000);
});

describe.concurrent('a Redis that is not safe', () => {
  test('is reported once at the start, each setting with the command that fixes it', async () => {
    await using bench = await relayBench();
    await bench.redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await bench.redis.client.config('SET', 'appendonly', 'no');
    const daemon = bench.relay();
    await daemon.waitForEvent('state.empty');
    expect(daemon.events('redis.unsafe')).toMatchObject([
      { level: 'warn', command: 'CONFIG SET maxmemory-policy noeviction' },
      { level: 'warn', command: 'CONFIG SET appendonly yes' },
    ]);
    for (const { command } of daemon.events('redis.unsafe')) {
      await bench.redis.client.call(...(String(command).split(' ') as [string]));
    }
    const after = bench.relay();
    await after.waitForEvent('relay.started');
    await morePolls(bench, 3);
    daemon.kill('SIGTERM');
    await daemon.ended;
    await morePolls(bench, 2);
    expect(after.events('redis.unsafe')).toEqual([]);
  });
});
