import type { Worker } from 'bullmq';
import { luaScript } from '../lua-script.ts';
import type { RedisClient } from '../redis-client.ts';
import type { WorkerSigns } from '../worker-signs.ts';

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
