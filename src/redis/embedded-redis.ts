import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { EventLog } from '../domain/event-log.ts';
import {
  lockDataFolder,
  modeForOthers,
  prepareDataFolder,
  silentServer,
  EmbeddedRedisError,
} from './data-folder.ts';
import { endServer, probe, startServer } from './redis-server.ts';

/** The private Redis of a relay that was given no REDIS_URL. */
export interface EmbeddedRedis {
  readonly socketPath: string;
  /** Writes everything to disk and ends the server. To be called when nothing uses it any more. */
  stop(): Promise<void>;
}

const RESPAWN_PAUSE_MS = 2_000;

/**
 * Starts a private `redis-server` in `dataDir`, reachable by a Unix socket only, or takes over the
 * one that outlived a killed daemon. While the daemon runs, a server that dies is started again.
 * Throws EmbeddedRedisError if another daemon holds the folder, if there is no `redis-server`, or
 * if it does not start.
 *
 * The server is a process of its own session, so that Ctrl-C in a terminal reaches the daemon
 * alone and the server can end last.
 */
export async function startEmbeddedRedis(options: {
  readonly dataDir: string;
  readonly daemonKey: string;
  readonly log: EventLog;
}): Promise<EmbeddedRedis> {
  const { dataDir, log } = options;
  const socketPath = prepareDataFolder(dataDir);

  // Kept open for the daemon's whole life: it is what holds the lease.
  const holder = new Redis({
    path: socketPath,
    lazyConnect: true,
    disconnectTimeout: 100,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(times * 50, 1_000),
  });
  holder.on('error', () => {
    // The connection that the relay works with tells of a lost Redis.
  });

  let stopping = false;
  let server: ChildProcess | undefined;

  async function ensureServer(): Promise<'started' | 'adopted'> {
    // Two daemons that start at the same moment must not start two servers on the same files.
    const unlock = await lockDataFolder(dataDir);
    try {
      const found = await probe(socketPath);
      if (found === 'silent') {
        // Its files are in use: a second server on them would destroy them.
        throw silentServer(dataDir);
      }
      if (found === 'answers') {
        // A command that had started it ends it again, but not while somebody else is connected.
        if (holder.status === 'wait') await holder.connect();
        return 'adopted';
      }
      server = await startServer(dataDir, socketPath);
      return 'started';
    } finally {
      await unlock();
    }
  }

  function notifyServer(how: 'started' | 'adopted'): void {
    if (how === 'started') {
      log.info('redis.embedded_started', { dataDir, pid: server?.pid }, 'embedded Redis started');
    } else {
      log.info('redis.embedded_adopted', { dataDir }, 'using the Redis that is running already');
    }
  }

  let reviving = false;
  async function keepAlive(): Promise<void> {
    if (reviving) return;
    reviving = true;
    for (;;) {
      if (stopping || (await probe(socketPath)) === 'answers') break;
      try {
        notifyServer(await ensureServer());
      } catch (error) {
        const reason = error instanceof EmbeddedRedisError ? error.message : 'unknown';
        log.error('redis.error', { reason }, 'the embedded Redis could not be started again');
        await sleep(RESPAWN_PAUSE_MS);
      }
    }
    reviving = false;
  }

  const how = await ensureServer();
  const claim = await claimDaemonLease(holder, options.daemonKey);
  if (!claim.held) {
    holder.disconnect();
    throw new EmbeddedRedisError(
      `another mention-relay (process ${claim.pid}) uses DATA_DIR ${dataDir}: stop it, give this one a DATA_DIR of its own, or let both share a Redis with REDIS_URL`,
    );
  }
  notifyServer(how);
  const mode = modeForOthers(dataDir);
  if (mode !== null) {
    log.warn(
      'redis.data_dir_open',
      { dataDir, mode, command: `chmod 700 '${dataDir}'` },
      'DATA_DIR is open to other users of this machine: what older files in it hold may be read by them',
    );
  }
  let leased = true;
  holder.on('close', () => {
    if (!stopping) void keepAlive();
  });
  holder.on('ready', () => {
    // A restarted server knows the lease by the old connection.
    void claimDaemonLease(holder, options.daemonKey).then(
      ({ held }) => (leased = held),
      () => undefined,
    );
  });

  return {
    socketPath,
    async stop() {
      stopping = true;
      holder.disconnect();
      if (leased) {
        await endServer(socketPath);
        log.info('redis.embedded_stopped', { dataDir }, 'embedded Redis stopped, its data on disk');
      }
    },
  };
}

/** Whether this connection now holds the lease, or which process does. */
export type LeaseClaim = { readonly held: true } | { readonly held: false; readonly pid: string };

const SWAP = `
local holder = redis.call('GET', KEYS[1])
if (holder or '') == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) return 1 end
return 0
`;

/**
 * Claims the lease of an embedded Redis for the life of this connection. The lease names the run
 * of the server and the connection's id: Redis drops the connection of a process that is killed,
 * and gives new ids after a restart, so a lease is never outlived by more than its holder and
 * needs no time limit.
 */
export async function claimDaemonLease(redis: Redis, key: string): Promise<LeaseClaim> {
  const info = await redis.info('server');
  const runId = /^run_id:(\w+)/m.exec(info)?.[1] ?? '';
  const clientId = await redis.client('ID');
  const mine = `${runId}:${clientId}:${process.pid}`;
  // Each round that fails means that somebody else claimed it: one of them is alive.
  for (let round = 0; round < 5; round++) {
    const holder = (await redis.get(key)) ?? '';
    const [holderRun, holderClient, pid] = holder.split(':');
    if (holder !== mine && holderRun === runId && holderClient !== undefined) {
      const connections = (await redis.client('LIST', 'ID', holderClient)) as string;
      if (connections.trim() !== '') return { held: false, pid: pid ?? 'unknown' };
    }
    if ((await redis.eval(SWAP, 1, key, holder, mine)) === 1) return { held: true };
  }
  return { held: false, pid: 'unknown' };
}
