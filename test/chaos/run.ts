import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { startPrivateRedis } from '../helpers/private-redis.ts';
import { startChaosReceiver } from './chaos-receiver.ts';
import { faultHandlers } from './fault-handlers.ts';
import { drained, live } from './live.ts';
import { makePlan } from './plan.ts';
import type { Post, RunRecord } from './record.ts';
import { watchWork } from './remaining-work.ts';
import { startReplica } from './replica.ts';
import { seededRandom } from './seeded-random.ts';
import { lanesOf, relayEnvironment, REQUEST_BUDGET, WEBHOOK_NAMES } from './setting.ts';

export interface RunOptions {
  readonly seed: number;
  /** How long faults happen. */
  readonly lengthMs: number;
  readonly replicas: number;
  /** How long the relays have afterwards to deliver what is left. */
  readonly drainMs: number;
  readonly signal: AbortSignal;
  /** Gets a line for people now and then. */
  readonly progress: (line: string) => void;
}

/** A run and the logs of its relays, by replica. */
export interface Run {
  readonly record: RunRecord;
  readonly logs: ReadonlyMap<string, string>;
}

const MINUTE_MS = 60_000;
// Some answers that a fault of the API gave are recorded when it is over.
const ANSWER_MARGIN_MS = 500;

/**
 * Makes the faults of a plan happen to real processes: built relays on one Redis, with the sandbox
 * as the API and receivers in this process. Leaves nothing running, however it ends.
 */
export async function runChaos(options: RunOptions): Promise<Run> {
  const { seed, lengthMs, signal, progress } = options;
  const lanes = lanesOf(options.replicas);
  const plan = makePlan({ seed, lengthMs, lanes });
  await using stack = new AsyncDisposableStack();

  const startMs = Date.now();
  const nowMs = (): number => Date.now() - startMs;
  const posts: Post[] = [];
  const mishaps: string[] = [];
  const random = seededRandom(seed);

  const redis = stack.adopt(await startPrivateRedis(), (started) => started.stop());
  const sandbox = stack.adopt(
    await startSandbox({ requestLimit: REQUEST_BUDGET, random: seededRandom(seed) }),
    (started) => started.stop(),
  );
  const receivers = new Map(
    await Promise.all(
      WEBHOOK_NAMES.map(async (name) => {
        const onPost = (post: Post): number => posts.push(post);
        const receiver = await startChaosReceiver({ name, onPost, nowMs, random });
        stack.defer(() => receiver.stop());
        return [name, receiver] as const;
      }),
    ),
  );
  const env = relayEnvironment({ api: sandbox.url.href, redis: redis.url }, (webhook) =>
    String(receivers.get(webhook)?.url),
  );
  const replicas = lanes
    .filter(({ subject }) => subject === 'replica')
    .map(({ name }) => startReplica(name, env, (what) => mishaps.push(`${what} (${nowMs()} ms)`)));
  for (const replica of replicas) stack.defer(() => replica.dispose());

  const work = watchWork(redis.client, WEBHOOK_NAMES);
  const handlers = faultHandlers({ replicas, redis, sandbox, receivers, mishaps, random });
  const mentions: { id: string; spottedAtMs: number }[] = [];
  const spot = (count: number): void => {
    const spotted = sandbox.spot(count);
    work.expect(spotted);
    mentions.push(...spotted.map(({ id }) => ({ id, spottedAtMs: nowMs() })));
  };

  progress(`${plan.faults.length} faults in ${Math.round(lengthMs / 1000)} s, seed ${seed}`);
  const happened = await live(plan, { handlers, work, spot, nowMs, signal });
  const faultsEndedAtMs = nowMs();
  progress(`the faults are over; ${await work.left()} mentions and deliveries are left`);
  const drainedAtMs = await drained(work, options.drainMs, nowMs, signal);
  for (const replica of replicas) {
    const { code } = await replica.stop();
    if (code !== 0) mishaps.push(`${replica.name} ended with ${code} after SIGTERM`);
  }

  const inFault = (atMs: number): boolean =>
    happened.some(
      ({ subject, kind, fromMs, toMs }) =>
        subject === 'api' && kind === '429' && atMs >= fromMs && atMs <= toMs + ANSWER_MARGIN_MS,
    );
  const requests = sandbox.requests();
  return {
    record: {
      seed,
      lanes,
      receivers: WEBHOOK_NAMES,
      faults: happened,
      mentions,
      posts,
      recorded: replicas.flatMap((replica) => replica.recorded(startMs)),
      api: {
        requests: requests.length,
        budget: REQUEST_BUDGET,
        busiestMinute: sandbox.busiestWindow(MINUTE_MS),
        refused: requests.filter(({ status, atMs }) => status === 429 && !inFault(atMs - startMs))
          .length,
      },
      faultsEndedAtMs,
      drainedAtMs,
      mishaps,
    },
    logs: new Map(replicas.map((replica) => [replica.name, replica.log()])),
  };
}
