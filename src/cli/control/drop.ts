import { createKnownWebhooks } from '../../delivering/outbox.io.ts';
import type { DeliveryCounts } from '../../domain/delivery.ts';
import { createOperatorLog } from '../../monitoring/operator-log.io.ts';
import { droppedQueue } from '../../queues/dropped-queue.ts';
import { redisKeys } from '../../redis/redis-keys.ts';
import { configFromProcess } from '../access/config-from-process.ts';
import { askRelayRedis, openRedis } from '../access/relay-redis.ts';
import { ownCommand } from '../terminal/own-command.ts';
import { expectKnown, readKnownNames } from './known-webhook.ts';
import { print, refuse } from '../terminal/output.ts';

/**
 * Removes all that is kept for a webhook that is no longer configured. Without `yes` it prints only what
 * that is. Sets the exit status to 1 if it removes nothing, or leaves deliveries that a relay has taken.
 */
export async function drop(
  name: string,
  { yes = false }: { readonly yes?: boolean },
): Promise<void> {
  const config = await configFromProcess();
  await askRelayRedis(
    config,
    async (redis) => {
      const keys = redisKeys(config.redisPrefix);
      const names = await readKnownNames(config, redis, keys);
      if (!expectKnown(name, names)) return;
      if (names.configured.has(name)) return refuse(configuredText(name));
      const queue = droppedQueue(redis, keys.queues, name);
      if (await queue.isServed()) return refuse(servedText(name));
      const counts = await queue.counts();
      print(`${name}: ${countsText(counts)}.`);
      if (!yes) {
        return refuse(
          `Nothing is removed yet. To remove all of it for good: ${ownCommand(`drop ${name} --yes`)}`,
        );
      }
      const record = createOperatorLog(redis, keys).record('drop', { webhook: name });
      const { active, ...removed } = await queue.drop(record);
      if (active === 0) await createKnownWebhooks(redis, keys).forget(name);
      print(`${name}: removed ${countsText({ ...removed, active: 0 })}.`);
      if (active > 0) {
        refuse(
          `${active} under way: a relay that was stopped has them for a minute. Then drop again.`,
        );
      }
    },
    openRedis,
  );
}

function configuredText(name: string): string {
  return `${name} is configured. Remove its variables and restart the relay, then drop it. To stop its deliveries: ${ownCommand(`pause ${name}`)}`;
}

function servedText(name: string): string {
  return `A running relay still has ${name} configured. Restart all replicas without its variables, wait 15 seconds, then drop it.`;
}

/** Writes the counts of deliveries; nothing about those under way if there are none. */
function countsText({ waiting, retrying, failed, active }: DeliveryCounts): string {
  return [
    `${waiting} waiting`,
    `${retrying} retrying`,
    `${failed} failed`,
    ...(active === 0 ? [] : [`${active} under way`]),
  ].join(', ');
}
