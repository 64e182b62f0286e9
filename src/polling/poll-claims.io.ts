import { randomUUID } from 'node:crypto';
import { LUA_NOW, luaScript, readLua, type RedisClient } from '../redis/redis-client.ts';

/** The answer to a poll that wants to begin. */
export type PollClaim =
  | {
      readonly granted: true;
      /** The delay of the last extra poll; null if none was asked for since the account was calm. */
      readonly lastDelayMs: number | null;
    }
  | {
      readonly granted: false;
      /** Time until it may begin, in milliseconds; null if another poll has replaced it. */
      readonly tooEarlyByMs: number | null;
    };

/** The claims of polls, over all replicas and by Redis's clock. */
export interface PollClaims {
  /**
   * Grants the claim unless another poll began less than `minSpacingMs` ago, or the token of an
   * extra poll is no longer valid. The token of a scheduled poll is null.
   */
  claim(token: string | null, minSpacingMs: number): Promise<PollClaim>;
  /** Returns the token of the next extra poll, `delayMs` after the last one began. Earlier tokens expire. */
  newToken(delayMs: number): Promise<string>;
  /** Lets all tokens expire: the next scheduled poll is soon enough. */
  dropToken(): Promise<void>;
}

const lua = (name: string): string =>
  `${LUA_NOW}\n${readLua(new URL(`./${name}`, import.meta.url))}`;
const CLAIM_POLL = lua('claim-poll.lua');
const TICK = lua('tick.lua');
const SINCE_TICK = lua('since-tick.lua');

/** Creates the claims of one relay, in the hash `key`. */
export function createPollClaims(redis: RedisClient, key: string): PollClaims {
  const claimPoll = luaScript(redis, CLAIM_POLL);
  return {
    async claim(token, minSpacingMs) {
      const reply = await claimPoll([key], [token ?? '', minSpacingMs]);
      const [granted, timeMs] = reply as [number, number];
      const knownMs = timeMs < 0 ? null : timeMs;
      return granted === 1
        ? { granted: true, lastDelayMs: knownMs }
        : { granted: false, tooEarlyByMs: knownMs };
    },
    async newToken(delayMs) {
      const token = randomUUID();
      await redis.hset(key, { token, delayMs });
      return token;
    },
    async dropToken() {
      await redis.hdel(key, 'token', 'delayMs');
    },
  };
}

/** The tick: when a poll last ran, on any replica, by Redis's clock. */
export interface PollTicks {
  /** Runs a poll, and ticks from its beginning to its end: it may wait long for the budget. */
  during(run: () => Promise<void>): Promise<void>;
  /** Returns the time since the last tick; negative if the clock went back; null without a tick. */
  sinceLastMs(): Promise<number | null>;
}

const TICK_INTERVAL_MS = 2_000;

/** Creates the tick of all replicas, in `key`. A tick that fails is reported and changes nothing. */
export function createPollTicks(
  redis: RedisClient,
  key: string,
  onError: (error: unknown) => void,
): PollTicks {
  const tick = luaScript(redis, TICK);
  const sinceTick = luaScript(redis, SINCE_TICK);
  return {
    async during(run) {
      const tickOnce = () => void tick([key], []).catch(onError);
      tickOnce();
      const ticking = setInterval(tickOnce, TICK_INTERVAL_MS);
      try {
        await run();
      } finally {
        clearInterval(ticking);
      }
    },
    sinceLastMs: async () => (await sinceTick([key], [])) as number | null,
  };
}
