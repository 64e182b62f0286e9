import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { startDaemon, type Daemon } from './daemon.ts';
import { startPrivateRedis, type PrivateRedis } from './private-redis.ts';
import { startReceiver, type Receiver } from './receiver.ts';

/** The surroundings of relays: a Redis, an API, receivers. The relays end with it. */
export interface RelayBench extends AsyncDisposable {
  readonly redis: PrivateRedis;
  readonly sandbox: Sandbox;
  readonly a: Receiver;
  readonly b: Receiver;
  /** Starts a daemon with webhook A at receiver `a`, in order, that polls five times a second. */
  relay(env?: Environment): Daemon;
  /** Starts a command with the environment of such a daemon. */
  start(args: readonly string[], env?: Environment): Daemon;
  /** Runs such a command to its end. */
  run(args: readonly string[], env?: Environment): Promise<CommandEnd>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The end of a command, and its output. */
export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a private Redis, a sandbox and two receivers. Use it with `await using`. */
export async function relayBench(options: SandboxOptions = {}): Promise<RelayBench> {
  const [redis, sandbox, a, b] = await Promise.all([
    startPrivateRedis(),
    startSandbox({ requestLimit: 100_000, ...options }),
    startReceiver(),
    startReceiver(),
  ]);
  const daemons: Daemon[] = [];

  function start(args: readonly string[], env: Environment): Daemon {
    const daemon = startDaemon(
      {
        // Hints are worded for `npm run cli`.
        npm_lifecycle_event: 'cli',
        GROOUPLY_API_KEY: 'sandbox-key',
        GROOUPLY_API_URL: sandbox.url.href,
        REDIS_URL: redis.url,
        POLL_INTERVAL_SECONDS: '0.2',
        RATE_BUDGET_PER_MINUTE: '60',
        WEBHOOK_A_URL: a.url,
        WEBHOOK_A_CONCURRENCY: '1',
        ...env,
      },
      args,
    );
    daemons.push(daemon);
    return daemon;
  }

  return {
    redis,
    sandbox,
    a,
    b,
    relay: (env = {}) => start(['run'], env),
    start: (args, env = {}) => start(args, env),
    async run(args, env = {}) {
      const command = start(args, env);
      const { code } = await command.ended;
      return { code, stdout: command.stdout(), stderr: command.stderr() };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(daemons.map((daemon) => daemon.dispose()));
      await Promise.all([redis.stop(), sandbox.stop(), a.stop(), b.stop()]);
    },
  };
}
