import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './private-redis.ts';
import { waitUntil } from './wait-until.ts';

const run = promisify(execFile);

/** One `redis-server` of a Cluster or of a master with its replica, or a Sentinel. */
export interface RedisNode {
  readonly port: number;
  /** Asks it by `redis-cli`; throws what it refuses. */
  ask(...command: readonly string[]): Promise<string>;
  /** SIGKILL, and the same files again on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Nodes that end together, their files removed. */
export interface RedisNodes extends AsyncDisposable {
  /** Starts a server whose configuration is these lines, beside its port and its folder. */
  add(settings: readonly string[], options?: { readonly port?: number }): Promise<RedisNode>;
  /** As a Sentinel. */
  addSentinel(settings: readonly string[]): Promise<RedisNode>;
}

/** A place for servers on loopback, each with a folder of its own. */
export function redisNodes(): RedisNodes {
  const releases: (() => Promise<void>)[] = [];

  async function add(
    settings: readonly string[],
    { port: wanted, sentinel = false }: { port?: number; sentinel?: boolean } = {},
  ): Promise<RedisNode> {
    const dir = mkdtempSync(join(tmpdir(), 'relay-redis-'));
    const port = wanted ?? (await freePort());
    const file = join(dir, 'redis.conf');
    const lines = [`port ${port}`, 'bind 127.0.0.1', `dir ${dir}`, 'save ""', ...settings];
    // A Sentinel rewrites its file, and knows no `save`.
    writeFileSync(file, lines.filter((line) => !sentinel || line !== 'save ""').join('\n'));
    let server: ChildProcess;

    async function ask(...command: readonly string[]): Promise<string> {
      const { stdout } = await run('redis-cli', ['-e', '-p', `${port}`, ...command]);
      return stdout.trim();
    }
    async function start(): Promise<void> {
      server = spawn('redis-server', [file, ...(sentinel ? ['--sentinel'] : [])], {
        stdio: 'ignore',
      });
      await waitUntil(`the Redis on port ${port}`, () => {
        if (server.exitCode !== null) throw new Error('a Redis node ended at once');
        return ask('PING').then(
          (answer) => answer === 'PONG',
          () => false,
        );
      });
    }
    async function kill(): Promise<void> {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
    }

    releases.push(async () => {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    });
    await start();
    return { port, ask, kill, start };
  }

  return {
    add: (settings, options) => add(settings, options),
    addSentinel: (settings) => add(settings, { sentinel: true }),
    async [Symbol.asyncDispose]() {
      await Promise.all(releases.map((release) => release()));
    },
  };
}

const PERSISTENT = ['appendonly yes', 'maxmemory-policy noeviction'];

/** A Cluster of three masters without replicas. */
export async function startCluster(nodes: RedisNodes): Promise<readonly RedisNode[]> {
  const cluster = await Promise.all(
    [0, 1, 2].map(async () => {
      const port = await freePort();
      return nodes.add(
        [
          ...PERSISTENT,
          'cluster-enabled yes',
          'cluster-node-timeout 1000',
          // By default it would be 10,000 above the port, which may be none at all.
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

/** A master, its replica, and a Sentinel that watches them by the name `main`. */
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
  const sentinel = await nodes.addSentinel([
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 5000',
  ]);
  await waitUntil('the Sentinel to know the replica', async () =>
    (await sentinel.ask('SENTINEL', 'REPLICAS', 'main')).includes(`127.0.0.1:${replica.port}`),
  );
  return { master, replica, sentinel };
}
