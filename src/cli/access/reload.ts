import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../config/env.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { readConfigFiles } from './config-from-process.ts';

/**
 * Creates the handler of SIGHUP. It reads the whole configuration again. One with mistakes is logged
 * and refused; one that differs from the present one goes to `restart`.
 */
export function createReload(options: {
  /** The environment of the process. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: EventLog;
  readonly current: () => Config;
  readonly restart: (config: Config) => void;
}): () => void {
  const { log, current, restart } = options;
  let env: NodeJS.ProcessEnv = options.env;
  return () => {
    const handed = handedEnvironment(options.env['RUNTIME_DIRECTORY']);
    const wanted = handed?.env ?? env;
    const reading = readConfigFiles(wanted);
    handed?.answer(reading.ok);
    if (!reading.ok) {
      log.error(
        'relay.reload_refused',
        { mistakes: reading.error },
        'the changed configuration has errors; the relay keeps running with the old one',
      );
      return;
    }
    env = wanted;
    if (isDeepStrictEqual(reading.value, current())) {
      log.info('relay.reloaded', { changed: false }, 'the configuration is unchanged');
      return;
    }
    log.info(
      'relay.reloading',
      {},
      'the configuration changed; attempts under way finish, then the relay goes on with it',
    );
    restart(reading.value);
  };
}

/** An environment that the service manager handed to the running relay. */
interface HandedEnvironment {
  readonly env: NodeJS.ProcessEnv;
  /** Removes the file, or empties it if the configuration was refused. */
  readonly answer: (accepted: boolean) => void;
}

/**
 * Reads the environment that `ExecReload` of the systemd unit wrote into the runtime folder by
 * `env -0`: a running process gets no other one. Returns null if there is none.
 */
function handedEnvironment(folder: string | undefined): HandedEnvironment | null {
  if (!folder) return null;
  const path = join(folder, 'environment');
  try {
    const text = readFileSync(path, 'utf8');
    if (text === '') return null;
    return {
      env: Object.fromEntries(
        text.matchAll(/([^=\0]+)=([^\0]*)/g).map(([, name, value]) => [name, value]),
      ) as NodeJS.ProcessEnv,
      answer: (accepted) => (accepted ? rmSync(path, { force: true }) : writeFileSync(path, '')),
    };
  } catch {
    return null;
  }
}
