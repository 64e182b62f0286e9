import {
  alertCause,
  TROUBLES,
  type Trouble,
  type TroubleAlert,
  type TroubleCause,
} from '../../domain/alert.ts';
import type { Webhook } from '../../domain/webhook.ts';
import { LUA_NOW, luaScript, readLua, type RedisClient } from '../../redis/redis-client.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';
import { alertDeliveries } from '../../routing/fan-out.ts';
import type { Outbox } from '../outbox.io.ts';

/**
 * The troubles of the relay over all replicas and restarts: an alert when one is found, at most once
 * per cause and hour, and an all-clear for each reported trouble that is over.
 *
 * Redis records an alert as due before it is queued, and as queued afterwards. So a crash in between
 * loses none: whoever finds the trouble next, or {@link open}, queues the same alert again, which
 * job ids and the ledger absorb. Two replicas that find one trouble queue one alert.
 */
export interface Troubles {
  /** Records that a trouble exists now. Resolves when its alert is queued, if one is due. */
  found(trouble: Trouble, webhook?: string): Promise<void>;
  /** Records that these troubles do not exist now. Resolves when the all-clears are queued. */
  over(causes: readonly TroubleCause[]): Promise<void>;
  /** Queues the alerts that a crash has left, and returns the troubles that are not over. */
  open(): Promise<readonly TroubleCause[]>;
}

/** When the alert and the all-clear of a trouble are sent. */
export interface TroubleRule {
  /** Time for which it must last before its alert. */
  readonly patienceMs: number;
  /** Time for which it must not have been found before its all-clear; null if it never ends. */
  readonly quietMs: number | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The rules of all troubles. What is found only once has no end, and no all-clear. */
export const TROUBLE_RULES: Readonly<Record<Trouble, TroubleRule>> = {
  key_rejected: { patienceMs: 0, quietMs: 0 },
  polls_failing: { patienceMs: 15 * MINUTE_MS, quietMs: 0 },
  // A readable window proves little: unreadable items come now and then, and sweeps find some too.
  items_unreadable: { patienceMs: 0, quietMs: HOUR_MS },
  // The gate knows for how long a webhook has been held.
  webhook_held: { patienceMs: 0, quietMs: 0 },
  webhook_gone: { patienceMs: 0, quietMs: 0 },
  // A failure is reported just before it is in the list of failed deliveries.
  deliveries_failed: { patienceMs: 0, quietMs: MINUTE_MS },
  redis_nearly_full: { patienceMs: 0, quietMs: 0 },
  state_emptied: { patienceMs: 0, quietMs: null },
  clock_jumped: { patienceMs: 0, quietMs: null },
};

const FOUND = LUA_NOW + readLua(new URL('./trouble-found.lua', import.meta.url));
const PAST = LUA_NOW + readLua(new URL('./past-troubles.lua', import.meta.url));
const OVER = PAST + readLua(new URL('./trouble-over.lua', import.meta.url));
const QUEUED = PAST + readLua(new URL('./trouble-queued.lua', import.meta.url));

/** Creates the memory of troubles in Redis. */
export function createTroubles({
  redis,
  keys,
  webhooks,
  put,
  nowMs,
  rules = TROUBLE_RULES,
}: {
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly webhooks: readonly Pick<Webhook, 'name' | 'events'>[];
  readonly put: Outbox['put'];
  readonly nowMs: () => number;
  readonly rules?: typeof TROUBLE_RULES;
}): Troubles {
  const recordFound = luaScript(redis, FOUND);
  const askEnd = luaScript(redis, OVER);
  const recordQueued = luaScript(redis, QUEUED);

  async function queue(cause: TroubleCause, atMs: number): Promise<void> {
    await put(alertDeliveries(webhooks, alertAbout(cause, atMs)));
    await queued(cause, atMs, rules[cause.trouble].quietMs !== null);
  }

  async function queued(cause: TroubleCause, atMs: number, goesOn: boolean): Promise<void> {
    const field = fieldOf(cause);
    const names = [keys.troubles, keys.alerted(field), keys.pastTroubles];
    await recordQueued(names, [field, atMs, HOUR_MS, goesOn ? 1 : 0]);
  }

  async function end(cause: TroubleCause): Promise<void> {
    const { quietMs, patienceMs } = rules[cause.trouble];
    const names = [keys.troubles, keys.pastTroubles];
    const reply = await askEnd(names, [fieldOf(cause), quietMs ?? 0, patienceMs]);
    if (reply === null) return;
    const [dueMs, alertedMs] = reply as [string, string];
    const alerts = [
      ...(dueMs === '' ? [] : [alertAbout(cause, Number(dueMs))]),
      { ...alertAbout(cause, nowMs()), endsAlertAtMs: Number(alertedMs) },
    ];
    await put(alerts.flatMap((alert) => alertDeliveries(webhooks, alert)));
    await queued(cause, Number(alertedMs), false);
  }

  return {
    async found(trouble, webhook) {
      const cause = { trouble, webhook: webhook ?? null };
      const field = fieldOf(cause);
      const dueMs = await recordFound(
        [keys.troubles, keys.alerted(field)],
        [field, rules[trouble].patienceMs, HOUR_MS, nowMs()],
      );
      if (dueMs !== '') await queue(cause, Number(dueMs));
    },

    async over(causes) {
      if (causes.length === 0) return;
      const kept = await redis.hmget(keys.troubles, ...causes.map(fieldOf));
      for (const [index, cause] of causes.entries()) {
        if (kept[index] !== null) await end(cause);
      }
    },

    async open() {
      const kept = Object.entries(await redis.hgetall(keys.troubles));
      const open = kept.flatMap(([field, json]) => {
        const cause = readCause(field);
        return cause === null ? [] : [{ cause, ...(JSON.parse(json) as { dueMs?: number }) }];
      });
      for (const { cause, dueMs } of open) if (dueMs !== undefined) await queue(cause, dueMs);
      return open
        .map(({ cause }) => cause)
        .filter(({ trouble }) => rules[trouble].quietMs !== null);
    },
  };
}

function alertAbout(cause: TroubleCause, foundAtMs: number): TroubleAlert {
  return { type: 'relay.trouble', ...cause, foundAtMs };
}

function fieldOf(cause: TroubleCause): string {
  return alertCause(alertAbout(cause, 0));
}

/** Reads a field that this or another release wrote; null if the trouble is unknown here. */
export function readCause(field: string): TroubleCause | null {
  const [, name, webhook] = JSON.parse(field) as [string, string, string | null];
  const trouble = TROUBLES.find((each) => each === name);
  return trouble === undefined ? null : { trouble, webhook };
}
