import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import type { PrivateRedis } from '../helpers/private-redis.ts';
import type { ChaosReceiver } from './chaos-receiver.ts';
import type { Fault, Subject } from './plan.ts';
import type { Replica } from './replica.ts';

/** Begins a fault of each subject, and resolves with a function that ends it. */
export type Handlers = Readonly<Record<Subject, (fault: Fault) => Promise<() => Promise<void>>>>;

const START_TRIES = 3;
/** Facebook's other forms of the same links: the host and a parameter. */
const LINK_FORMS: readonly (readonly [host: string, tracking: string])[] = [
  ['https://www.facebook.com', '__cft__[0]=AZ1'],
  ['https://m.facebook.com', '__tn__=%2CO%2CP-R'],
  ['http://facebook.com', '__cft__[0]=AZ2&__tn__=%2CO'],
  ['facebook.com', 'fbclid=IwAR1'],
  ['', 'mibextid=x'],
];

/** Returns the handlers that do each fault to the real processes. */
export function faultHandlers(world: {
  readonly replicas: readonly Replica[];
  readonly redis: PrivateRedis;
  readonly sandbox: Sandbox;
  readonly receivers: ReadonlyMap<string, ChaosReceiver>;
  /** Collects events that must never happen. */
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
      // While Redis is away the relay cannot return its deliveries: it ends with 1 after a time-out.
      const redisWasAway = redisAway !== outagesBefore || redisAway % 2 === 1;
      // A hanging receiver outlasts the time that attempts have at shutdown.
      const aborted = code === 1 && reason === 'attempts aborted';
      if (code !== 0 && !redisWasAway && !aborted) {
        mishaps.push(`${lane} ended with ${code} after SIGTERM at ${fromMs} ms`);
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
      if (kind === 'page') sandbox.fault({ kind: 'html', status: 403, ...always });
      if (kind === 'php' || kind === 'noise' || kind === 'entities' || kind === 'nested') {
        sandbox.fault({ kind, ...always });
      }
      if (kind === 'links') {
        const [host, tracking] = LINK_FORMS[Math.floor(random() * LINK_FORMS.length)] ?? ['', ''];
        sandbox.fault({ kind, host, tracking, ...always });
      }
      return async () => sandbox.clearFaults();
    },
  };
}

/** Starts Redis again. An outgoing connection may have its port for a while. */
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
