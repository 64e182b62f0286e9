import type { Config } from '../config/env.ts';
import { maskConfig } from '../config/mask.ts';
import { ExplainedError } from '../domain/explanation.ts';
import { createLogger, isJournal } from '../monitoring/logger.io.ts';
import { showSignsOfLife } from '../monitoring/signs-of-life.io.ts';
import { createServiceNotify, type ServiceNotify } from '../monitoring/service-notify.io.ts';
import { createApp, type App } from '../app/app.ts';
import type { EventLog } from '../domain/event-log.ts';
import { VERSION } from '../version.ts';
import { configFromProcess } from './access/config-from-process.ts';
import { onStopSignals } from './terminal/stop-signals.ts';

// Stopping takes longer than the attempts under way: Redis is released last.
const HARD_STOP_MARGIN_MS = 5_000;
const STDOUT = 1;

/** Runs the daemon until SIGTERM or SIGINT. Ends the process with 0, 1, or 78 (configuration). */
export async function run({ healthFile }: { readonly healthFile?: string } = {}): Promise<void> {
  // logrotate and closed terminals send it to daemons, which must not stop for it.
  process.on('SIGHUP', () => undefined);
  const config = configFromProcess('relay');
  const { log, flush } = await createLogger({
    ...config.log,
    priorities: isJournal(STDOUT, process.env),
  });

  function exit(code: number): never {
    flush();
    process.exit(code);
  }
  process.on('uncaughtException', (error: unknown) => {
    logCrash(log, error);
    exit(1);
  });

  await showSignsOfLife({ healthFile, log });
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
  for (const { code, variables, text } of config.warnings) {
    log.warn('config.warning', { reason: code, variables }, text);
  }
  try {
    await app.start();
    serviceNotify.ready(greeting(config));
  } catch (error) {
    if (!isForOperator(error)) throw error;
    log.error('relay.start_failed', { reason: error.message }, 'mention-relay could not start');
    exit(1);
  }
}

/** Recognizes start errors that the operator can fix; their messages hold no secret. */
function isForOperator(error: unknown): error is Error {
  return error instanceof ExplainedError;
}

/** Describes the configuration in a sentence. The names of webhooks and types are safe to print. */
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
    const farewell = 'stopping; attempts under way finish first';
    log.info('relay.stopping', { signal }, farewell);
    serviceNotify.stopping(farewell);
    const hardStop = (reason: string, message: string): void => {
      log.warn('relay.stopped', { clean: false, reason }, message);
      exit(1);
    };
    // The process ends by itself when nothing is left to do. This timer handles a process that
    // still has work.
    setTimeout(
      () => hardStop('resources not released', 'stopping took too long; nothing is lost'),
      hardStopMs,
    ).unref();
    if ((await app.stop()) === 'overdue') {
      hardStop('attempts aborted', 'attempts under way took too long; they were requeued');
    }
    log.info('relay.stopped', { clean: true }, 'stopped');
    ignoreSignals();
  };
  const ignoreSignals = onStopSignals(
    // The handler of uncaught errors catches what stop() throws.
    (signal) => void stop(signal),
    () => {
      log.warn(
        'relay.stopped',
        { clean: false, reason: 'second signal' },
        'second signal: stopped immediately',
      );
      exit(1);
    },
    ['SIGINT', 'SIGTERM'],
  );
}

/** Logs an unexpected error and its place. Omits the error's message, which may hold a secret. */
function logCrash(log: EventLog, error: unknown): void {
  const { name, code, stack } = error as NodeJS.ErrnoException;
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line));
  log.error(
    'relay.crashed',
    { error: name, code, at: frames?.slice(0, 8).map((line) => line.trim()) },
    'mention-relay stops because of an unexpected error; please report it',
  );
}
