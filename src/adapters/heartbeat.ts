import type { RedisClient } from './redis-client.ts';
import { LUA_NOW, luaScript } from './lua-script.ts';

/** When a poll was last at work, on any replica, by Redis's own clock: those of replicas differ. */
export interface Heartbeat {
  /** Runs a turn, and beats from its beginning to its end: it may wait long for the budget. */
  during(turn: () => Promise<void>): Promise<void>;
  /** How long ago the last beat was; below nought if the clock was set back; null if none is known. */
  sinceLastMs(): Promise<number | null>;
}

const BEAT = `${LUA_NOW} redis.call('SET', KEYS[1], now) return 1`;
const SINCE = `${LUA_NOW} local last = redis.call('GET', KEYS[1]) return last and now - last`;

const BEAT_INTERVAL_MS = 2_000;

/** The heartbeat of all replicas. A beat that fails is told to `onError` and changes nothing. */
export function createHeartbeat(
  redis: RedisClient,
  key: string,
  onError: (error: unknown) => void,
): Heartbeat {
  const beat = luaScript(redis, BEAT);
  const since = luaScript(redis, SINCE);
  return {
    async during(turn) {
      const beatOnce = () => void beat([key], []).catch(onError);
      beatOnce();
      const beating = setInterval(beatOnce, BEAT_INTERVAL_MS);
      try {
        await turn();
      } finally {
        clearInterval(beating);
      }
    },
    sinceLastMs: async () => (await since([key], [])) as number | null,
  };
}
