import { randomUUID } from 'node:crypto';
import { LUA_NOW, luaScript, type RedisClient } from '../redis/redis-client.ts';

/** Whether a poll may begin. */
export type Beginning =
  | {
      readonly began: true;
      /** What the last poll in between was asked for with; null if none is since the account was calm. */
      readonly paceMs: number | null;
    }
  | {
      readonly began: false;
      /** In how long it may, in milliseconds; null if it is not to come any more. */
      readonly tooEarlyByMs: number | null;
    };

/** Which polls may begin, over all replicas and by Redis's clock. */
export interface PollPace {
  /**
   * Whether a poll may begin now: not yet if another one began less than `minMs` ago, and not at
   * all if its token is no longer the latest one. A heartbeat's is null.
   */
  begin(token: string | null, minMs: number): Promise<Beginning>;
  /**
   * Makes all tokens of before void: only the poll with this one may come between ticks,
   * `paceMs` after the beginning of the one before.
   */
  newToken(paceMs: number): Promise<string>;
  /** Makes all tokens void: the heartbeat is soon enough. */
  noneBetween(): Promise<void>;
}

const BEGIN = `
${LUA_NOW}
local began, token, paceMs = unpack(redis.call('HMGET', KEYS[1], 'beganAtMs', 'token', 'paceMs'))
if ARGV[1] ~= '' and ARGV[1] ~= token then return {0, -1} end
local sinceMs = began and now - began
if sinceMs and sinceMs >= 0 and sinceMs < tonumber(ARGV[2]) then
  return {0, math.ceil(ARGV[2] - sinceMs)}
end
redis.call('HSET', KEYS[1], 'beganAtMs', now)
return {1, tonumber(paceMs or -1)}
`;

/** The pace of one relay, in the hash `key`. */
export function createPollPace(redis: RedisClient, key: string): PollPace {
  const begin = luaScript(redis, BEGIN);
  return {
    async begin(token, minMs) {
      const reply = await begin([key], [token ?? '', minMs]);
      const [began, timeMs] = reply as [number, number];
      const knownMs = timeMs < 0 ? null : timeMs;
      return began === 1
        ? { began: true, paceMs: knownMs }
        : { began: false, tooEarlyByMs: knownMs };
    },
    async newToken(paceMs) {
      const token = randomUUID();
      await redis.hset(key, { token, paceMs });
      return token;
    },
    async noneBetween() {
      await redis.hdel(key, 'token', 'paceMs');
    },
  };
}

/** When a poll was last at work, on any replica, by Redis's own clock: those of replicas differ. */
export interface PollTicks {
  /** Runs a turn, and beats from its beginning to its end: it may wait long for the budget. */
  during(turn: () => Promise<void>): Promise<void>;
  /** How long ago the last beat was; below nought if the clock was set back; null if none is known. */
  sinceLastMs(): Promise<number | null>;
}

const BEAT = `${LUA_NOW} redis.call('SET', KEYS[1], now) return 1`;
const SINCE = `${LUA_NOW} local last = redis.call('GET', KEYS[1]) return last and now - last`;

const BEAT_INTERVAL_MS = 2_000;

/** The heartbeat of all replicas. A beat that fails is told to `onError` and changes nothing. */
export function createPollTicks(
  redis: RedisClient,
  key: string,
  onError: (error: unknown) => void,
): PollTicks {
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
