import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../helpers/wait-until.ts';
import { deliveriesLeft, fillQueues } from './backlog.ts';
import { startRelay, type BenchProcess } from './bench-process.ts';
import { epochMs } from './epoch.ts';
import { startGround, webhookNames } from './ground.ts';
import type { Series } from './results.ts';

const MENTIONS = 160;
const SLOW_MS = 2_000;
// Between two waves of answers nothing is under way; and signs of life are given every 2 seconds, so
// runs are killed at different moments between two of each.
const FIRST_KILL_MS = 500;
const APART_MS = 500;
const LOOK_EVERY_MS = 200;
const TIMEOUT_MS = 120_000;

/**
 * One of two relays is killed while its deliveries are under way: until the last of these is sent
 * again. All runs at nearly the same time: they do nothing but wait.
 */
export async function measureTakeover(rounds: number): Promise<Series[]> {
  const samples = await Promise.all(
    Array.from({ length: rounds }, (_, round) => takeOver(FIRST_KILL_MS + round * APART_MS)),
  );
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

async function takeOver(inMs: number): Promise<number> {
  await using ground = await startGround();
  const environment = await ground.environment(1);
  const [name = ''] = webhookNames(1);
  await ground.clear({ keepsIds: true, delayMs: SLOW_MS });
  await fillQueues(ground.redis.url, [name], MENTIONS);
  const killed = startRelay(environment);
  const living = startRelay(environment);
  // Awaited here: the ground ends with this scope.
  return await ground.during(living, async () => {
    await waitUntil('both to deliver', () => [killed, living].every(delivers), TIMEOUT_MS);
    await sleep(inMs);
    await killed.kill();
    const killedAtMs = epochMs();
    await waitUntil(
      'the queue to be empty',
      async () => {
        await sleep(LOOK_EVERY_MS);
        return (await deliveriesLeft(ground.redis.client, name)) === 0;
      },
      TIMEOUT_MS,
    );
    const arrivals = await ground.receivers.arrivals();
    const again = arrivals.filter(({ id }, index) =>
      arrivals.slice(0, index).some((before) => before.id === id),
    );
    if (again.length === 0) throw new Error('nothing was under way when the relay was killed');
    return (Math.max(...again.map(({ atMs }) => atMs)) - killedAtMs) / 1_000;
  });
}

function delivers(relay: BenchProcess): boolean {
  return relay.output().includes('delivery.succeeded');
}
