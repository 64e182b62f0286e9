import {
  LUA_GENERATIONAL_SET,
  LUA_NOW,
  luaScript,
  readLua,
  type RedisClient,
} from '../../redis/redis-client.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';
import type { Admission, GateStatus, Released, WebhookGate } from './webhook-gate.ts';

/** The breaker's thresholds and times. */
export interface BreakerSettings {
  readonly failuresInARow: number;
  readonly firstHoldMs: number;
  readonly maxHoldMs: number;
  /** Time after which another replica may probe: longer than any attempt. */
  readonly probeLeaseMs: number;
}

const STATE = LUA_NOW + readLua(new URL('./gate-state.lua', import.meta.url));
const CLOSED = STATE + readLua(new URL('./gate-closed.lua', import.meta.url));
/** Runs before each attempt. */
export const CLAIM =
  LUA_GENERATIONAL_SET + STATE + readLua(new URL('./gate-claim.lua', import.meta.url));
/** Runs after each POST that was accepted. */
export const ACCEPTED =
  LUA_GENERATIONAL_SET + LUA_NOW + readLua(new URL('./gate-accepted.lua', import.meta.url));
const REFUSED = LUA_NOW + readLua(new URL('./gate-refused.lua', import.meta.url));
const PAUSE = LUA_NOW + readLua(new URL('./gate-pause.lua', import.meta.url));
const RELEASE = LUA_NOW + readLua(new URL('./gate-release.lua', import.meta.url));
const STATUS = LUA_NOW + readLua(new URL('./gate-status.lua', import.meta.url));

/**
 * Creates the gates of all webhooks, in Redis. The ledger remembers at least `generationSize`
 * deliveries per webhook.
 */
export function createWebhookGate(options: {
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly generationSize: number;
  readonly breaker: BreakerSettings;
  /** The time between two attempts at a webhook, in milliseconds; 0 for no pace. */
  readonly paceMs: (webhook: string) => number;
}): WebhookGate {
  const { redis, keys, generationSize, breaker, paceMs } = options;
  const closed = luaScript(redis, CLOSED);
  const claim = luaScript(redis, CLAIM);
  const accepted = luaScript(redis, ACCEPTED);
  const refused = luaScript(redis, REFUSED);
  const pause = luaScript(redis, PAUSE);

  function withLedger(webhook: string): string[] {
    const { current, previous } = keys.delivered(webhook);
    return [keys.gate(webhook), current, previous];
  }

  return {
    closedForMs: async (webhook) => Number(await closed([keys.gate(webhook)], [])),
    async claim(webhook, runs, kind) {
      const replies = await claim(withLedger(webhook), [
        breaker.probeLeaseMs,
        Math.ceil(paceMs(webhook)),
        kind,
        ...runs.flatMap((run) => [run.length, ...run]),
      ]);
      return (replies as ClaimReply[]).map(readAdmission);
    },
    async accepted(webhook, deliveries) {
      return releasedAfter(await accepted(withLedger(webhook), [generationSize, ...deliveries]));
    },
    async refused(webhook, { probe }) {
      const reply = await refused(
        [keys.gate(webhook)],
        [breaker.failuresInARow, breaker.firstHoldMs, breaker.maxHoldMs, probe ? 1 : 0],
      );
      const [holdMs, begins, failuresInARow] = reply as [number, number, number];
      return { holdMs: holdMs === -1 ? null : holdMs, begins: begins === 1, failuresInARow };
    },
    async pause(webhook, durationMs) {
      await pause([keys.gate(webhook)], [Math.ceil(durationMs)]);
    },
    release: webhookRelease(redis, keys),
    status: gateStatus(redis, keys),
  };
}

/** Returns a function that ends a hold and a pause, for those who need no more of a gate. */
export function webhookRelease(redis: RedisClient, keys: RedisKeys): WebhookGate['release'] {
  const release = luaScript(redis, RELEASE);
  return async (webhook) => releasedAfter(await release([keys.gate(webhook)], []));
}

/** Returns a function that reads a gate's status, for those who need no more of it. */
export function gateStatus(redis: RedisClient, keys: RedisKeys): WebhookGate['status'] {
  const status = luaScript(redis, STATUS);
  return async (webhook) => {
    const [heldForMs, pausedForMs] = (await status([keys.gate(webhook)], [])) as [number, number];
    return {
      heldForMs: heldForMs === -1 ? null : heldForMs,
      pausedForMs: pausedForMs === -1 ? null : pausedForMs,
    } satisfies GateStatus;
  };
}

function releasedAfter(heldForMs: unknown): Released {
  return { heldForMs: heldForMs === -1 ? null : (heldForMs as number) };
}

type ClaimReply =
  | readonly [go: 1, probe: 0 | 1, afterMs: number, delivered: readonly number[]]
  | readonly [wait: 0];

function readAdmission(reply: ClaimReply): Admission {
  if (reply[0] === 0) return { kind: 'wait' };
  const [, probe, afterMs, delivered] = reply;
  return { kind: 'go', probe: probe === 1, afterMs, delivered };
}
