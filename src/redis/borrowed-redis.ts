import { Redis } from 'ioredis';
import {
  lockDataFolder,
  ownerOtherThanRoot,
  prepareDataFolder,
  silentServer,
  EmbeddedRedisError,
} from './data-folder.ts';
import { endServer, probe, startServer } from './redis-server.ts';

/** The embedded Redis for as long as a command takes. */
export interface BorrowedRedis {
  readonly socketPath: string;
  /** Ends the server if it was started for this command and nobody else has come to use it. */
  giveBack(): Promise<void>;
}

/**
 * The Redis of a relay that was given no REDIS_URL: that of the relay which runs, or else started
 * for the moment, since the budget of API requests is kept there. A relay may start meanwhile, and
 * then takes it over. Throws EmbeddedRedisError if it can't be had, or if root asks for one in the
 * folder of another user: it would leave files there that the relay can't open.
 */
export async function borrowEmbeddedRedis(dataDir: string): Promise<BorrowedRedis> {
  const socketPath = prepareDataFolder(dataDir);
  const started = await startIfAbsent(dataDir, socketPath);
  return {
    socketPath,
    async giveBack() {
      if (!started) return;
      const unlock = await lockDataFolder(dataDir);
      try {
        if ((await countClients(socketPath)) === 1) await endServer(socketPath);
      } finally {
        await unlock();
      }
    },
  };
}

async function startIfAbsent(dataDir: string, socketPath: string): Promise<boolean> {
  const unlock = await lockDataFolder(dataDir);
  try {
    const found = await probe(socketPath);
    if (found === 'silent') throw silentServer(dataDir);
    if (found === 'answers') return false;
    const owner = ownerOtherThanRoot(dataDir);
    if (owner !== null) {
      throw new EmbeddedRedisError(
        `no relay runs in DATA_DIR ${dataDir}, which belongs to the user id ${owner}, and what root started there would leave files that this user can't open: start the relay first, or be that user`,
      );
    }
    await startServer(dataDir, socketPath);
    return true;
  } finally {
    await unlock();
  }
}

/** How many connections the server has, with the one that asks; 0 if it does not answer. */
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
