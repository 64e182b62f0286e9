import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import type { PrivateRedis } from '../helpers/private-redis.ts';
import type { ChaosReceiver } from './chaos-receiver.ts';
import type { Fault, Subject } from './plan.ts';
import type { Replica } from './replica.ts';

/** For each subject: begins a fault; what it resolves with ends it. */
export type Handlers = Readonly<Record<Subject, (fault: Fault) => Promise<() => Promise<void>>>>;

const START_TRIES = 3;

/** How each fault is done to the real thing. */
export function faultHandlers(world: {
  readonly replicas: readonly Replica[];
  readonly redis: PrivateRedis;
  readonly sandbox: Sandbox;
  readonly receivers: ReadonlyMap<string, ChaosReceiver>;
  /** Takes what may never happen. */
  readonly mishaps: string[];
  readonly random: () => number;
}): Handlers {
  const { replicas, redis, sandbox, receivers, mishaps, random } = world;
  let redisAway = 0;

  return {
    async replica({ lane, kind, fromMs }) {
      const replica = replicas.find(({ name }) => name === lane);
      if (replica === undefined) throw new Error(`no such replica: ${lane}`);
      if (kind === 'freeze') {
        replica.freeze();
        return async () => replica.thaw();
      }
      if (kind === 'kill') {
        await replica.kill();
        return async () => replica.start();
      }
      const outagesBefore = redisAway;
      const { code, reason } = await replica.stop();
      // While Redis is away it can't give its deliveries back: it ends hard, with 1, after a while.
      const redisWasAway = redisAway !== outagesBefore || redisAway % 2 === 1;
      // A receiver that hangs outlasts the time that attempts have.
      const brokenOff = code === 1 && reason === 'attempts broken off';
      if (code !== 0 && !redisWasAway && !brokenOff) {
        mishaps.push(`${lane} ended with ${code} when it was told to stop at ${fromMs} ms`);
      }
      return async () => replica.start();
    },

    async redis({ kind }) {
      // Odd while it is away.
      redisAway += 1;
      if (kind === 'freeze') {
        process.kill(redis.pid(), 'SIGSTOP');
        return async () => {
          process.kill(redis.pid(), 'SIGCONT');
          redisAway += 1;
        };
      }
      await redis.kill();
      return async () => {
        await startAgain(redis);
        redisAway += 1;
      };
    },

    async receiver({ lane, kind }) {
      const receiver = receivers.get(lane);
      await receiver?.suffer(kind);
      return async () => receiver?.suffer(null);
    },

    async api({ kind }) {
      const always = { times: Infinity };
      if (kind === '500') sandbox.fault({ kind: 'status', status: 500, ...always });
      if (kind === '429') {
        const retryAfter = 1 + Math.floor(random() * 4);
        sandbox.fault({ kind: 'status', status: 429, retryAfter, ...always });
      }
      if (kind === 'reset') sandbox.fault({ kind, when: 'after', ...always });
      if (kind === 'hang' || kind === 'truncated') sandbox.fault({ kind, ...always });
      return async () => sandbox.clearFaults();
    },
  };
}

/** Somebody's outgoing connection may have been given its port meanwhile. */
async function startAgain(redis: PrivateRedis): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await redis.start();
      return;
    } catch (error) {
      if (tries === START_TRIES) throw error;
    }
  }
}
