import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { redisNodes, startCluster } from '../helpers/redis-nodes.ts';
import { makeCertificate, redisWith } from '../helpers/redis-with.ts';

/** The daemon and `check` say the same, and the daemon ends at once. */
async function expectRefusal(
  bench: RelayBench,
  env: Readonly<Record<string, string>>,
  ...sentences: readonly RegExp[]
): Promise<void> {
  const daemon = bench.relay(env);
  const [ended, check] = await Promise.all([daemon.ended, bench.run(['check'], env)]);
  expect(ended).toEqual({ code: 1, signal: null });
  expect(daemon.events('relay.crashed')).toEqual([]);
  expect(check.code).toBe(1);
  // The report is wrapped.
  const report = check.stdout.replaceAll(/\s+/g, ' ');
  for (const sentence of sentences) {
    expect(daemon.events('relay.start_failed')[0]?.['reason']).toMatch(sentence);
    expect(report).toMatch(sentence);
  }
  expect(`${daemon.stdout()}${check.stdout}`).not.toContain('a-password');
}

// Other mistakes: test/app/unfit-redis.test.ts.
describe.concurrent('REDIS_URL', () => {
  test('redis:// to a node of a Cluster names the right scheme', async () => {
    await using nodes = redisNodes();
    const cluster = await startCluster(nodes);
    await using bench = await relayBench();
    const answers = await Promise.all(
      cluster.map(async (node) => ({
        port: node.port,
        answer: await node.ask('GET', '{mention-relay}:x').catch((error: unknown) => String(error)),
      })),
    );
    const other = answers.find(({ answer }) => answer.includes('MOVED'))?.port;
    const message = [/this Redis is a node of a Cluster/i, /write redis\+cluster:\/\/ instead/i];
    await Promise.all(
      ['', '/3'].map((database) =>
        expectRefusal(bench, { REDIS_URL: `redis://127.0.0.1:${other}${database}` }, ...message),
      ),
    );
  });

  test('of a Redis without EVAL names the command', async () => {
    await using bench = await relayBench();
    const hidden = ['EVAL', 'EVALSHA'];
    await using redis = await redisWith(hidden.flatMap((each) => ['--rename-command', each, '']));
    await expectRefusal(
      bench,
      { REDIS_URL: `redis://127.0.0.1:${redis.port}` },
      /Redis lacks the command EVAL(SHA)?, which the relay needs/,
    );
  });

  const address = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
  test.runIf(address)('of a Redis in protected mode asks for a password', async () => {
    await using bench = await relayBench();
    await using redis = await redisWith(['--bind', '*', '--protected-mode', 'yes']);
    await expectRefusal(
      bench,
      { REDIS_URL: `redis://${address}:${redis.port}` },
      /Redis is in protected mode/,
      /requirepass/,
    );
  });

  test('with TLS to a port without, and without to a port with, names the right scheme', async () => {
    await using bench = await relayBench();
    using certificate = makeCertificate();
    await using redis = await redisWith(certificate.tls, ['--tls', '--cacert', certificate.ca]);
    await Promise.all([
      expectRefusal(
        bench,
        { REDIS_URL: `rediss://:a-password@127.0.0.1:${bench.redis.port}` },
        /does not speak TLS/,
        /write redis:\/\/ instead of rediss:\/\//i,
      ),
      expectRefusal(
        bench,
        { REDIS_URL: `redis://:a-password@localhost:${redis.port}` },
        /speaks nothing but TLS/,
        /write rediss:\/\/ instead of redis:\/\//i,
      ),
    ]);
  });

  test('to a certificate of a private authority names NODE_EXTRA_CA_CERTS, which helps', async () => {
    await using bench = await relayBench();
    using certificate = makeCertificate();
    await using redis = await redisWith(certificate.tls, ['--tls', '--cacert', certificate.ca]);
    const REDIS_URL = `rediss://localhost:${redis.port}`;
    const refused = bench.relay({ REDIS_URL });
    expect(await refused.ended).toEqual({ code: 1, signal: null });
    expect(refused.events('relay.start_failed')[0]?.['reason']).toMatch(
      /authority that issued.*NODE_EXTRA_CA_CERTS/,
    );
    bench.sandbox.spot(1);
    const daemon = bench.relay({ NODE_EXTRA_CA_CERTS: certificate.ca, REDIS_URL });
    await bench.a.waitFor(1);
    expect(daemon.stderr()).toBe('');
  });
});

describe.concurrent('a Redis that can be set right while the relay waits', () => {
  test('lacks a permission: the message names it, and the relay goes on once it is granted', async () => {
    await using bench = await relayBench();
    const { client } = bench.redis;
    await client.call(
      'ACL',
      'SETUSER',
      'relay',
      'on',
      '>a-password',
      '~*',
      '+@all',
      '-eval',
      '-evalsha',
    );
    const env = { REDIS_URL: bench.redis.url.replace('//', '//relay:a-password@') };
    bench.sandbox.spot(1);
    const daemon = bench.relay(env);
    expect(await daemon.waitForEvent('redis.error')).toMatchObject({
      level: 'error',
      reason: 'NOPERM',
      msg: expect.stringMatching(/may not run EVALSHA\. Grant it all commands \(\+@all\)/),
    });
    expect((await bench.run(['check'], env)).stdout).toContain('may not run EVALSHA');
    await client.call('ACL', 'SETUSER', 'relay', '+@all');
    await bench.a.waitFor(1);
  });

  test('has no place for another connection: the relay waits for one', async () => {
    await using bench = await relayBench();
    const { client } = bench.redis;
    await client.config('SET', 'maxclients', '1');
    bench.sandbox.spot(1);
    const daemon = bench.relay();
    expect(await daemon.waitForEvent('redis.error')).toMatchObject({ reason: 'MAXCLIENTS' });
    await client.config('SET', 'maxclients', '1000');
    await bench.a.waitFor(1);
  });

  test('becomes another one while the relay runs: the log says what it is, and nothing is lost', async () => {
    await using bench = await relayBench();
    const { redis, sandbox, a } = bench;
    const daemon = bench.relay();
    sandbox.spot(1);
    await a.waitFor(1);
    await redis.kill();
    await daemon.waitForEvent('redis.lost');
    const web = createServer((_, answer) => answer.end());
    await new Promise<void>((resolve) => web.listen(redis.port, '127.0.0.1', resolve));
    expect(await daemon.waitForEvent('redis.error')).toMatchObject({
      level: 'error',
      reason: 'not_redis',
    });
    web.closeAllConnections();
    await new Promise((resolve) => web.close(resolve));
    sandbox.spot(1);
    await redis.start();
    await daemon.waitForEvent('redis.back');
    await a.waitFor(2);
    await waitUntil('no more', () => a.mentionIds().length === 2);
  });
});
