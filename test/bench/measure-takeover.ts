import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../helpers/wait-until.ts';
import { fillQueues } from './backlog.ts';
import { startRelay } from './bench-process.ts';
import { epochMs } from './epoch.ts';
import { startGround, webhookNames } from './ground.ts';
import type { Series } from './results.ts';

const MENTIONS = 200;
const CONCURRENCY = 10;
const SLOW_MS = 3_000;
const LOOK_EVERY_MS = 200;
const TIMEOUT_MS = 120_000;

/**
 * A relay is killed while its deliveries are under way, and another is there: until the last of
 * these is taken up again. All runs at the same time: they do nothing but wait.
 */
export async function measureTakeover(rounds: number): Promise<Series[]> {
  const samples = await Promise.all(Array.from({ length: rounds }, takeOver));
  return [
    {
      part: 'takeover',
      setting: 'kill -9 in a burst, another replica runs',
      subject: 'relay',
      unit: 's',
      samples,
    },
  ];
}

async function takeOver(): Promise<number> {
  await using ground = await startGround();
  const environment = await ground.environment(1);
  await ground.clear({ keepsIds: true, delayMs: SLOW_MS });
  await fillQueues(ground.redis.url, webhookNames(1), MENTIONS);
  const killed = startRelay(environment);
  const underWay = await ground.receivers.waitFor(CONCURRENCY, TIMEOUT_MS);
  await killed.kill();
  const killedAtMs = epochMs();
  const ids = new Set(underWay.map(({ id }) => id));
  // Awaited here: the ground ends with this scope.
  return await ground.during(startRelay(environment), async () => {
    const again = await waitUntil(
      'all that were under way to be sent again',
      async () => {
        await sleep(LOOK_EVERY_MS);
        const later = (await ground.receivers.arrivals()).filter(
          ({ id, atMs }) => atMs > killedAtMs && ids.has(id),
        );
        return new Set(later.map(({ id }) => id)).size === ids.size ? later : null;
      },
      TIMEOUT_MS,
    );
    return (Math.max(...again.map(({ atMs }) => atMs)) - killedAtMs) / 1_000;
  });
}
