import { LUA_NOW, luaScript, readLua, type RedisClient } from '../../redis/redis-client.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';

/** A replica's turn at the digests of a webhook. */
export interface DigestTurn {
  /** When somebody last asked for a digest at once; null if nobody has. */
  readonly askedAtMs: number | null;
}

/**
 * Asks for the turn at the digests of a webhook. The replica that has it keeps it while it asks, and
 * for a while afterwards. Returns null if another one has it.
 */
export type AskForTurn = (webhook: string) => Promise<DigestTurn | null>;

const TURN = LUA_NOW + readLua(new URL('./digest-turn.lua', import.meta.url));
const ASK = LUA_NOW + readLua(new URL('./ask-digest.lua', import.meta.url));

/** Creates the turns of one replica. */
export function createDigestTurns(options: {
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  /** Names this replica as no other is named. */
  readonly replica: string;
  /** Time after which another replica may have the turn; longer than any attempt. */
  readonly turnMs: number;
}): AskForTurn {
  const { redis, keys, replica, turnMs } = options;
  const ask = luaScript(redis, TURN);
  return async (webhook) => {
    const reply = await ask([keys.gate(webhook)], [replica, turnMs]);
    const [isOurs, askedAtMs] = reply as [number, number];
    return isOurs === 1 ? { askedAtMs: askedAtMs === -1 ? null : askedAtMs } : null;
  };
}

/**
 * Asks for a digest of all that a webhook has in its queue now. A replica sends it within seconds,
 * unless the webhook is closed, paused or held.
 */
export async function askForDigest(
  redis: RedisClient,
  keys: RedisKeys,
  webhook: string,
): Promise<void> {
  await luaScript(redis, ASK)([keys.gate(webhook)], []);
}
