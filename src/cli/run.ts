import type { Config } from '../config/env.ts';
import { maskConfig } from '../config/mask.ts';
import { EmbeddedRedisError } from '../redis/data-folder.ts';
import { HealthServerError } from '../monitoring/health-server.io.ts';
import { createLogger } from '../monitoring/logger.io.ts';
import { RedisUnfitError } from '../redis/redis-checks.ts';
import { StateVersionError } from '../state/state-version.io.ts';
import { createServiceNotify, type ServiceNotify } from '../monitoring/service-notify.io.ts';
import { createApp, type App } from '../app/app.ts';
import type { EventLog } from '../domain/event-log.ts';
import { VERSION } from '../version.ts';
import { configFromProcess } from './access/config-from-process.ts';
import { onStopSignals } from './terminal/stop-signals.ts';

// What stopping may need beyond the time that attempts under way have: to let go of Redis.
const HARD_STOP_MARGIN_MS = 5_000;

/** The daemon: runs until SIGTERM or SIGINT. Ends the process with 0, 1, or 78 (configuration). */
export async function run(): Promise<void> {
  const config = configFromProcess('relay');
  const { log, flush } = await createLogger(config.log);

  function exit(code: number): never {
    flush();
    process.exit(code);
  }
  process.on('uncaughtException', (error: unknown) => {
    logCrash(log, error);
    exit(1);
  });

  const app = createApp(config, log, {
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
  });
  const serviceNotify = createServiceNotify(process.env, process.pid, log);
  stopOnSignals({ app, log, serviceNotify }, config.shutdownTimeoutMs + HARD_STOP_MARGIN_MS, exit);

  log.info(
    'relay.started',
    { version: VERSION, node: process.version, pid: process.pid, config: maskConfig(config) },
    greeting(config),
  );
  try {
    await app.start();
    serviceNotify.ready(greeting(config));
  } catch (error) {
    if (!saysWhatToDo(error)) throw error;
    log.error('relay.start_failed', { reason: error.message }, 'mention-relay could not start');
    exit(1);
  }
}

/** Errors of a start that the operator can mend; their messages hold no secret. */
function saysWhatToDo(error: unknown): error is Error {
  return (
    error instanceof EmbeddedRedisError ||
    error instanceof RedisUnfitError ||
    error instanceof StateVersionError ||
    error instanceof HealthServerError
  );
}

/** For people; the names of webhooks and their types are all letters and digits. */
function greeting({ poll, webhooks, redis }: Config): string {
  const names = webhooks.map(({ name, type }) => `${name} (${type})`).join(', ');
  const where =
    redis.kind === 'embedded' ? 'with an embedded Redis' : 'with the Redis of REDIS_URL';
  return `mention-relay polls every ${poll.intervalMs / 1000} s for ${names}, ${where}`;
}

function stopOnSignals(
  {
    app,
    log,
    serviceNotify,
  }: { readonly app: App; readonly log: EventLog; readonly serviceNotify: ServiceNotify },
  hardStopMs: number,
  exit: (code: number) => never,
): void {
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    const farewell = 'stopping: attempts under way are finished first';
    log.info('relay.stopping', { signal }, farewell);
    serviceNotify.stopping(farewell);
    const hardStop = (reason: string, message: string): void => {
      log.warn('relay.stopped', { clean: false, reason }, message);
      exit(1);
    };
    // The process ends by itself once nothing is left to do; this is for when something is.
    setTimeout(
      () => hardStop('not let go', 'stopping took too long: nothing is lost by it'),
      hardStopMs,
    ).unref();
    if ((await app.stop()) === 'overdue') {
      hardStop('attempts broken off', 'attempts under way took too long: they are queued again');
    }
    log.info('relay.stopped', { clean: true }, 'stopped');
    letGo();
  };
  const letGo = onStopSignals(
    // What stop() throws ends up at the process's own handler of uncaught errors.
    (signal) => void stop(signal),
    () => {
      log.warn(
        'relay.stopped',
        { clean: false, reason: 'second signal' },
        'second signal: stopped at once',
      );
      exit(1);
    },
  );
}

/** Tells what broke and where. The error's message stays out: it may hold what is secret. */
function logCrash(log: EventLog, error: unknown): void {
  const { name, code, stack } = error as NodeJS.ErrnoException;
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line));
  log.error(
    'relay.crashed',
    { error: name, code, at: frames?.slice(0, 8).map((line) => line.trim()) },
    'mention-relay stops because of an error that should not happen',
  );
}
