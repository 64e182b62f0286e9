import { webhookRelease } from '../delivering/gate/webhook-gate.io.ts';
import { createKnownWebhooks } from '../delivering/outbox.io.ts';
import { printable } from '../domain/foreign/printable.ts';
import { createQueues } from '../queues/queues.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import { redisKeys } from '../redis/redis-keys.ts';
import { askRelayRedis } from './access/relay-redis.ts';
import { configFromProcess } from './access/config-from-process.ts';
import { ownCommand } from './terminal/own-command.ts';
import { duration } from './terminal/table.ts';

/**
 * Ends the pause and the hold of a webhook, also the pause of a webhook whose URL is gone, and prints
 * what ended and how many deliveries have failed, which stay so. Sets the exit status to 1 if no
 * webhook has this name.
 */
export async function resume(name: string): Promise<void> {
  const config = configFromProcess();
  await askRelayRedis(config, async (redis) => {
    const keys = redisKeys(config.redisPrefix);
    const configured = config.webhooks.map((webhook) => webhook.name);
    const known = new Set([...configured, ...(await createKnownWebhooks(redis, keys).names())]);
    if (!known.has(name)) {
      process.exitCode = 1;
      process.stderr.write(
        `No webhook is named ${printable(name)}. Known webhooks: ${[...known].join(', ')}.\n`,
      );
      return;
    }
    const urlOf = () => config.webhooks.find((webhook) => webhook.name === name)?.url;
    const { gone, heldForMs, pausedForMs } = await webhookRelease(redis, keys, urlOf)(name, 'all');
    const text = [
      ...(gone ? ['gone'] : []),
      ...(heldForMs === null ? [] : [`held for ${duration(heldForMs)}`]),
      ...(pausedForMs === null ? [] : [`paused for ${duration(pausedForMs)} more`]),
    ].join(', ');
    const failed = await failedDeliveries(redis, keys.queues, name);
    const lines = [
      `${name}: ${text === '' ? 'was neither paused nor held.' : `resumed (${text}).`}`,
      ...(failed === 0
        ? []
        : [
            `Failed deliveries: ${failed}. Send them again with ${ownCommand(`failed retry --webhook ${name}`)}.`,
          ]),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  });
}

async function failedDeliveries(
  redis: RedisClient,
  prefix: string,
  webhook: string,
): Promise<number> {
  const queues = createQueues({ redis, prefix, onError: () => undefined });
  try {
    return (await queues.counts(webhook)).failed;
  } finally {
    await queues.close(0);
  }
}
