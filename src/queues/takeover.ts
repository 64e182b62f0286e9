import type { Worker } from 'bullmq';
import { luaScript, type RedisClient, LUA_NOW } from '../redis/redis-client.ts';

/** Deliveries that were under way in a replica that died, and are taken up again. */
export interface TakenOver {
  readonly webhook: string;
  readonly deliveries: number;
}

/** A worker of this replica, and the webhook whose deliveries it takes. */
export interface DeliveryWorker {
  readonly webhook: string;
  readonly worker: Worker;
}

// A lock names the worker that has the job, and its turn: `<worker>:<turn>`. Without its lock a job
// counts as stalled, once it is in the set of those that may be, and BullMQ's next look, which this
// lets come at once, puts it back at the head of the queue.
const UNLOCK = `
local active, stalled, stalledCheck = unpack(KEYS)
local unlocked = 0
for _, id in ipairs(redis.call('LRANGE', active, 0, -1)) do
  local lock = ARGV[1] .. id .. ':lock'
  local token = redis.call('GET', lock)
  for i = 2, #ARGV do
    if token and string.sub(token, 1, #ARGV[i] + 1) == ARGV[i] .. ':' then
      redis.call('DEL', lock)
      redis.call('SADD', stalled, id)
      unlocked = unlocked + 1
    end
  end
end
if unlocked > 0 then redis.call('DEL', stalledCheck) end
return unlocked
`;

/**
 * Gives a sign of life of this replica's workers, and takes over what workers that no longer give
 * any had under way, long before the locks of those jobs run out. These last a minute so that an
 * outage of Redis costs no lock: signs of life are judged only while Redis answers.
 */
export function takeover(
  redis: RedisClient,
  signs: WorkerSigns,
): (own: readonly DeliveryWorker[]) => Promise<readonly TakenOver[]> {
  const unlock = luaScript(redis, UNLOCK);

  async function takeOver({ webhook, worker }: DeliveryWorker, silent: readonly string[]) {
    const keys = ['active', 'stalled', 'stalled-check'].map((name) => worker.toKey(name));
    const deliveries = (await unlock(keys, [worker.toKey(''), ...silent])) as number;
    // Looks for stalled jobs at once, and then as often as before.
    if (deliveries > 0) await worker.startStalledCheckTimer();
    return { webhook, deliveries };
  }

  return async (own) => {
    if (own.length === 0) return [];
    const names = own.map(({ webhook, worker }) => signName(webhook, worker.id));
    const silent = await signs.give(names);
    const taken: TakenOver[] = [];
    for (const each of own) {
      const ofThis = silent.filter((name) => name.startsWith(signName(each.webhook, '')));
      if (ofThis.length === 0) continue;
      const workers = ofThis.map((name) => name.slice(signName(each.webhook, '').length));
      taken.push(await takeOver(each, workers));
      await signs.forget(ofThis);
    }
    return taken.filter(({ deliveries }) => deliveries > 0);
  };
}

function signName(webhook: string, worker: string): string {
  return `${webhook}:${worker}`;
}

/** Signs of life of all workers of deliveries, of every replica, by Redis's own clock. */
export interface WorkerSigns {
  /** Gives a sign of life of these workers, and names the others that have given none for too long. */
  give(workers: readonly string[]): Promise<readonly string[]>;
  /** Forgets workers of which nothing is left to take over. */
  forget(workers: readonly string[]): Promise<void>;
}

/** How often signs are to be given. */
export const SIGN_INTERVAL_MS = 2_000;
// Longer than a replica hangs in the worst of everyday life: who is taken for dead and is not may
// have a POST under way, which is then made twice.
const SILENT_MS = 10_000;
// Nobody gives signs for so long unless Redis was away, or all replicas were. It is no silence of
// one's own then, and those who live need the time to come back.
const HOLE_MS = 3 * SIGN_INTERVAL_MS;
// Of workers that nobody takes over from: those of a webhook that is configured no more.
const FORGOTTEN_MS = 3_600_000;

// The fields `@last`, when anybody gave a sign, and `@since`, from when on somebody always did, are
// no worker's.
const GIVE = `
${LUA_NOW}
local signs = KEYS[1]
local silentMs, holeMs, forgottenMs = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local last = tonumber(redis.call('HGET', signs, '@last') or 0)
if now - last > holeMs or last > now then redis.call('HSET', signs, '@since', now) end
redis.call('HSET', signs, '@last', now)
for i = 4, #ARGV do redis.call('HSET', signs, ARGV[i], now) end

local since = tonumber(redis.call('HGET', signs, '@since'))
local silent = {}
local all = redis.call('HGETALL', signs)
for i = 1, #all, 2 do
  local worker, at = all[i], tonumber(all[i + 1])
  if string.sub(worker, 1, 1) ~= '@' then
    if now - at > forgottenMs then
      redis.call('HDEL', signs, worker)
    elseif now - at >= silentMs and now - since >= silentMs then
      silent[#silent + 1] = worker
    end
  end
end
return silent
`;

/** The signs that are kept under `key`. */
export function createWorkerSigns(redis: RedisClient, key: string): WorkerSigns {
  const give = luaScript(redis, GIVE);
  return {
    give: async (workers) =>
      (await give([key], [SILENT_MS, HOLE_MS, FORGOTTEN_MS, ...workers])) as string[],
    async forget(workers) {
      await redis.hdel(key, ...workers);
    },
  };
}
