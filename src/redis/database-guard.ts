import { ReplyError, type Redis } from 'ioredis';
import { RedisUnfitError } from './redis-checks.ts';
import type { RedisClient } from './redis-client.ts';

/**
 * Keeps a connection, and what BullMQ duplicates of it, from any other database than that of its
 * URL: ioredis tells that its SELECT was refused, and then goes on in database 0. Here the connection
 * ends instead, before any command, and is made again as after any loss.
 */
export function guardDatabase(redis: Redis): void {
  redis.on('error', (error: Error) => {
    if (isRefusedSelect(error)) redis.stream?.destroy();
  });
}

/** Rejects with RedisUnfitError once the database of the URL is refused; otherwise never settles. */
export function databaseRefusal(redis: RedisClient): Promise<never> {
  return new Promise((_, reject) => {
    redis.on('error', (error: Error) => {
      const unfit = unfitDatabase(error);
      if (unfit !== null) reject(unfit);
    });
  });
}

/** What is wrong with the database of the URL, if that is what an error tells. */
export function unfitDatabase(error: Error): RedisUnfitError | null {
  if (!isRefusedSelect(error)) return null;
  const [database] = error.command.args;
  return new RedisUnfitError(
    /out of range/.test(error.message)
      ? {
          what: `Redis has no database ${String(database)}, which REDIS_URL asks for`,
          todo: 'choose a smaller number, or raise databases in redis.conf',
        }
      : {
          what: `Redis refuses database ${String(database)}, which REDIS_URL asks for`,
          todo: 'allow its user the command SELECT, or leave the number out',
        },
  );
}

/** Without a password nothing else is taken either: that is told as what it is. */
function isRefusedSelect(error: Error): error is Error & { command: { args: unknown[] } } {
  if (!(error instanceof ReplyError) || /^(NOAUTH|LOADING) /.test(error.message)) return false;
  return (error as { command?: { name?: string } }).command?.name === 'select';
}
