import { setTimeout as sleep } from 'node:timers/promises';
import { startPrivateRedis } from '../helpers/private-redis.ts';
import { contestantsOf, type Build } from './builds.ts';
import { counted, type Ground } from './ground.ts';
import { readUsage } from './processes.ts';
import type { Contestant, Sample, Series } from './statistics.ts';

/** How long each relay is watched, and how long it settles before. */
interface Watch {
  readonly settleMs: number;
  readonly lengthMs: number;
}

/**
 * Measures a relay that polls a window of 100 known mentions every 10 seconds. All relays run at the
 * same time, each on a Redis of its own: only their own CPU time counts, and they hardly meet.
 */
export async function measureIdle(
  ground: Ground,
  builds: readonly Build[],
  { rounds, ...watch }: Watch & { readonly rounds: number },
): Promise<Series[]> {
  ground.sandbox.spot(100);
  const contestants: Contestant[] = [];
  for (const webhooks of [1, 20]) {
    const env = { ...(await ground.environment(webhooks)), BACKLOG: 'none' };
    const about = { setting: counted(webhooks, 'webhook'), subject: 'relay', reference: null };
    contestants.push(...contestantsOf(builds, about, (build) => watchIdle(build, env, watch)));
  }
  return Promise.all(
    contestants.map(async ({ setting, subject, reference, run }): Promise<Series> => {
      const samples = await Promise.all(Array.from({ length: rounds }, run));
      return { part: 'idle', setting, subject, reference, samples };
    }),
  );
}

async function watchIdle(
  build: Build,
  env: Readonly<Record<string, string>>,
  { settleMs, lengthMs }: Watch,
): Promise<Sample> {
  const redis = await startPrivateRedis();
  const relay = build.start({ ...env, REDIS_URL: redis.url });
  const figures = async () => ({
    relay: relay.usage(),
    redis: readUsage(redis.pid()),
    commands: Number(/total_commands_processed:(\d+)/.exec(await redis.client.info('stats'))?.[1]),
  });
  try {
    await sleep(settleMs);
    const before = await figures();
    await sleep(lengthMs);
    const after = await figures();
    return {
      '% of a core': ((after.relay.cpuMs - before.relay.cpuMs) / lengthMs) * 100,
      MB: after.relay.rssMb,
      '% of a core for Redis': ((after.redis.cpuMs - before.redis.cpuMs) / lengthMs) * 100,
      'Redis commands/min': ((after.commands - before.commands) / lengthMs) * 60_000,
    };
  } finally {
    await relay.kill();
    await redis.stop();
  }
}
