import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverTimeMs } from '../redis/redis-checks.ts';
import { LUA_NOW, luaScript, readLua, type RedisClient } from '../redis/redis-client.ts';
import type { BudgetKeys } from '../redis/redis-keys.ts';

/**
 * The one gate of all requests to the API, from any replica, command or retry.
 *
 * Guarantee: in any rolling window, as the server counts arrivals, there are never more requests
 * than the budget. A request takes a slot before it leaves, and returns it one window after its
 * answer. The server counted the request in between, so it has left the server's window before the
 * slot is free again. If the holder dies or hears no answer, the slot comes back one window after the
 * last moment at which the request could be under way. All times are Redis's own: the clocks of
 * replicas do not matter. If slots vanish because Redis's clock jumped ahead, each replica alone still
 * keeps the budget.
 */
export interface RequestBudget {
  /**
   * Waits for a slot, then runs `send`, which must make exactly one request and settle within
   * `maxRequestMs`. Throws what `send` throws, or the abort reason while waiting.
   */
  run<T>(send: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** The gate for requests that can wait: it leaves the slots free that polls may need. */
  readonly background: Pick<RequestBudget, 'run' | 'block'>;
  /** Counts the slots that background requests hold. */
  backgroundUsed(): Promise<number>;
  /**
   * Marks the account as busy for half a minute, on all replicas: background requests pass only
   * while they hold few slots themselves, however many polls hold.
   */
  setBusy(): Promise<void>;
  /** Lets no request pass for `durationMs`, on any replica. A longer block stays. */
  block(durationMs: number): Promise<void>;
}

export interface RequestBudgetOptions {
  readonly redis: RedisClient;
  readonly keys: BudgetKeys;
  readonly requestsPerWindow: number;
  /** Background requests pass only while fewer slots than this are taken. */
  readonly backgroundBelow: number;
  /** Number of slots that background requests may hold while the account is busy. */
  readonly backgroundWhileBusy: number;
  readonly windowMs: number;
  readonly maxRequestMs: number;
  /** True if the request that threw this may still reach the server later. */
  readonly mayStillArrive: (error: unknown) => boolean;
  /** Called each time a request had to wait for a slot. */
  readonly onWaited: (waitedMs: number) => void;
  /** Called when a slot could not be returned; it then comes back by itself, later. */
  readonly onReturnFailed: (error: unknown) => void;
  /** A clock that never jumps, in milliseconds. */
  readonly monotonicMs: () => number;
}

// The server's minute and Redis's minute are not the same length to the millisecond.
const WINDOW_MARGIN_MS = 150;
// A grant that took this long to arrive met a frozen process or a lost connection. It may be about to
// expire, so it is not used.
const STALE_GRANT_MS = 500;
const MAX_NAP_MS = 1_000;
const OWN_NAP_MS = 50;
// The tokens of background requests begin with this.
const BACKGROUND = 'background-';
// Longer than a busy account goes without a poll at the default interval, and short beside a sweep.
const BUSY_MS = 30_000;
// The share of the budget that background requests may hold while the account is busy.
const SHARE_WHILE_BUSY = 0.1;

const lua = (name: string): string => readLua(new URL(`./${name}`, import.meta.url));
const TAKE_SLOT = `${LUA_NOW}\n${lua('take-slot.lua')}`;
const RETURN_SLOT = lua('return-slot.lua');
const BLOCK_REQUESTS = lua('block-requests.lua');

/** Creates the budget of one API key. RequestBudget states its guarantee. */
export function createRequestBudget(options: RequestBudgetOptions): RequestBudget {
  const { redis, keys, requestsPerWindow, maxRequestMs, monotonicMs } = options;
  const acquire = luaScript(redis, TAKE_SLOT);
  const settle = luaScript(redis, RETURN_SLOT);
  const block = luaScript(redis, BLOCK_REQUESTS);
  const windowMs = options.windowMs + WINDOW_MARGIN_MS;
  const holdMs = maxRequestMs + STALE_GRANT_MS;
  const whileBusy = options.backgroundWhileBusy;
  /** The requests of this replica, with the time at which each leaves the server's window. */
  const own = new Map<string, number>();

  function isFull(nowMs: number): boolean {
    for (const [token, endMs] of own) if (endMs <= nowMs) own.delete(token);
    return own.size >= requestsPerWindow;
  }

  async function takeSlot(signal: AbortSignal, below: number, mark: string): Promise<string> {
    const startedMs = monotonicMs();
    for (;;) {
      signal.throwIfAborted();
      const token = `${mark}${randomUUID()}`;
      const askedMs = monotonicMs();
      if (isFull(askedMs)) {
        await sleep(OWN_NAP_MS, undefined, { signal });
        continue;
      }
      own.set(token, askedMs + holdMs + windowMs);
      const reply = await acquire(
        [keys.slots, keys.blocked, keys.busy],
        [below, holdMs, windowMs, token, mark, whileBusy, requestsPerWindow, BUSY_MS],
      ).catch((error: unknown) => {
        own.delete(token);
        throw error;
      });
      const [granted, waitMs] = reply as [number, number];
      const now = monotonicMs();
      if (granted === 1) {
        if (now - askedMs <= STALE_GRANT_MS) {
          if (askedMs - startedMs >= 1) options.onWaited(Math.round(now - startedMs));
          return token;
        }
        // No request was made, so the slot is free at once.
        own.delete(token);
        await redis.zrem(keys.slots, token);
      } else {
        own.delete(token);
        await sleep(Math.min(Math.max(waitMs, 1), MAX_NAP_MS), undefined, { signal });
      }
    }
  }

  function returnSlot(token: string): void {
    own.set(token, monotonicMs() + windowMs);
    // Not awaited: while Redis is away it would delay an answer that has arrived.
    settle([keys.slots], [windowMs, token]).catch(options.onReturnFailed);
  }

  const runBelow =
    (below: number, mark: string): RequestBudget['run'] =>
    async (send, signal) => {
      const token = await takeSlot(signal, below, mark);
      try {
        const answer = await send();
        returnSlot(token);
        return answer;
      } catch (error) {
        if (!options.mayStillArrive(error)) returnSlot(token);
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

/** Counts the slots of a budget that are taken now. */
export async function readBudgetUsed(
  redis: RedisClient,
  { slots }: RequestBudgetOptions['keys'],
): Promise<number> {
  // Expired slots stay in the set until the next request.
  return redis.zcount(slots, `(${await serverTimeMs(redis)}`, '+inf');
}

/**
 * Returns below how many taken slots a background request, such as one of a sweep, may pass: the
 * polls of a calm minute, and three quarters of the rest. The remaining slots are for polls of an
 * account that becomes busy. If calm polls need the whole budget, nothing of it remains.
 */
export function backgroundBelow(settings: {
  readonly requestsPerWindow: number;
  readonly windowMs: number;
  /** Time from one poll to the next while the account is calm. */
  readonly baseIntervalMs: number;
}): number {
  const { requestsPerWindow, windowMs, baseIntervalMs } = settings;
  const polls = Math.min(requestsPerWindow, windowMs / baseIntervalMs);
  return Math.floor(polls + 0.75 * (requestsPerWindow - polls));
}

/**
 * Returns the number of slots that background requests may hold while the account is busy, however
 * many polls hold: a tenth of the budget, and none of a budget below 10. A sweep goes on slowly, and
 * does not cause the next gap.
 */
export function backgroundWhileBusy(requestsPerWindow: number): number {
  return Math.floor(SHARE_WHILE_BUSY * requestsPerWindow);
}
