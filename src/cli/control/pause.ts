import { isoTime } from '../../domain/event-log.ts';
import { pauseForOperator } from '../../delivering/gate/operator-pause.io.ts';
import { createOperatorLog } from '../../monitoring/operator-log.io.ts';
import { redisKeys } from '../../redis/redis-keys.ts';
import { configFromProcess } from '../access/config-from-process.ts';
import { askRelayRedis, openRedis } from '../access/relay-redis.ts';
import { ownCommand } from '../terminal/own-command.ts';
import { expectKnown, readKnownNames } from './known-webhook.ts';
import { changedPauseText } from './pause-text.ts';

/**
 * Pauses a webhook on all replicas until it is resumed, or for `durationMs`, and prints the end. Sets the
 * exit status to 1 if no webhook has this name.
 */
export async function pause(name: string, durationMs: number | null): Promise<void> {
  const config = await configFromProcess();
  await askRelayRedis(
    config,
    async (redis) => {
      const keys = redisKeys(config.redisPrefix);
      const names = await readKnownNames(config, redis, keys);
      if (!expectKnown(name, names)) return;
      const changed = await pauseForOperator(redis, keys, name, durationMs);
      const { before, untilMs } = changed;
      await createOperatorLog(redis, keys).add('pause', {
        webhook: name,
        until: isoTime(untilMs),
        ...(before !== null && { untilBefore: isoTime(before.untilMs) }),
      });
      const lines = [
        `${name}: ${changedPauseText(changed, Date.now())}.`,
        'Its deliveries and alerts wait in order and use no attempts; attempts under way finish.',
        ...(names.configured.has(name) ? [] : ['It is not configured.']),
        `To end the pause: ${ownCommand(`resume ${name}`)}`,
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
    },
    openRedis,
  );
}
