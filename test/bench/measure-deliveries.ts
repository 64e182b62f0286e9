import { redisKeys } from '../../src/redis/redis-keys.ts';
import { deliveryQueue } from '../../src/queues/delivery-queue.ts';
import { fillQueues, kilobyteBody, PREFIX } from './backlog.ts';
import { startRelay, startScript, type BenchProcess } from './bench-process.ts';
import { webhookNames, type Attributes, type Ground } from './ground.ts';
import type { GotLoopTask } from './got-loop.ts';
import type { QueueAndGotTask } from './queue-and-got.ts';
import type { Arrival } from './receivers.ts';
import type { Series } from './results.ts';
import { sustainedPerSecond } from './statistics.ts';
import { byTurns } from './turns.ts';
import { readUsage } from './usage.ts';

/** The concurrency of an http webhook that is not told another one. */
const CONCURRENCY = 10;
const TIMEOUT_MS = 300_000;
const MEGABYTE = 1024 * 1024;
/** In which programs warm up: it does not count. */
const WARM_UP_SHARE = 0.2;

/** What a run of deliveries showed. */
export interface Drain {
  readonly perSecond: number;
  /** CPU time of all measured processes for one mention. */
  readonly cpuMs: number;
  /** CPU time of Redis for one mention. */
  readonly redisCpuMs: number;
  /** The most memory that one of the processes had. */
  readonly peakRssMb: number;
}

/** A bare loop of `got.post`. */
export async function drainLoop(ground: Ground, webhooks: number, posts: number): Promise<Drain> {
  const urls = await ground.receivers.open(webhooks);
  await ground.clear();
  const task: GotLoopTask = { urls, concurrency: CONCURRENCY, posts, body: kilobyteBody() };
  return drain(ground, [startScript('got-loop.ts', task)], webhooks * posts);
}

/** A BullMQ worker a webhook that calls `got.post`. */
export async function drainQueueAndGot(
  ground: Ground,
  webhooks: number,
  mentionsEach: number,
): Promise<Drain> {
  const names = webhookNames(webhooks);
  const urls = await ground.receivers.open(webhooks);
  await ground.clear();
  await fillQueues(ground.redis.url, names, mentionsEach);
  const task: QueueAndGotTask = {
    redisUrl: ground.redis.url,
    prefix: redisKeys(PREFIX).queues,
    urls: Object.fromEntries(names.map((name, index) => [deliveryQueue(name), urls[index] ?? ''])),
    concurrency: CONCURRENCY,
  };
  return drain(ground, [startScript('queue-and-got.ts', task)], webhooks * mentionsEach);
}

/** The relay itself: its queues are filled while it is away, then it is started. */
export async function drainRelay(
  ground: Ground,
  webhooks: number,
  mentionsEach: number,
  options: {
    readonly attributes?: Attributes;
    readonly project?: string;
    readonly nodeOptions?: readonly string[];
    readonly replicas?: number;
    /** After how many mentions it is enough: all unless said otherwise. */
    readonly until?: number;
  } = {},
): Promise<Drain> {
  const env = await ground.environment(webhooks, options.attributes);
  await ground.clear();
  await fillQueues(ground.redis.url, webhookNames(webhooks), mentionsEach);
  const relays = Array.from({ length: options.replicas ?? 1 }, () => startRelay(env, options));
  return drain(ground, relays, options.until ?? webhooks * mentionsEach);
}

/** What processes show while so many mentions arrive. They end with it. */
async function drain(
  ground: Ground,
  processes: readonly BenchProcess[],
  mentions: number,
): Promise<Drain> {
  const { receivers, redis } = ground;
  const cpuMs = (): number => processes.reduce((sum, each) => sum + each.usage().cpuMs, 0);
  try {
    const before = await receivers.waitFor(Math.ceil(mentions * WARM_UP_SHARE), TIMEOUT_MS);
    const [cpuBeforeMs, redisBeforeMs] = [cpuMs(), readUsage(redis.pid()).cpuMs];
    const arrivals = await receivers.waitFor(mentions, TIMEOUT_MS);
    const counted = mentionsIn(arrivals) - mentionsIn(before);
    return {
      perSecond: sustainedPerSecond(arrivals, WARM_UP_SHARE),
      cpuMs: (cpuMs() - cpuBeforeMs) / counted,
      redisCpuMs: (readUsage(redis.pid()).cpuMs - redisBeforeMs) / counted,
      peakRssMb: Math.max(...processes.map((each) => each.usage().peakRssBytes)) / MEGABYTE,
    };
  } finally {
    await Promise.all(processes.map((each) => each.kill()));
  }
}

function mentionsIn(arrivals: readonly Arrival[]): number {
  return arrivals.reduce((sum, { mentions }) => sum + mentions, 0);
}

const LOOP = 'got.post loop';

/** Deliveries a second with 1, 5 and 20 webhooks, one POST a mention, and in batches. */
export async function measureDeliveries(
  ground: Ground,
  { rounds, scale }: { readonly rounds: number; readonly scale: number },
): Promise<Series[]> {
  const series: Series[] = [];
  for (const webhooks of [1, 5, 20]) {
    const mentionsEach = Math.ceil((5_000 * scale) / webhooks);
    const batched = (size: number, times: number) => ({
      subject: `relay, batches of ${size}`,
      run: () =>
        drainRelay(ground, webhooks, mentionsEach * times, {
          attributes: { BATCH_SIZE: String(size) },
        }),
    });
    const contestants = [
      { subject: LOOP, run: () => drainLoop(ground, webhooks, mentionsEach) },
      {
        subject: 'BullMQ and got.post',
        run: () => drainQueueAndGot(ground, webhooks, mentionsEach),
      },
      { subject: 'relay', run: () => drainRelay(ground, webhooks, mentionsEach) },
      batched(10, 3),
      batched(50, 5),
    ];
    const samples = await byTurns(contestants, rounds);
    for (const [index, { subject }] of contestants.entries()) {
      const setting = webhooks === 1 ? '1 webhook' : `${webhooks} webhooks`;
      const compared = subject === LOOP ? {} : { reference: LOOP };
      const about = { part: 'deliveries', setting, subject } as const;
      const drains = samples[index] ?? [];
      const of = (read: (drain: Drain) => number): number[] => drains.map(read);
      series.push(
        { ...about, ...compared, unit: 'mentions/s', samples: of((each) => each.perSecond) },
        { ...about, ...compared, unit: 'ms of CPU', samples: of((each) => each.cpuMs) },
        { ...about, unit: 'ms of CPU in Redis', samples: of((each) => each.redisCpuMs) },
        { ...about, unit: 'MB at most', samples: of((each) => each.peakRssMb) },
      );
    }
  }
  return series;
}
