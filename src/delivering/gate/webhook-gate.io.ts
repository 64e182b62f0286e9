import { digest, type MentionKey } from '../../domain/mention.ts';
import {
  LUA_GENERATIONAL_SET,
  LUA_NOW,
  luaScript,
  readLua,
  type RedisClient,
} from '../../redis/redis-client.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';
import { LUA_OPERATOR_PAUSE, readOperatorPause, type OperatorPause } from './operator-pause.io.ts';

/**
 * Stands between a delivery and its webhook, over all replicas: the ledger of accepted deliveries,
 * the pause that the webhook or an operator asked for, the breaker that holds it while it fails, and its
 * pace.
 */
export interface WebhookGate {
  /**
   * Returns the milliseconds until an attempt is allowed; 0 if now. A pause, the breaker, a running
   * probe and the pace delay it.
   */
  closedForMs(webhook: string): Promise<number>;
  /**
   * Claims an attempt for each of these runs of deliveries, in one call. Returns the answers in the
   * order of the runs.
   */
  claim(
    webhook: string,
    runs: readonly (readonly MentionKey[])[],
    claim: GateClaim,
  ): Promise<readonly Admission[]>;
  /** Records accepted deliveries in the ledger, and closes a breaker that held the webhook. */
  accepted(webhook: string, keys: readonly MentionKey[]): Promise<Released>;
  /**
   * Records a failed attempt at a delivery, or at a batch that begins with it. Enough of them in a
   * row, of different deliveries, or a failed probe, hold the webhook.
   */
  refused(
    webhook: string,
    options: { readonly probe: boolean; readonly key: MentionKey },
  ): Promise<Held>;
  /**
   * Pauses a webhook that asked for it. A longer pause stays. Returns true if that begins a pause or
   * makes it at least a second longer.
   */
  pause(webhook: string, durationMs: number): Promise<boolean>;
  /** Pauses a webhook whose URL is gone, until it is released or has another URL. */
  gone(webhook: string): Promise<void>;
  /**
   * Ends for an operator what stops a webhook:
   * - `all` ends a hold, a pause, also that of a URL that is gone, and the pause of an operator
   * - `receiver` ends all but the pause of an operator
   * - `held` ends the same, but only if the webhook is held
   *
   * Returns what ended, and the operator's pause, which may last.
   */
  release(webhook: string, ends: 'all' | 'receiver' | 'held'): Promise<GateStatus>;
  /** Reads whether the webhook is held or paused now. Changes nothing. */
  status(webhook: string): Promise<GateStatus>;
}

/**
 * The claim of an attempt:
 * - `reserve` asks for the next time that the webhook's pace allows
 * - `reserved` asks again at that time
 * - `probing` asks again at that time for a probe
 */
export type GateClaim = 'reserve' | 'reserved' | 'probing';

/** The gate's answer to a claim. */
export type Admission =
  | {
      readonly kind: 'go';
      /** The deliveries of the run, by index, that the webhook has accepted before. */
      readonly delivered: readonly number[];
      /** True if this attempt probes a held webhook. */
      readonly probe: boolean;
      /** Milliseconds until the pace allows the attempt. If it is not 0, claim again then. */
      readonly afterMs: number;
    }
  | { readonly kind: 'wait' };

/** The status of a gate. Its times are null if the webhook is not held, or did not ask for a pause. */
export interface GateStatus {
  /** Time since the breaker opened. The webhook stays held until it accepts a delivery. */
  readonly heldForMs: number | null;
  /** Time until the pause ends that the webhook asked for. */
  readonly pausedForMs: number | null;
  /** True while the webhook is paused because its URL is gone. */
  readonly gone: boolean;
  /** Null if no operator has paused the webhook. */
  readonly operatorPause: OperatorPause | null;
}

/** Returns the URL of a webhook; undefined if it is not configured. */
export type UrlOf = (webhook: string) => URL | undefined;

/** Time for which the webhook had been held; null if it was not. */
export type Released = { readonly heldForMs: number | null };

/** The state of the breaker after a failed attempt. */
export type Held = {
  /** Time until the next probe; null if the webhook is not held. */
  readonly holdMs: number | null;
  /** True if this failure opened the breaker. */
  readonly begins: boolean;
  readonly failuresInARow: number;
};

/** The breaker's thresholds and times. */
export interface BreakerSettings {
  readonly failuresInARow: number;
  /** The number of deliveries of which these failures must be: a bad one alone holds no webhook. */
  readonly differentDeliveries: number;
  readonly firstHoldMs: number;
  readonly maxHoldMs: number;
  /** Time after which another replica may probe; longer than any attempt. */
  readonly probeLeaseMs: number;
}

// Added to the time-out of an attempt, so that a lease outlasts its probe.
const PROBE_MARGIN_MS = 5_000;

/** Returns the settings of the breaker, for attempts that take `timeoutMs` at most. */
export function breakerSettings(timeoutMs: number): BreakerSettings {
  return {
    failuresInARow: 5,
    differentDeliveries: 3,
    firstHoldMs: 5_000,
    maxHoldMs: 60_000,
    probeLeaseMs: timeoutMs + PROBE_MARGIN_MS,
  };
}

const STATE = LUA_NOW + LUA_OPERATOR_PAUSE + readLua(new URL('./gate-state.lua', import.meta.url));
const CLOSED = STATE + readLua(new URL('./gate-closed.lua', import.meta.url));
/** Runs before each attempt. */
export const CLAIM =
  LUA_GENERATIONAL_SET + STATE + readLua(new URL('./gate-claim.lua', import.meta.url));
/** Runs after each POST that was accepted. */
export const ACCEPTED =
  LUA_GENERATIONAL_SET + LUA_NOW + readLua(new URL('./gate-accepted.lua', import.meta.url));
const REFUSED = LUA_NOW + readLua(new URL('./gate-refused.lua', import.meta.url));
const PAUSE = LUA_NOW + readLua(new URL('./gate-pause.lua', import.meta.url));
const STATUS =
  LUA_NOW + LUA_OPERATOR_PAUSE + readLua(new URL('./gate-status.lua', import.meta.url));

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
  readonly urlOf: UrlOf;
}): WebhookGate {
  const { redis, keys, generationSize, breaker, paceMs, urlOf } = options;
  const closed = luaScript(redis, CLOSED);
  const claim = luaScript(redis, CLAIM);
  const accepted = luaScript(redis, ACCEPTED);
  const refused = luaScript(redis, REFUSED);
  const pause = luaScript(redis, PAUSE);

  function withLedger(webhook: string): string[] {
    const { current, previous } = keys.delivered(webhook);
    return [keys.gate(webhook), current, previous];
  }
  const rules = (webhook: string): (number | string)[] => [
    breaker.probeLeaseMs,
    Math.ceil(paceMs(webhook)),
    breaker.maxHoldMs,
    urlDigest(urlOf(webhook)),
  ];

  return {
    closedForMs: async (webhook) => Number(await closed([keys.gate(webhook)], rules(webhook))),
    async claim(webhook, runs, kind) {
      const replies = await claim(withLedger(webhook), [
        ...rules(webhook),
        kind,
        ...runs.flatMap((run) => [run.length, ...run]),
      ]);
      return (replies as ClaimReply[]).map(readAdmission);
    },
    async accepted(webhook, deliveries) {
      return releasedAfter(await accepted(withLedger(webhook), [generationSize, ...deliveries]));
    },
    async refused(webhook, { probe, key }) {
      const { failuresInARow: atLeast, differentDeliveries, firstHoldMs, maxHoldMs } = breaker;
      const reply = await refused(
        [keys.gate(webhook)],
        [atLeast, differentDeliveries, firstHoldMs, maxHoldMs, probe ? 1 : 0, key],
      );
      const [holdMs, begins, failuresInARow] = reply as [number, number, number];
      return { holdMs: holdMs === -1 ? null : holdMs, begins: begins === 1, failuresInARow };
    },
    async pause(webhook, durationMs) {
      return (await pause([keys.gate(webhook)], [Math.ceil(durationMs)])) === 1;
    },
    async gone(webhook) {
      await redis.hset(keys.gate(webhook), 'goneUrl', urlDigest(urlOf(webhook)));
    },
    release: webhookRelease(redis, keys, urlOf),
    status: gateStatus(redis, keys, urlOf),
  };
}

/** Returns the `release` function alone. */
export function webhookRelease(
  redis: RedisClient,
  keys: RedisKeys,
  urlOf: UrlOf,
): WebhookGate['release'] {
  const status = luaScript(redis, STATUS);
  return async (webhook, ends) =>
    readStatus(await status([keys.gate(webhook)], [urlDigest(urlOf(webhook)), ends]));
}

/** Returns the `status` function alone. */
export function gateStatus(
  redis: RedisClient,
  keys: RedisKeys,
  urlOf: UrlOf,
): WebhookGate['status'] {
  const status = luaScript(redis, STATUS);
  return async (webhook) =>
    readStatus(await status([keys.gate(webhook)], [urlDigest(urlOf(webhook)), 'none']));
}

function readStatus(reply: unknown): GateStatus {
  const [heldForMs, pausedForMs, gone, ...operator] = reply as [
    number,
    number,
    0 | 1,
    number,
    number,
  ];
  return {
    heldForMs: heldForMs === -1 ? null : heldForMs,
    pausedForMs: pausedForMs === -1 ? null : pausedForMs,
    gone: gone === 1,
    operatorPause: readOperatorPause(operator),
  };
}

/** Names a URL without showing it. */
function urlDigest(url: URL | undefined): string {
  return digest(url?.href ?? '');
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
