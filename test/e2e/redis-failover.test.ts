import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startPrivateRedis } from '../helpers/private-redis.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** Serves a name that leads new connections to another port after `moveTo`; old ones stay. */
async function movableName(port: number) {
  let target = port;
  const server = createServer((client) => {
    const redis = connect(target, '127.0.0.1');
    client.pipe(redis).pipe(client);
    for (const [one, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    moveTo: (next: number) => (target = next),
  };
}

test('a relay follows the name of its Redis to the new master, whatever its old connections say', async () => {
  await using bench = await relayBench();
  const { redis, sandbox, a } = bench;
  const other = await startPrivateRedis();
  onTestFinished(() => other.stop());
  await other.client.replicaof('127.0.0.1', redis.port);
  const name = await movableName(redis.port);
  bench.relay({ REDIS_URL: name.url });
  sandbox.spot(1);
  await a.waitFor(1);
  await waitUntil('the copy', async () => {
    const size = await other.client.dbsize();
    return size > 0 && size === (await redis.client.dbsize());
  });

  await other.client.replicaof('NO', 'ONE');
  await redis.client.replicaof('127.0.0.1', other.port);
  name.moveTo(other.port);
  sandbox.spot(1);
  await a.waitFor(2, 60_000);
  expect(new Set(a.mentionIds()).size).toBe(2);
}, 90_000);
