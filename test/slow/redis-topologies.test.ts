import { describe, expect, test } from 'vitest';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { startDaemon } from '../helpers/daemon.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { redisNodes, startCluster, startSentinel, type RedisNode } from '../helpers/redis-nodes.ts';

// So that the budget lasts for a minute.
const UNHURRIED = { POLL_INTERVAL_SECONDS: '1' };

/** A line of `export`. */
interface Kept {
  readonly mention: { readonly id: string };
  readonly deliveries: readonly unknown[];
}

const idsOf = (mentions: readonly { readonly id?: unknown }[]) =>
  mentions.map(({ id }) => String(id));

async function arrivedOnce({ a, sandbox }: RelayBench, ids: readonly string[]): Promise<void> {
  await a.waitFor(ids.length, 90_000);
  const polls = sandbox.requests().length;
  await waitUntil('two more polls', () => sandbox.requests().length >= polls + 2, 60_000);
  expect(a.mentionIds().toSorted()).toEqual(ids.toSorted());
}

async function statusOf(bench: RelayBench, url: string): Promise<unknown> {
  const asked = startDaemon(
    { GROOUPLY_API_KEY: 'sandbox-key', REDIS_URL: url, WEBHOOK_A_URL: bench.a.url },
    ['status', '--json'],
  );
  await asked.ended;
  await asked.dispose();
  return JSON.parse(asked.stdout()) as unknown;
}

describe('a Redis Cluster', () => {
  test('of three nodes: each mention arrives once, also when the node of our slot was killed', async () => {
    await using nodes = redisNodes();
    const cluster = await startCluster(nodes);
    await using bench = await relayBench();
    const { sandbox, a } = bench;
    const url = `redis+cluster://${cluster.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
    const ids = idsOf(sandbox.spot(5));
    const env = { REDIS_URL: url, HISTORY_DAYS: '1', ...UNHURRIED };
    const daemon = bench.relay(env);
    const other = bench.relay(env);
    await arrivedOnce(bench, ids);
    expect(daemon.events('relay.started')[0]?.['config']).toMatchObject({
      redis: { kind: 'cluster', tls: false },
    });
    expect(await statusOf(bench, url)).toMatchObject({ healthy: true });

    // A hold, which is made of scripts over several keys.
    a.answerWith((_request, count) =>
      count === 6 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 200 },
    );
    const held = idsOf(sandbox.spot(1));
    await a.waitFor(7);
    expect(a.mentionIds().slice(5)).toEqual([...held, ...held]);
    ids.push(...held, ...held);

    const ports = await Promise.all(
      cluster.map(async (node) => ({ node, count: Number(await node.ask('DBSIZE')) })),
    );
    const ours = ports.find(({ count }) => count > 0)?.node;
    await ours?.kill();
    await Promise.all([daemon, other].map((each) => each.waitForEvent('redis.lost', 1, 30_000)));
    ids.push(...idsOf(sandbox.spot(2)));
    await ours?.start();
    await Promise.all([daemon, other].map((each) => each.waitForEvent('redis.back', 1, 30_000)));
    await arrivedOnce(bench, ids);
    // The history's scripts touch several keys too.
    const { stdout } = await bench.run(['export', '--format', 'jsonl'], env);
    const kept = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Kept);
    expect(kept.map(({ mention }) => mention.id)).toEqual([...new Set(ids)]);
    for (const { deliveries } of kept) expect(deliveries).toHaveLength(1);

    for (const each of [daemon, other]) {
      expect(each.events('redis.lost')).toHaveLength(1);
      expect(each.events('redis.back')).toHaveLength(1);
      each.kill('SIGTERM');
      expect(await each.ended).toEqual({ code: 0, signal: null });
      expect(each.stderr()).toBe('');
    }
  });

  test('all of whose nodes are killed and come back: nothing is lost, and it stops in order', async () => {
    await using nodes = redisNodes();
    const cluster = await startCluster(nodes);
    await using bench = await relayBench();
    const { sandbox } = bench;
    const url = `redis+cluster://127.0.0.1:${cluster[0]?.port}`;
    const ids = idsOf(sandbox.spot(3));
    const daemon = bench.relay({ REDIS_URL: url, ...UNHURRIED });
    await arrivedOnce(bench, ids);
    await Promise.all(cluster.map((node) => node.kill()));
    await daemon.waitForEvent('redis.lost');
    ids.push(...idsOf(sandbox.spot(2)));
    await Promise.all(cluster.map((node) => node.start()));
    await daemon.waitForEvent('redis.back', 1, 60_000);
    await arrivedOnce(bench, ids);
    expect(daemon.events('redis.lost')).toHaveLength(1);
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
  });
});

/** Returns the role of a node. Empty if its Sentinel, which changes it, has just closed the connection. */
const roleOf = (node: RedisNode): Promise<string> => node.ask('ROLE').catch(() => '');

describe('a master that Sentinels watch', () => {
  test('is killed: the replica takes over, what comes then arrives, and nothing is repeated', async () => {
    await using nodes = redisNodes();
    const { master, replica, sentinel } = await startSentinel(nodes);
    await using bench = await relayBench();
    const { sandbox } = bench;
    const url = `redis+sentinel://127.0.0.1:${sentinel.port}/main`;
    const ids = idsOf(sandbox.spot(5));
    const daemon = bench.relay({ REDIS_URL: url, ...UNHURRIED });
    await arrivedOnce(bench, ids);
    expect(await statusOf(bench, url)).toMatchObject({ healthy: true });
    // What the replica has, it knows after the failover too.
    await waitUntil(
      'the replica to have all',
      async () =>
        Number(await replica.ask('SCARD', '{mention-relay}:delivered:A:current')) === 5 &&
        // Two keys a mention.
        Number(await replica.ask('SCARD', '{mention-relay}:seen:current')) === 10,
    );
    await master.kill();
    await daemon.waitForEvent('redis.lost');
    ids.push(...idsOf(sandbox.spot(3)));
    await daemon.waitForEvent('redis.back', 1, 60_000);
    await arrivedOnce(bench, ids);
    expect(await replica.ask('ROLE')).toMatch(/^master/);
    expect(daemon.events('redis.lost')).toHaveLength(1);

    // The old master comes back as a replica, and stays one.
    await master.start();
    await waitUntil(
      'the old master to follow',
      async () => (await roleOf(master)).startsWith('slave'),
      60_000,
    );
    ids.push(...idsOf(sandbox.spot(1)));
    await arrivedOnce(bench, ids);
    expect(daemon.events('state.empty')).toHaveLength(1);
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
  });

  test('changes its place by hand while the relay works: nothing is lost and nothing repeated', async () => {
    await using nodes = redisNodes();
    const { replica, sentinel } = await startSentinel(nodes);
    await using bench = await relayBench();
    const { sandbox } = bench;
    const ids = idsOf(sandbox.spot(3));
    const daemon = bench.relay({
      REDIS_URL: `redis+sentinel://127.0.0.1:${sentinel.port}/main`,
      ...UNHURRIED,
    });
    await arrivedOnce(bench, ids);
    await sentinel.ask('SENTINEL', 'FAILOVER', 'main');
    await waitUntil(
      'the replica to be the master',
      async () => (await roleOf(replica)).startsWith('master'),
      60_000,
    );
    ids.push(...idsOf(sandbox.spot(3)));
    await arrivedOnce(bench, ids);
    expect(daemon.events('relay.crashed')).toEqual([]);
  });

  test('with nobody there, status says so at once', async () => {
    await using bench = await relayBench();
    const asked = startDaemon(
      {
        GROOUPLY_API_KEY: 'sandbox-key',
        REDIS_URL: 'redis+sentinel://127.0.0.1:1/main',
        WEBHOOK_A_URL: bench.a.url,
      },
      ['status'],
    );
    expect(await asked.ended).toEqual({ code: 1, signal: null });
    expect(asked.stderr()).toContain('Redis does not answer (no Sentinel answers)');
    await asked.dispose();
  });
});
