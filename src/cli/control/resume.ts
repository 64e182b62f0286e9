import { webhookRelease, type GateStatus } from '../../delivering/gate/webhook-gate.io.ts';
import { createOperatorLog } from '../../monitoring/operator-log.io.ts';
import { pauseTimes } from '../../monitoring/summary.ts';
import { createQueues } from '../../queues/queues.ts';
import type { RedisClient } from '../../redis/redis-client.ts';
import { redisKeys } from '../../redis/redis-keys.ts';
import { configFromProcess } from '../access/config-from-process.ts';
import { askRelayRedis, openRedis } from '../access/relay-redis.ts';
import { ownCommand } from '../terminal/own-command.ts';
import { duration } from '../terminal/table.ts';
import { expectKnown, readKnownNames } from './known-webhook.ts';

/**
 * Ends the pause and the hold of a webhook, also the pause of an operator or of a webhook whose URL is
 * gone, and prints what ended and how many deliveries have failed, which stay so. Sets the exit status to
 * 1 if no webhook has this name.
 */
export async function resume(name: string): Promise<void> {
  const config = await configFromProcess();
  await askRelayRedis(
    config,
    async (redis) => {
      const keys = redisKeys(config.redisPrefix);
      if (!expectKnown(name, await readKnownNames(config, redis, keys))) return;
      const urlOf = () => config.webhooks.find((webhook) => webhook.name === name)?.url;
      const ended = await webhookRelease(redis, keys, urlOf)(name, 'all');
      const text = endedText(ended, Date.now());
      if (text !== '') {
        const { operatorPause, ...others } = ended;
        const fields = { ...others, paused: operatorPause && pauseTimes(operatorPause) };
        await createOperatorLog(redis, keys).add('resume', { webhook: name, ...fields });
      }
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
    },
    openRedis,
  );
}

/** Describes what ended; empty if nothing did. */
function endedText({ gone, heldForMs, pausedForMs, operatorPause }: GateStatus, nowMs: number) {
  return [
    ...(operatorPause === null
      ? []
      : [`paused by an operator ${duration(nowMs - operatorPause.sinceMs)} ago`]),
    ...(gone ? ['gone'] : []),
    ...(heldForMs === null ? [] : [`held for ${duration(heldForMs)}`]),
    ...(pausedForMs === null ? [] : [`paused for ${duration(pausedForMs)} more`]),
  ].join(', ');
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
