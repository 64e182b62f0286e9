import type { MentionKey } from '../domain/mention.ts';
import { luaScript, readLua, type RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';

/**
 * Returns the turn, from 0, of a webhook's message that begins with this mention. Turns go on over
 * replicas and restarts. An attempt that is repeated has the turn of the first one.
 */
export type PingTurns = (webhook: string, first: MentionKey) => Promise<number>;

const TURN = readLua(new URL('./ping-turn.lua', import.meta.url));
// A retry comes after some hours at most, or when an operator asks for it.
const REMEMBERED_MESSAGES = 1_000;

/** Keeps the turns in Redis, for all replicas. */
export function createPingTurns(redis: RedisClient, keys: RedisKeys): PingTurns {
  const turn = luaScript(redis, TURN);
  return async (webhook, first) =>
    Number(await turn([keys.pingTurns(webhook)], [first, REMEMBERED_MESSAGES]));
}
