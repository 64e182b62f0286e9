import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisClient, LUA_NOW, luaScript } from '../redis/redis-client.ts';
import { serverTimeMs } from '../redis/redis-checks.ts';
import type { BudgetKeys } from '../redis/redis-keys.ts';

/**
 * The one gate that every request to the API passes, whatever replica, command or retry makes it.
 *
 * Guarantee: in any rolling window, as the server counts arrivals, there are never more requests
 * than the budget. A slot is taken before the request leaves and given back one window after its
 * answer came; the server counted it at some moment in between, so before it is free again the
 * request has left the server's window. If its holder dies, or never hears an answer, the slot
 * comes back one window after the latest moment at which the request could still have been under
 * way. All times are Redis's own, so clocks of replicas do not matter.
 */
export interface RequestBudget {
  /**
   * Waits for a slot, then runs `send`, which must make exactly one request and settle within
   * `maxRequestMs`. Throws what `send` throws, or the abort reason while waiting.
   */
  run<T>(send: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** The same for requests that can wait: it leaves the slots free that polls may need. */
  readonly background: Pick<RequestBudget, 'run' | 'block'>;
  /** How many slots are taken by those. */
  backgroundUsed(): Promise<number>;
  /**
   * For half a minute from now the account counts as busy, on all replicas: requests in the
   * background pass only while they hold few slots themselves, whatever polls hold.
   */
  setBusy(): Promise<void>;
  /**
   * Lets no request pass for `durationMs`, on any replica: the server said that it has enough. A
   * longer block that is under way stays.
   */
  block(durationMs: number): Promise<void>;
}

export interface RequestBudgetOptions {
  readonly redis: RedisClient;
  readonly keys: BudgetKeys;
  readonly requestsPerWindow: number;
  /** Requests in the background pass only while fewer slots than this are taken. */
  readonly backgroundBelow: number;
  /** How many slots they may hold while the account is busy. */
  readonly backgroundWhileBusy: number;
  readonly windowMs: number;
  readonly maxRequestMs: number;
  /** Whether the request that threw this may still reach the server later. */
  readonly mayStillArrive: (error: unknown) => boolean;
  /** Told each time a request had to wait for a slot. */
  readonly onWaited: (waitedMs: number) => void;
  /** Told when a slot could not be given back early; it then comes back by itself, later. */
  readonly onSettleFailed: (error: unknown) => void;
  /** A clock that never jumps, in milliseconds. */
  readonly monotonicMs: () => number;
}

// The server's minute and Redis's minute are not the same length to the millisecond.
const WINDOW_MARGIN_MS = 150;
// A grant that took this long to arrive met a frozen process or a lost connection: it may be about
// to expire, so it is thrown back rather than used.
const STALE_GRANT_MS = 500;
const MAX_NAP_MS = 1_000;
// Begins the name of each slot that a request in the background has taken.
const BACKGROUND = 'background-';
// Longer than a busy account goes without a poll at the default interval, and short beside a sweep.
const BUSY_MS = 30_000;

const ACQUIRE = `
${LUA_NOW}
local blocked = redis.call('PTTL', KEYS[2])
if blocked > 0 then return {0, blocked} end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local held = redis.call('ZSCORE', KEYS[1], ARGV[4])
local below = tonumber(ARGV[1])
if ARGV[5] ~= '' and redis.call('EXISTS', KEYS[3]) == 1 then
  local own = 0
  for _, token in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if string.sub(token, 1, #ARGV[5]) == ARGV[5] then own = own + 1 end
  end
  if not held and own >= tonumber(ARGV[6]) then return {0, 60000} end
  below = tonumber(ARGV[7])
end
if held or redis.call('ZCARD', KEYS[1]) < below then
  redis.call('ZADD', KEYS[1], now + ARGV[2] + ARGV[3], ARGV[4])
  redis.call('PEXPIRE', KEYS[1], 2 * (ARGV[2] + ARGV[3]))
  return {1, 0}
end
local over = math.min(redis.call('ZCARD', KEYS[1]) - below, redis.call('ZCARD', KEYS[1]) - 1)
local next = redis.call('ZRANGE', KEYS[1], over, over, 'WITHSCORES')
return {0, next[2] and next[2] - now or 60000}
`;

const SETTLE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.ceil(time[2] / 1000)
return redis.call('ZADD', KEYS[1], 'XX', now + ARGV[1], ARGV[2])
`;

const BLOCK = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
return 1
`;

/** The budget of one API key. See RequestBudget for what it guarantees. */
export function createRequestBudget(options: RequestBudgetOptions): RequestBudget {
  const { redis, keys, requestsPerWindow, maxRequestMs, monotonicMs } = options;
  const acquire = luaScript(redis, ACQUIRE);
  const settle = luaScript(redis, SETTLE);
  const block = luaScript(redis, BLOCK);
  const windowMs = options.windowMs + WINDOW_MARGIN_MS;
  const holdMs = maxRequestMs + STALE_GRANT_MS;

  async function takeSlot(signal: AbortSignal, below: number, mark: string): Promise<string> {
    const startedMs = monotonicMs();
    for (;;) {
      signal.throwIfAborted();
      const token = `${mark}${randomUUID()}`;
      const askedMs = monotonicMs();
      const reply = await acquire(
        [keys.slots, keys.blocked, keys.busy],
        [below, holdMs, windowMs, token, mark, options.backgroundWhileBusy, requestsPerWindow],
      );
      const [granted, waitMs] = reply as [number, number];
      const now = monotonicMs();
      if (granted === 1) {
        if (now - askedMs <= STALE_GRANT_MS) {
          if (askedMs - startedMs >= 1) options.onWaited(Math.round(now - startedMs));
          return token;
        }
        // Unused, so nothing was counted: free at once.
        await redis.zrem(keys.slots, token);
      } else {
        await sleep(Math.min(Math.max(waitMs, 1), MAX_NAP_MS), undefined, { signal });
      }
    }
  }

  function giveBack(token: string): void {
    // Not awaited: with Redis away it would hold up an answer that is already here.
    settle([keys.slots], [windowMs, token]).catch(options.onSettleFailed);
  }

  const runBelow =
    (below: number, mark: string): RequestBudget['run'] =>
    async (send, signal) => {
      const token = await takeSlot(signal, below, mark);
      try {
        const answer = await send();
        giveBack(token);
        return answer;
      } catch (error) {
        if (!options.mayStillArrive(error)) giveBack(token);
        throw error;
      }
    };
  const blockFor = async (durationMs: number): Promise<void> => {
    await block([keys.blocked], [Math.ceil(durationMs)]);
  };

  return {
    run: runBelow(requestsPerWindow, ''),
    background: { run: runBelow(options.backgroundBelow, BACKGROUND), block: blockFor },
    async backgroundUsed() {
      const taken = await redis.zrange(
        keys.slots,
        `(${await serverTimeMs(redis)}`,
        '+inf',
        'BYSCORE',
      );
      return taken.filter((token) => token.startsWith(BACKGROUND)).length;
    },
    async setBusy() {
      await redis.set(keys.busy, '1', 'PX', BUSY_MS);
    },
    block: blockFor,
  };
}

/** How many slots of a budget are taken now. */
export async function readBudgetUsed(
  redis: RedisClient,
  { slots }: RequestBudgetOptions['keys'],
): Promise<number> {
  // Those whose time is over stay until the next one is asked for.
  return redis.zcount(slots, `(${await serverTimeMs(redis)}`, '+inf');
}
