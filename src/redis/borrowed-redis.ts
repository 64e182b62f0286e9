import { Redis } from 'ioredis';
import {
  EmbeddedRedisError,
  lockDataFolder,
  ownerOtherThanRoot,
  prepareDataFolder,
} from './data-folder.ts';
import { ensureServer } from './embedded-redis.ts';
import { endServer } from './embedded-server.ts';

/** The embedded Redis for as long as a command takes. */
export interface BorrowedRedis {
  readonly socketPath: string;
  /** Ends the server if it was started for this command and nobody else uses it by now. */
  giveBack(): Promise<void>;
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
    onDamaged: async () => {
      throw new EmbeddedRedisError({
        what: 'the embedded Redis did not start; its data may be damaged',
        todo: 'start the relay: it repairs what it can, and logs the rest',
      });
    },
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
