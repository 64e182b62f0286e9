import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, redisServer, type RedisServer } from './private-redis.ts';
import { waitUntil } from './wait-until.ts';

const run = promisify(execFile);

/** One `redis-server` of a Cluster or of a master with its replica, or a Sentinel. */
export interface RedisNode {
  readonly port: number;
  /** Sends it a command by `redis-cli`; throws if it is refused. */
  ask(...command: readonly string[]): Promise<string>;
  kill(): Promise<void>;
  /** Starts it again with its files on the same port. */
  start(): Promise<void>;
}

/** Nodes that end together, their files removed. */
export interface RedisNodes extends AsyncDisposable {
  /** Starts a server whose configuration is these lines, beside its port and its folder. */
  add(settings: readonly string[], options?: NodeOptions): Promise<RedisNode>;
}

interface NodeOptions {
  readonly port?: number;
  readonly sentinel?: boolean;
}

/** Returns a group of servers on loopback, empty at first. */
export function redisNodes(): RedisNodes {
  const servers: RedisServer[] = [];
  return {
    async add(settings, { port: wanted, sentinel = false } = {}) {
      const server = redisServer();
      servers.push(server);
      const port = wanted ?? (await freePort());
      const file = join(server.dir, 'redis.conf');
      const lines = [`port ${port}`, 'bind 127.0.0.1', `dir ${server.dir}`, ...settings];
      // A Sentinel does not know `save`. It rewrites its file.
      if (!sentinel) lines.push('save ""');
      writeFileSync(file, lines.join('\n'));

      async function ask(...command: readonly string[]): Promise<string> {
        const { stdout } = await run('redis-cli', ['-e', '-p', `${port}`, ...command]);
        return stdout.trim();
      }
      const start = (): Promise<void> =>
        server.start([file].concat(sentinel ? '--sentinel' : []), () =>
          ask('PING').then(
            (answer) => answer === 'PONG',
            () => false,
          ),
        );
      await start();
      return { port, ask, kill: () => server.kill(), start };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server.dispose()));
    },
  };
}

const PERSISTENT = ['appendonly yes', 'maxmemory-policy noeviction'];

/** Starts a Cluster of three masters without replicas. */
export async function startCluster(nodes: RedisNodes): Promise<readonly RedisNode[]> {
  const cluster = await Promise.all(
    [0, 1, 2].map(async () => {
      const port = await freePort();
      return nodes.add(
        [
          ...PERSISTENT,
          'cluster-enabled yes',
          'cluster-node-timeout 1000',
          // The default, 10,000 above the port, may not be a valid port.
          `cluster-port ${await freePort()}`,
        ],
        { port },
      );
    }),
  );
  const [first] = cluster;
  if (!first) throw new Error('no node');
  const addresses = cluster.map(({ port }) => `127.0.0.1:${port}`);
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
  await waitUntil('the Cluster to be whole', async () => {
    const states = await Promise.all(cluster.map((node) => node.ask('CLUSTER', 'INFO')));
    return states.every((state) => state.includes('cluster_state:ok'));
  });
  return cluster;
}

/** Starts a master, its replica, and a Sentinel that watches them under the name `main`. */
export async function startSentinel(nodes: RedisNodes): Promise<{
  readonly master: RedisNode;
  readonly replica: RedisNode;
  readonly sentinel: RedisNode;
}> {
  const master = await nodes.add(PERSISTENT);
  const replica = await nodes.add([...PERSISTENT, `replicaof 127.0.0.1 ${master.port}`]);
  await waitUntil('the replica to follow', async () =>
    (await replica.ask('INFO', 'replication')).includes('master_link_status:up'),
  );
  const sentinel = await nodes.add(
    [
      `sentinel monitor main 127.0.0.1 ${master.port} 1`,
      'sentinel down-after-milliseconds main 1000',
      'sentinel failover-timeout main 5000',
    ],
    { sentinel: true },
  );
  await waitUntil('the Sentinel to know the replica', async () =>
    (await sentinel.ask('SENTINEL', 'REPLICAS', 'main')).includes(`127.0.0.1:${replica.port}`),
  );
  return { master, replica, sentinel };
}
