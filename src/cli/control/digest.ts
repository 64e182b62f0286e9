import { askForDigest } from '../../delivering/gate/digest-turn.io.ts';
import { closedForMs } from '../../domain/hours/working-hours.ts';
import { printable } from '../../domain/foreign/printable.ts';
import { createOperatorLog } from '../../monitoring/operator-log.io.ts';
import { createQueues } from '../../queues/queues.ts';
import { redisKeys } from '../../redis/redis-keys.ts';
import { askRelayRedis } from '../access/relay-redis.ts';
import { configFromProcess } from '../access/config-from-process.ts';
import { refuse } from '../terminal/output.ts';
import { timeLeft } from '../terminal/table.ts';

/**
 * Asks for the digest of a webhook at once, and prints how many mentions wait. Sets the exit status to
 * 1 if no webhook with digests has this name.
 */
export async function digest(name: string): Promise<void> {
  const config = await configFromProcess();
  const withDigests = config.webhooks.filter((each) => each.digest !== null);
  const webhook = withDigests.find((each) => each.name === name);
  if (webhook === undefined) {
    const names = withDigests.map((each) => each.name).join(', ') || 'none';
    return refuse(
      `No webhook with a digest is named ${printable(name)}. Webhooks with digests: ${names}.`,
    );
  }
  await askRelayRedis(config, async (redis) => {
    const keys = redisKeys(config.redisPrefix);
    const queues = createQueues({ redis, prefix: keys.queues, onError: () => undefined });
    try {
      await askForDigest(redis, keys, name);
      const { waiting } = await queues.counts(name);
      if (waiting > 0)
        await createOperatorLog(redis, keys).add('digest', { webhook: name, waiting });
      const closedMs = closedForMs(webhook.hours, Date.now());
      const when = closedMs === 0 ? 'within seconds' : `in ${timeLeft(closedMs)}, when it opens`;
      process.stdout.write(
        waiting === 0
          ? `${name}: nothing waits.\n`
          : `${name}: ${waiting} waiting; a running relay sends them ${when}, unless the webhook is paused or held.\n`,
      );
    } finally {
      await queues.close(0);
    }
  });
}
