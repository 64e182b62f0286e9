import { LUA_NOW, luaScript, readLua, type RedisClient } from '../../redis/redis-client.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';

/** A replica's turn at the digests of a webhook. */
export interface DigestTurn {
  /** When somebody last asked for a digest at once; null if nobody has. */
  readonly askedAtMs: number | null;
}

/** The turns of one replica at the digests of webhooks. */
export interface DigestTurns {
  /**
   * Asks for the turn. The replica that has it keeps it while it asks, and for a while afterwards.
   * Returns null if another one has it.
   */
  ask(webhook: string): Promise<DigestTurn | null>;
  /** Gives up a turn that this replica has, so that another one has it at once. */
  end(webhook: string): Promise<void>;
}

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
}): DigestTurns {
  const { redis, keys, replica, turnMs } = options;
  const turn = luaScript(redis, TURN);
  return {
    async ask(webhook) {
      const reply = await turn([keys.gate(webhook)], [replica, turnMs, 'take']);
      const [isOurs, askedAtMs] = reply as [number, number];
      return isOurs === 1 ? { askedAtMs: askedAtMs === -1 ? null : askedAtMs } : null;
    },
    async end(webhook) {
      await turn([keys.gate(webhook)], [replica, turnMs, 'end']);
    },
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
