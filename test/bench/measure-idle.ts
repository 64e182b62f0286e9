import { setTimeout as sleep } from 'node:timers/promises';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { startPrivateRedis } from '../helpers/private-redis.ts';
import { startRelay } from './bench-process.ts';
import { startGround } from './ground.ts';
import type { Series } from './results.ts';
import { readUsage } from './usage.ts';

interface Idle {
  readonly relayPercent: number;
  readonly redisPercent: number;
  readonly rssMb: number;
  readonly commandsPerMinute: number;
}

const MEGABYTE = 1024 * 1024;

/**
 * What a relay costs to which nothing new comes: a poll every 10 seconds of a window with 100
 * mentions. All relays run at the same time, each on a Redis of its own: what is counted is their
 * own time, and they hardly meet.
 */
export async function measureIdle(options: {
  readonly rounds: number;
  readonly settleMs: number;
  readonly lengthMs: number;
}): Promise<Series[]> {
  await using ground = await startGround();
  await using sandbox = await fullSandbox();
  const counts = [1, 20];
  const environments: Record<string, string>[] = [];
  for (const webhooks of counts) environments.push(await ground.environment(webhooks));
  const runs = await Promise.all(
    environments.map((environment) =>
      Promise.all(
        Array.from({ length: options.rounds }, () =>
          watchIdle({ ...environment, GROOUPLY_API_URL: sandbox.url.href }, options),
        ),
      ),
    ),
  );
  return counts.flatMap((webhooks, index): Series[] => {
    const idles = runs[index] ?? [];
    const setting = webhooks === 1 ? '1 webhook' : `${webhooks} webhooks`;
    const about = { part: 'idle', setting } as const;
    const of = (read: (idle: Idle) => number): number[] => idles.map(read);
    return [
      { ...about, subject: 'relay', unit: '% of a core', samples: of((each) => each.relayPercent) },
      { ...about, subject: 'relay', unit: 'MB', samples: of((each) => each.rssMb) },
      { ...about, subject: 'Redis', unit: '% of a core', samples: of((each) => each.redisPercent) },
      {
        ...about,
        subject: 'Redis',
        unit: 'commands/min',
        samples: of((each) => each.commandsPerMinute),
      },
    ];
  });
}

async function fullSandbox(): Promise<AsyncDisposable & { readonly url: URL }> {
  const sandbox = await startSandbox({ requestLimit: 100_000, backlog: 100 });
  return { url: sandbox.url, [Symbol.asyncDispose]: () => sandbox.stop() };
}

async function watchIdle(
  environment: Readonly<Record<string, string>>,
  { settleMs, lengthMs }: { readonly settleMs: number; readonly lengthMs: number },
): Promise<Idle> {
  const redis = await startPrivateRedis();
  const relay = startRelay({
    ...environment,
    REDIS_URL: redis.url,
    BACKLOG: 'none',
  });
  const commands = async (): Promise<number> =>
    Number(/total_commands_processed:(\d+)/.exec(await redis.client.info('stats'))?.[1]);
  try {
    await sleep(settleMs);
    const before = {
      relay: relay.usage(),
      redis: readUsage(redis.pid()),
      commands: await commands(),
    };
    await sleep(lengthMs);
    const after = relay.usage();
    return {
      relayPercent: ((after.cpuMs - before.relay.cpuMs) / lengthMs) * 100,
      redisPercent: ((readUsage(redis.pid()).cpuMs - before.redis.cpuMs) / lengthMs) * 100,
      rssMb: after.rssBytes / MEGABYTE,
      commandsPerMinute: (((await commands()) - before.commands) / lengthMs) * 60_000,
    };
  } finally {
    await relay.stop();
    await redis.stop();
  }
}
