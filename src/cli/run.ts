import type { Config } from '../config/env.ts';
import { maskConfig } from '../config/mask.ts';
import { ExplainedError } from '../domain/explanation.ts';
import { isJournal } from '../monitoring/journal.io.ts';
import { createLogger } from '../monitoring/logger.io.ts';
import { showSignsOfLife } from '../monitoring/signs-of-life.io.ts';
import { createServiceNotify } from '../monitoring/service-notify.io.ts';
import { createApp, type App } from '../app/app.ts';
import { createSuccessiveApps } from '../app/successive-apps.ts';
import type { EventLog } from '../domain/event-log.ts';
import { VERSION } from '../version.ts';
import { configFromProcess } from './access/config-from-process.ts';
import { createReload } from './access/reload.ts';
import { onStopSignals } from './terminal/stop-signals.ts';

// Stopping takes longer than the attempts under way: Redis is released last.
const HARD_STOP_MARGIN_MS = 5_000;
const STDOUT = 1;
// By then a start has failed or succeeded, or it waits for Redis.
const READY_AFTER_MS = 2_000;
const FAREWELL = 'stopping; attempts under way finish first';

/**
 * Runs the daemon until SIGTERM or SIGINT. SIGHUP makes it read its configuration again. Ends the
 * process with 0, 1, or 78 (configuration).
 */
export async function run({ healthFile }: { readonly healthFile?: string } = {}): Promise<void> {
  // Without a handler it would end the process.
  process.on('SIGHUP', () => undefined);
  process.title = 'mention-relay';
  const config = await configFromProcess('relay');
  const { log, configure, flush } = await createLogger({
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
  const serviceNotify = createServiceNotify(process.env, process.pid, log);
  const surroundings = {
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
    serviceStatus: serviceNotify?.status,
  };
  let wanted = config;
  let app: App | undefined;
  const apps = createSuccessiveApps<Config>({
    create(each) {
      logStart(log, each, app === undefined);
      serviceNotify?.status('starting', 'starting');
      app = createApp(each, log, surroundings);
      return app;
    },
    end: (each) => endInTime(app, each.shutdownTimeoutMs + HARD_STOP_MARGIN_MS),
    started: () => serviceNotify?.ready(),
    afterFailure(error, before) {
      if (before === null || !isForOperator(error)) return null;
      log.error('relay.reload_refused', { reason: error.message }, NOT_STARTED);
      wanted = before;
      void configure(before.log);
      return before;
    },
  });
  const reload = createReload({
    env: process.env,
    log,
    current: () => wanted,
    restart(changed) {
      wanted = changed;
      void configure(changed.log).then(() => apps.replace(wanted));
    },
  });
  process.on('SIGHUP', reload);
  const ignoreSignals = onStopSignals(
    (signal) => {
      process.off('SIGHUP', reload);
      log.info('relay.stopping', { signal }, FAREWELL);
      serviceNotify?.stopping(FAREWELL);
      // The process ends by itself when nothing is left to do. This timer handles a process that
      // still has work.
      setTimeout(
        () => hardStop('resources not released', 'stopping took too long; nothing is lost'),
        wanted.shutdownTimeoutMs + HARD_STOP_MARGIN_MS,
      ).unref();
      apps.stop();
    },
    () => hardStop('second signal', 'second signal: stopped immediately'),
    ['SIGINT', 'SIGTERM'],
  );

  function hardStop(reason: string, message: string): never {
    log.warn('relay.stopped', { clean: false, reason }, message);
    exit(1);
  }

  setTimeout(() => serviceNotify?.ready(), READY_AFTER_MS).unref();
  try {
    if ((await apps.run(config)) === 'overdue') {
      hardStop('attempts aborted', 'attempts under way took too long; they were requeued');
    }
    log.info('relay.stopped', { clean: true }, 'stopped');
    ignoreSignals();
  } catch (error) {
    if (!isForOperator(error)) throw error;
    log.error('relay.start_failed', { reason: error.message }, 'mention-relay could not start');
    exit(1);
  }
}

const NOT_STARTED =
  'the relay could not start with the changed configuration; it returns to the old one';

/** Stops an app. After `limitMs` it no longer waits for Redis. */
async function endInTime(app: App | undefined, limitMs: number): Promise<'in time' | 'overdue'> {
  const limit = setTimeout(() => app?.abandon(), limitMs);
  try {
    return (await app?.stop()) ?? 'in time';
  } finally {
    clearTimeout(limit);
  }
}

/** Recognizes start errors that the operator can fix; their messages hold no secret. */
function isForOperator(error: unknown): error is Error {
  return error instanceof ExplainedError;
}

function logStart(log: EventLog, config: Config, first: boolean): void {
  const details = {
    version: VERSION,
    node: process.version,
    pid: process.pid,
    config: maskConfig(config),
  };
  if (first) log.info('relay.started', details, greeting(config));
  else log.info('relay.reloaded', details, greeting(config));
  for (const { code, variables, text } of config.warnings) {
    log.warn('config.warning', { reason: code, variables }, text);
  }
}

/** Describes the configuration in a sentence. The names of webhooks and types are safe to print. */
function greeting({ poll, webhooks, redis }: Config): string {
  const names = webhooks.map(({ name, type }) => `${name} (${type})`).join(', ');
  const where =
    redis.kind === 'embedded' ? 'with an embedded Redis' : 'with the Redis of REDIS_URL';
  return `mention-relay polls every ${poll.intervalMs / 1000} s for ${names}, ${where}`;
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
