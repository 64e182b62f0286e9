import { deliveryQueue } from '../../src/queues/kept-jobs.ts';
import { kilobyteBody, QUEUES_PREFIX } from './backlog.ts';
import { contestantsOf, type Build } from './builds.ts';
import type { GotLoopTask } from './got-loop.ts';
import { counted, webhookNames, type Attributes, type Ground } from './ground.ts';
import type { PartsLoopTask } from './parts-loop.ts';
import { readUsage, startScript, type BenchProcess } from './processes.ts';
import type { Arrival } from './receivers.ts';
import { measure, sustainedPerSecond, type Sample, type Series } from './statistics.ts';

/** The default concurrency of an http webhook. */
const CONCURRENCY = 10;
const TIMEOUT_MS = 300_000;
/** The share of mentions in which programs warm up: it does not count. */
const WARM_UP_SHARE = 0.2;
const LOOP = 'got.post loop';

/** Measures deliveries per second: one POST per mention and in batches, beside a bare loop. */
export async function measureDeliveries(
  ground: Ground,
  builds: readonly Build[],
  { rounds, scale }: { readonly rounds: number; readonly scale: number },
): Promise<Series[]> {
  const series: Series[] = [];
  for (const webhooks of [1, 5]) {
    const setting = counted(webhooks, 'webhook');
    const mentionsEach = Math.ceil((5_000 * scale) / webhooks);
    const loop = {
      setting,
      subject: LOOP,
      reference: null,
      run: () => drainLoop(ground, webhooks, mentionsEach),
    };
    const parts = builds.map((build) => ({
      setting,
      subject: 'BullMQ, got and two scripts',
      reference: LOOP,
      run: () => drainParts(ground, build, webhooks, mentionsEach),
    }));
    // Batches are faster: they get more to do, so that a run is long enough to be measured.
    const relays = [
      { subject: 'relay', size: 1, times: 1 },
      { subject: 'relay, batches of 10', size: 10, times: 3 },
      { subject: 'relay, batches of 50', size: 50, times: 5 },
    ].flatMap(({ subject, size, times }) =>
      contestantsOf(builds, { setting, subject, reference: LOOP }, (build) =>
        drainRelay(ground, build, webhooks, mentionsEach * times, {
          attributes: { BATCH_SIZE: String(size) },
        }),
      ),
    );
    const contestants = builds.length > 1 ? relays : [loop, ...parts, ...relays];
    series.push(...(await measure('deliveries', contestants, rounds)));
  }
  return series;
}

/** Fills the queues while no relay runs, then starts relays and measures them. */
export async function drainRelay(
  ground: Ground,
  build: Build,
  webhooks: number,
  mentionsEach: number,
  options: {
    readonly attributes?: Attributes;
    readonly replicas?: number;
    /** The number of mentions after which the run ends: all by default. */
    readonly until?: number;
  } = {},
): Promise<Sample> {
  const env = await ground.environment(webhooks, options.attributes);
  await ground.clear();
  await build.fillQueues(ground.redis.url, webhookNames(webhooks), mentionsEach);
  const relays = Array.from({ length: options.replicas ?? 1 }, () => build.start(env));
  return drain(ground, relays, options.until ?? webhooks * mentionsEach);
}

/** Measures `got.post` in a loop: no queue, no retries, no record. */
async function drainLoop(ground: Ground, webhooks: number, posts: number): Promise<Sample> {
  const urls = await ground.receivers.open(webhooks);
  await ground.clear();
  const task: GotLoopTask = { urls, concurrency: CONCURRENCY, posts, body: kilobyteBody() };
  return drain(ground, [startScript('got-loop.ts', task)], webhooks * posts);
}

/** Measures what the relay is made of, without what it adds, in a heap like its own. */
async function drainParts(
  ground: Ground,
  build: Build,
  webhooks: number,
  mentionsEach: number,
): Promise<Sample> {
  const names = webhookNames(webhooks);
  const urls = await ground.receivers.open(webhooks);
  await ground.clear();
  await build.fillQueues(ground.redis.url, names, mentionsEach);
  const task: PartsLoopTask = {
    redisUrl: ground.redis.url,
    prefix: QUEUES_PREFIX,
    urls: Object.fromEntries(names.map((name, at) => [deliveryQueue(name), urls[at] ?? ''])),
    concurrency: CONCURRENCY,
  };
  const script = startScript('parts-loop.ts', task, build.nodeOptions);
  return drain(ground, [script], webhooks * mentionsEach);
}

/** Measures processes until this many mentions have arrived, then kills them. */
async function drain(
  { receivers, redis }: Ground,
  processes: readonly BenchProcess[],
  mentions: number,
): Promise<Sample> {
  const cpuMs = (): number => processes.reduce((sum, each) => sum + each.usage().cpuMs, 0);
  try {
    const before = await receivers.waitFor(Math.ceil(mentions * WARM_UP_SHARE), TIMEOUT_MS);
    const [cpuBeforeMs, redisBeforeMs] = [cpuMs(), readUsage(redis.pid()).cpuMs];
    const arrivals = await receivers.waitFor(mentions, TIMEOUT_MS);
    const measured = mentionsIn(arrivals) - mentionsIn(before);
    return {
      'mentions/s': sustainedPerSecond(arrivals, WARM_UP_SHARE),
      'ms of CPU': (cpuMs() - cpuBeforeMs) / measured,
      'ms of CPU in Redis': (readUsage(redis.pid()).cpuMs - redisBeforeMs) / measured,
      'peak MB': Math.max(...processes.map((each) => each.usage().peakRssMb)),
    };
  } finally {
    await Promise.all(processes.map((each) => each.kill()));
  }
}

function mentionsIn(arrivals: readonly Arrival[]): number {
  return arrivals.reduce((sum, { mentions }) => sum + mentions, 0);
}
