import { LUA_NOW, luaScript, readLua, type RedisClient } from '../../redis/redis-client.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';

/** The pause of a webhook that an operator asked for. Times by the clock of Redis. */
export interface OperatorPause {
  readonly sinceMs: number;
  /** Null if it lasts until an operator ends it. */
  readonly untilMs: number | null;
}

/** Lua that defines `operatorPause`. Goes after {@link LUA_NOW}, before a script. */
export const LUA_OPERATOR_PAUSE = readLua(new URL('./operator-pause-state.lua', import.meta.url));

const PAUSE =
  LUA_NOW + LUA_OPERATOR_PAUSE + readLua(new URL('./operator-pause.lua', import.meta.url));

/**
 * Pauses a webhook for an operator on all replicas, over restarts, for `durationMs` or, if that is null,
 * without an end. Of a webhook that is paused so it changes the end. Returns the pause of before, or
 * null, and the one that lasts now.
 */
export async function pauseForOperator(
  redis: RedisClient,
  keys: RedisKeys,
  webhook: string,
  durationMs: number | null,
): Promise<{ readonly before: OperatorPause | null; readonly untilMs: number | null }> {
  const reply = await luaScript(redis, PAUSE)([keys.gate(webhook)], [durationMs ?? 0]);
  const [since, ends, untilMs] = reply as [number, number, number];
  return { before: readOperatorPause([since, ends]), untilMs: untilMs === 0 ? null : untilMs };
}

/** Reads a pause as the scripts return it: when it began, or -1, and when it ends, or 0. */
export function readOperatorPause([
  sinceMs = -1,
  untilMs = 0,
]: readonly number[]): OperatorPause | null {
  return sinceMs === -1 ? null : { sinceMs, untilMs: untilMs === 0 ? null : untilMs };
}
