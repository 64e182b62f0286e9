import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { EventLog } from '../domain/event-log.ts';
import {
  claimDaemonLease,
  lockDataFolder,
  modeForOthers,
  ownerOtherThanRoot,
  prepareDataFolder,
  EmbeddedRedisError,
} from './data-folder.ts';
import { endServer, probe, startServer } from './embedded-server.ts';

/** The private Redis of a relay without a REDIS_URL. */
export interface EmbeddedRedis {
  readonly socketPath: string;
  /**
   * Writes everything to disk and ends the server. Call it when nothing uses the server any more.
   */
  stop(): Promise<void>;
}

/** The embedded Redis for as long as a command takes. */
export interface BorrowedRedis {
  readonly socketPath: string;
  /** Ends the server if it was started for this command and nobody else uses it by now. */
  giveBack(): Promise<void>;
}

const RESPAWN_PAUSE_MS = 2_000;

/**
 * Starts a private `redis-server` in `dataDir`, reachable by a Unix socket only, or adopts the server
 * of a killed daemon. While the daemon runs, it restarts a server that dies. Throws
 * EmbeddedRedisError if another daemon holds the folder, if `redis-server` is not installed, or if it
 * does not start.
 */
export async function startEmbeddedRedis(options: {
  readonly dataDir: string;
  readonly daemonKey: string;
  readonly log: EventLog;
}): Promise<EmbeddedRedis> {
  const { dataDir, daemonKey, log } = options;
  const socketPath = prepareDataFolder(dataDir);

  // Open for the daemon's whole life: this connection holds the lease.
  const holder = new Redis({
    path: socketPath,
    lazyConnect: true,
    disconnectTimeout: 100,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(times * 50, 1_000),
  });
  holder.on('error', () => {
    // The connection that the relay works with reports a lost Redis.
  });

  const startOrAdopt = async (): Promise<ChildProcess | null> =>
    ensureServer(dataDir, socketPath, {
      // A command ends the server that it started, but not while somebody else is connected.
      onFound: async () => {
        if (holder.status === 'wait') await holder.connect();
      },
    });

  function logServer(server: ChildProcess | null): void {
    if (server === null) {
      log.info(
        'redis.embedded_adopted',
        { dataDir },
        'embedded Redis was already running; using it',
      );
    } else {
      log.info('redis.embedded_started', { dataDir, pid: server.pid }, 'embedded Redis started');
    }
  }

  let stopping = false;
  let reviving = false;
  async function keepAlive(): Promise<void> {
    if (reviving) return;
    reviving = true;
    for (;;) {
      if (stopping || (await probe(socketPath)) === 'answers') break;
      try {
        logServer(await startOrAdopt());
      } catch (error) {
        const reason = error instanceof EmbeddedRedisError ? error.message : 'unknown';
        log.error('redis.error', { reason }, 'restart of the embedded Redis failed; trying again');
        await sleep(RESPAWN_PAUSE_MS);
      }
    }
    reviving = false;
  }

  const server = await startOrAdopt();
  const otherDaemon = await claimDaemonLease(holder, daemonKey);
  if (otherDaemon !== null) {
    holder.disconnect();
    throw new EmbeddedRedisError({
      what: `another mention-relay (process ${otherDaemon}) uses DATA_DIR ${dataDir}`,
      todo: 'stop it, give this one its own DATA_DIR, or let both share a Redis with REDIS_URL',
    });
  }
  logServer(server);
  const mode = modeForOthers(dataDir);
  if (mode !== null) {
    log.warn(
      'redis.data_dir_open',
      { dataDir, mode, command: `chmod 700 '${dataDir}'` },
      'other users of this machine can read DATA_DIR; run the command to stop that',
    );
  }
  let leased = true;
  holder.on('close', () => {
    if (!stopping) void keepAlive();
  });
  holder.on('ready', () => {
    // A restarted server knows the lease by the old connection.
    void claimDaemonLease(holder, daemonKey).then(
      (other) => (leased = other === null),
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
        log.info(
          'redis.embedded_stopped',
          { dataDir },
          'embedded Redis stopped; its data is on disk',
        );
      }
    },
  };
}

/**
 * Returns the embedded Redis of a running relay. Without one, starts it temporarily, since the budget
 * of API requests is kept there; a relay that starts meanwhile takes it over. Throws
 * EmbeddedRedisError if none can be started, or if root asks for one in the folder of another user:
 * it would leave files there that the relay can't open.
 */
export async function borrowEmbeddedRedis(dataDir: string): Promise<BorrowedRedis> {
  const socketPath = prepareDataFolder(dataDir);
  const server = await ensureServer(dataDir, socketPath, {
    beforeStart: () => refuseRootInFolderOf(ownerOtherThanRoot(dataDir), dataDir),
  });
  return {
    socketPath,
    async giveBack() {
      if (server === null) return;
      const unlock = await lockDataFolder(dataDir);
      try {
        if ((await countClients(socketPath)) === 1) await endServer(socketPath);
      } finally {
        await unlock();
      }
    },
  };
}

/**
 * Starts the folder's server if none runs. Returns it, or null if one runs already. The lock keeps
 * two daemons that start at the same time from starting two servers on the same files.
 */
async function ensureServer(
  dataDir: string,
  socketPath: string,
  hooks: { readonly onFound?: () => Promise<void>; readonly beforeStart?: () => void },
): Promise<ChildProcess | null> {
  const unlock = await lockDataFolder(dataDir);
  try {
    switch (await probe(socketPath)) {
      case 'silent':
        // It uses the files: a second server on them would destroy them.
        throw new EmbeddedRedisError({
          what: `a redis-server runs in DATA_DIR ${dataDir} but does not answer`,
          todo: 'end it, then start again',
        });
      case 'answers':
        await hooks.onFound?.();
        return null;
      case 'absent':
        hooks.beforeStart?.();
        return await startServer(dataDir, socketPath);
    }
  } finally {
    await unlock();
  }
}

function refuseRootInFolderOf(owner: number | null, dataDir: string): void {
  if (owner === null) return;
  throw new EmbeddedRedisError({
    what: `no relay runs in DATA_DIR ${dataDir}, which belongs to the user id ${owner}`,
    todo: "start the relay first, or run the command as that user, who can't open files of root",
  });
}

/** Counts the connections of the server, with the one that asks; 0 if it does not answer. */
async function countClients(socketPath: string): Promise<number> {
  const redis = new Redis({ path: socketPath, retryStrategy: () => null, disconnectTimeout: 100 });
  redis.on('error', () => {
    // The question fails with it.
  });
  try {
    const info = await redis.info('clients');
    return Number(/^connected_clients:(\d+)/m.exec(info)?.[1] ?? 0);
  } catch {
    return 0;
  } finally {
    redis.disconnect();
  }
}
