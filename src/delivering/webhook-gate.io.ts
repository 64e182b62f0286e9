import type { MentionKey } from '../domain/mention.ts';
import {
  type RedisClient,
  LUA_NOW,
  luaScript,
  LUA_GENERATIONAL_SET,
} from '../redis/redis-client.ts';
import type { Admission, GateStatus, Released, WebhookGate } from './webhook-gate.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';

/** When a webhook is held, and for how long. */
export interface BreakerSettings {
  readonly failuresInARow: number;
  readonly firstHoldMs: number;
  readonly maxHoldMs: number;
  /** How long a probe may take before another replica may make one: longer than any attempt. */
  readonly probeLeaseMs: number;
}

// One call per attempt, before it. Times are Redis's own: clocks of replicas do not matter.
export const ADMIT = `
${LUA_GENERATIONAL_SET}
${LUA_NOW}
local gate, current, previous = unpack(KEYS)
local probeLease, pace, reserve = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == 'reserve'
local delivered = {}
for i = 4, #ARGV do
  if contains(current, previous, ARGV[i]) then delivered[#delivered + 1] = i - 4 end
end
if #delivered == #ARGV - 3 then return {'go', 0, 0, delivered} end

local state = redis.call('HMGET', gate, 'pausedUntil', 'heldUntil', 'probeUntil', 'nextAt')
local pausedUntil, heldUntil, probeUntil, nextAt =
  tonumber(state[1] or 0), tonumber(state[2] or 0), tonumber(state[3] or 0), tonumber(state[4] or 0)
if pausedUntil > now then return {'paused', pausedUntil - now} end
if heldUntil > now then return {'held', heldUntil - now} end
-- A probe is over sooner than its lease as a rule.
if heldUntil > 0 and probeUntil > now and ARGV[3] ~= 'probing' then return {'probed', math.min(probeUntil - now, 1000)} end

local afterMs = 0
if pace > 0 and reserve then
  local at = math.max(now, nextAt)
  redis.call('HSET', gate, 'nextAt', at + pace)
  afterMs = at - now
end
local probe = 0
if heldUntil > 0 then
  probe = 1
  redis.call('HSET', gate, 'probeUntil', now + afterMs + probeLease)
end
return {'go', probe, afterMs, delivered}
`;

const END_HOLD = `
local heldSince = redis.call('HGET', gate, 'heldSince')
redis.call('HDEL', gate, 'failures', 'heldUntil', 'heldSince', 'holdMs', 'probeUntil')
`;

export const ACCEPTED = `
${LUA_GENERATIONAL_SET}
${LUA_NOW}
local gate, current, previous = unpack(KEYS)
for i = 2, #ARGV do redis.call('SADD', current, ARGV[i]) end
rotate(current, previous, ARGV[1])
${END_HOLD}
return heldSince and now - heldSince or -1
`;

const REFUSED = `
${LUA_NOW}
local gate = KEYS[1]
local threshold, firstHold, maxHold = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local failures = redis.call('HINCRBY', gate, 'failures', 1)
local holdMs = tonumber(redis.call('HGET', gate, 'holdMs') or 0)
if holdMs == 0 then
  if failures < threshold then return {-1, 0, failures} end
  redis.call('HSET', gate, 'heldSince', now, 'heldUntil', now + firstHold, 'holdMs', firstHold)
  return {firstHold, 1, failures}
end
-- Attempts that were under way when the hold began say nothing new.
if ARGV[4] == '0' then
  return {math.max(1, redis.call('HGET', gate, 'heldUntil') - now), 0, failures}
end
holdMs = math.min(2 * holdMs, maxHold)
redis.call('HSET', gate, 'heldUntil', now + holdMs, 'holdMs', holdMs)
redis.call('HDEL', gate, 'probeUntil')
return {holdMs, 0, failures}
`;

const PAUSE = `
${LUA_NOW}
local pausedUntil = math.max(tonumber(redis.call('HGET', KEYS[1], 'pausedUntil') or 0), now + ARGV[1])
redis.call('HSET', KEYS[1], 'pausedUntil', pausedUntil)
return pausedUntil - now
`;

// The start of the hold stays: the first success tells that the webhook is back.
const RELEASE = `
${LUA_NOW}
local gate = KEYS[1]
local held = redis.call('HGET', gate, 'heldUntil')
redis.call('HDEL', gate, 'failures', 'heldUntil', 'holdMs', 'probeUntil', 'pausedUntil')
return held and now - redis.call('HGET', gate, 'heldSince') or -1
`;

// After a release by hand `heldSince` is still there: only `heldUntil` says that it is held.
const STANDING = `
${LUA_NOW}
local state = redis.call('HMGET', KEYS[1], 'heldUntil', 'heldSince', 'pausedUntil')
local pausedFor = tonumber(state[3] or 0) - now
return {state[1] and now - state[2] or -1, pausedFor > 0 and pausedFor or -1}
`;

/** The gates of all webhooks, in Redis. At least `generationSize` deliveries a webhook are remembered. */
export function createWebhookGate(options: {
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly generationSize: number;
  readonly breaker: BreakerSettings;
  /** The least time between two attempts at a webhook; 0 for none. */
  readonly paceMs: (webhook: string) => number;
}): WebhookGate {
  const { redis, keys, generationSize, breaker, paceMs } = options;
  const admit = luaScript(redis, ADMIT);
  const accepted = luaScript(redis, ACCEPTED);
  const refused = luaScript(redis, REFUSED);
  const pause = luaScript(redis, PAUSE);

  function withLedger(webhook: string): string[] {
    const { current, previous } = keys.delivered(webhook);
    return [keys.gate(webhook), current, previous];
  }

  return {
    async admit(webhook, mentionKeys, turn) {
      const reply = await admit(withLedger(webhook), [
        breaker.probeLeaseMs,
        Math.ceil(paceMs(webhook)),
        turn,
        ...mentionKeys,
      ]);
      return readAdmission(reply as [string, number, number, number[]]);
    },
    accepted: inOneCall(
      async (webhook, mentionKeys: readonly MentionKey[]) =>
        releasedAfter(await accepted(withLedger(webhook), [generationSize, ...mentionKeys])),
      // A hold that ends is told once.
      () => ({ heldForMs: null }),
    ),
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

/** Ends a hold and a pause by hand, where there is no other need for the gate. */
export function webhookRelease(redis: RedisClient, keys: RedisKeys): WebhookGate['release'] {
  const release = luaScript(redis, RELEASE);
  return async (webhook) => releasedAfter(await release([keys.gate(webhook)], []));
}

/** Whether webhooks are held or paused, where there is no other need for the gate. */
export function gateStatus(redis: RedisClient, keys: RedisKeys): WebhookGate['status'] {
  const status = luaScript(redis, STANDING);
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

function readAdmission([word, number, afterMs, delivered]: [
  string,
  number,
  number,
  number[],
]): Admission {
  if (word === 'go') return { kind: 'go', probe: number === 1, afterMs, delivered };
  return { kind: 'wait', waitMs: number, because: word as 'held' | 'paused' | 'probed' };
}

interface Gathering<Item, Answer> {
  readonly items: Item[];
  readonly answer: Promise<Answer>;
}

/**
 * Makes one call of those that come in the same turn of the event loop for the same key, with all
 * their items in the order in which they came. The first caller gets the answer, the others what
 * `restOf` makes of it; what the call throws, all get.
 */
export function inOneCall<Item, Answer>(
  call: (key: string, items: readonly Item[]) => Promise<Answer>,
  restOf: (answer: Answer) => Answer,
): (key: string, items: readonly Item[]) => Promise<Answer> {
  const gatherings = new Map<string, Gathering<Item, Answer>>();

  return async (key, items) => {
    const gathering = gatherings.get(key);
    if (gathering !== undefined) {
      gathering.items.push(...items);
      return restOf(await gathering.answer);
    }
    const all = [...items];
    const answer = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      gatherings.delete(key);
      return call(key, all);
    });
    gatherings.set(key, { items: all, answer });
    return answer;
  };
}
