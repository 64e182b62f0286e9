import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { EventLog } from '../domain/event-log.ts';
import {
  claimDaemonLease,
  lockDataFolder,
  modeForOthers,
  prepareDataFolder,
  EmbeddedRedisError,
} from './data-folder.ts';
import { endServer, probe, ServerEndedError, startServer } from './embedded-server.ts';
import { expectWholeFiles, repairLog } from './repair-log.ts';

/** The private Redis of a relay without a REDIS_URL. */
export interface EmbeddedRedis {
  readonly socketPath: string;
  /** True if a part of its data was cut off since this process started. */
  readonly repaired: () => boolean;
  /**
   * Writes everything to disk and ends the server. Call it when nothing uses the server any more.
   */
  stop(): Promise<void>;
}

const RESPAWN_PAUSE_MS = 2_000;

/**
 * Starts a private `redis-server` in `dataDir`, reachable by a Unix socket only, or adopts the server
 * of a killed daemon. While the daemon runs, it restarts a server that dies. If a loss of power left
 * an unreadable end of its data, that is cut off and logged. Throws EmbeddedRedisError if another
 * daemon holds the folder, if `redis-server` is not installed, or if it does not start.
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

  let repaired = false;
  const startOrAdopt = async (): Promise<ChildProcess | null> =>
    ensureServer(dataDir, socketPath, {
      // A command ends the server that it started, but not while somebody else is connected.
      onFound: async () => {
        if (holder.status === 'wait') await holder.connect();
      },
      onDamaged: async () => {
        const repair = await repairLog(dataDir, Date.now());
        if (repair !== null) {
          repaired = true;
          log.warn(
            'redis.embedded_repaired',
            { ...repair },
            'the data of the embedded Redis ended unreadably, as after a power failure; that end was cut off',
          );
        }
        return repair !== null;
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
    repaired: () => repaired,
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
 * Starts the folder's server if none runs. Returns it, or null if one runs already. The lock keeps
 * two daemons that start at the same time from starting two servers on the same files.
 */
export async function ensureServer(
  dataDir: string,
  socketPath: string,
  hooks: {
    readonly onFound?: () => Promise<void>;
    readonly beforeStart?: () => void;
    /** Resolves with true if the server can now start on its files. */
    readonly onDamaged: () => Promise<boolean>;
  },
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
        expectWholeFiles(dataDir);
        return await startServer(dataDir, socketPath).catch(async (error: unknown) => {
          if (!(error instanceof ServerEndedError && (await hooks.onDamaged()))) throw error;
          return startServer(dataDir, socketPath);
        });
    }
  } finally {
    await unlock();
  }
}
