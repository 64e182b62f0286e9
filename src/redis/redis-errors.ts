import { ReplyError } from 'ioredis';
import type { EventLog } from '../domain/event-log.ts';
import { ExplainedError, type Explanation } from '../domain/explanation.ts';
import { mistakeIn } from './redis-mistakes.ts';

/** The meaning of each refusal of Redis, and what to do, by the word that its answer begins with. */
const ADVICE = {
  OOM: {
    what: 'Redis refuses writes: its memory is full',
    todo: 'raise maxmemory, or make room. Nothing is lost',
  },
  MISCONF: {
    what: 'Redis refuses writes: it could not save to disk',
    todo: 'free disk space; see redis-server’s log. Nothing is lost',
  },
  READONLY: {
    what: 'Redis refuses writes: this server is a replica',
    todo: 'set REDIS_URL to the master or its Sentinels',
  },
  NOREPLICAS: {
    what: 'Redis refuses writes: it has fewer replicas than min-replicas-to-write asks for',
    todo: 'bring its replicas back',
  },
  LOADING: {
    what: 'Redis is reading its data from disk',
    todo: 'wait until it is done',
  },
  BUSY: {
    what: 'Redis is busy with a script of some program',
    todo: 'wait until it ends, or run SCRIPT KILL',
  },
  MASTERDOWN: {
    what: 'Redis has lost its master',
    todo: 'set REDIS_URL to the master or its Sentinels',
  },
  CLUSTERDOWN: {
    what: 'the Redis Cluster is down: some of its slots are not served',
    todo: 'bring its nodes back',
  },
  NOAUTH: {
    what: 'Redis asks for a password',
    todo: 'put the right one into REDIS_URL',
  },
  WRONGPASS: {
    what: 'Redis refuses the user or the password',
    todo: 'put the right ones into REDIS_URL',
  },
  NOPERM: {
    what: 'the user of REDIS_URL lacks permissions',
    todo: 'grant it all commands (+@all) on the keys ~{mention-relay}*, with the braces and with your REDIS_PREFIX in them',
  },
  MAXCLIENTS: {
    what: 'Redis accepts no more connections',
    todo: 'raise maxclients in redis.conf, or close connections of other programs',
  },
} as const satisfies Record<string, Required<Explanation>>;

/** A kind of refusal. */
export type RedisTrouble = keyof typeof ADVICE;

const WORD = new RegExp(`(?:^|[ -])(${Object.keys(ADVICE).join('|')}) `);

/**
 * Recognizes a refusal by the first word of Redis's answer; null if the error is none. In an answer to
 * a script of Redis 6.2, and in an error of BullMQ's, the word stands further back.
 */
export function troubleOf(error: unknown): RedisTrouble | null {
  if (!(error instanceof Error) || 'code' in error) return null;
  if (error.message.startsWith('ERR max number of clients')) return 'MAXCLIENTS';
  return (WORD.exec(`${error.message} `)?.[1] as RedisTrouble | undefined) ?? null;
}

/**
 * Explains a refusal by Redis, or a mistake in REDIS_URL or in the set-up of that Redis. Returns null
 * for any other error.
 */
export function adviceOn(error: unknown): Explanation | null {
  const mistake = error instanceof Error ? mistakeIn(error) : null;
  if (mistake !== null) return mistake.explanation;
  const trouble = troubleOf(error);
  if (trouble === null) return null;
  const { message } = error as Error;
  if (message.startsWith('All sentinels') && (trouble === 'NOAUTH' || trouble === 'WRONGPASS')) {
    return {
      what: 'the Sentinels ask for a password of their own',
      todo: 'add ?sentinelPassword= with the right one to REDIS_URL',
    };
  }
  const [, command] = (trouble === 'NOPERM' && DENIED_COMMAND.exec(message)) || [];
  return command === undefined
    ? ADVICE[trouble]
    : { ...ADVICE.NOPERM, what: `the user of REDIS_URL may not run ${command.toUpperCase()}` };
}

const DENIED_COMMAND = /no permissions to run the '([a-z|_-]{2,30})' command/;

const CONNECTION_TROUBLE =
  /^(Connection is closed|Command aborted|Too many Cluster redirections|Failed to refresh slots|None of startup nodes)/;

/** Returns whether Redis may answer later: after a refusal, or a connection that broke. */
export function mayPass(error: unknown): boolean {
  return (
    troubleOf(error) !== null || (error instanceof Error && CONNECTION_TROUBLE.test(error.message))
  );
}

const CONNECTING_TROUBLE = /^(Command timed out|All sentinels are unreachable)/;

/**
 * Returns how Redis failed: it answered with an error, or it could not be reached. Null for every
 * other error, such as one of our own program.
 */
export function redisFailure(error: unknown): 'refuses' | 'unreachable' | null {
  if (!(error instanceof Error)) return null;
  if (troubleOf(error) !== null || error instanceof ReplyError) return 'refuses';
  const { message } = error;
  return CONNECTION_TROUBLE.test(message) || CONNECTING_TROUBLE.test(message) || isOfNetwork(error)
    ? 'unreachable'
    : null;
}

/**
 * Returns true for a code of a system call, a name look-up or TLS; not for a misuse of Node's API.
 */
function isOfNetwork(error: Error & { readonly code?: unknown }): boolean {
  const { code } = error;
  if (typeof code !== 'string' || error instanceof TypeError) return false;
  return !code.startsWith('ERR_') || /^ERR_(?:TLS|SSL)_/.test(code);
}

// Trouble that recurs within this time is logged once.
const QUIET_MS = 60_000;

/**
 * Creates a function that logs the errors of Redis. Each kind of refusal or mistake is logged once at
 * error level, with what to do, and again only after a minute without one of its kind. Any other error of a
 * single call is logged at debug level, unless it repeats the last one within a second.
 */
export function createRedisErrorReporter(
  log: EventLog,
  monotonicMs: () => number,
): (error: unknown) => void {
  const lastAtMs = new Map<string, number>();

  /** Returns true if no error of this kind occurred within `quietMs`. */
  function isNew(kind: string, quietMs: number): boolean {
    const now = monotonicMs();
    const last = lastAtMs.get(kind);
    lastAtMs.set(kind, now);
    return last === undefined || now - last >= quietMs;
  }

  return (error) => {
    const advice = adviceOn(error);
    const reason =
      mistakeIn(error as Error)?.mistake ?? troubleOf(error) ?? errorCode(error as Error);
    if (advice !== null) {
      if (isNew(reason, QUIET_MS)) {
        log.error('redis.error', { reason }, new ExplainedError(advice).message);
      }
      return;
    }
    if (isNew(reason, 1_000)) log.debug('redis.error', { reason }, 'a call to Redis failed');
  };
}

/**
 * Returns what may be logged of a Redis error: its code, or the first word of Redis's own answer
 * (`NOAUTH`, `READONLY`, `OOM`...), or the meaning of a message of ioredis or BullMQ. Never its
 * message: that can hold an address or arguments.
 */
export function errorCode(error: Error & { code?: unknown; lastNodeError?: unknown }): string {
  if (typeof error.code === 'string') return error.code;
  if (error.lastNodeError instanceof Error) return errorCode(error.lastNodeError);
  const known = MEANINGS.find(([beginning]) => error.message.startsWith(beginning));
  return known?.[1] ?? /^[A-Z]{3,20}\b/.exec(error.message)?.[0] ?? error.name;
}

const MEANINGS: readonly (readonly [beginning: string, meaning: string])[] = [
  ['All sentinels are unreachable', 'no Sentinel answers'],
  ['None of startup nodes is available', 'no Cluster node answers'],
  ['Failed to refresh slots cache', 'no Cluster node answers'],
  ['ERR DB index is out of range', 'no such database'],
  // BullMQ's, of a job that another worker took because the lock ran out.
  ['Missing lock for job', 'lock lost'],
  ['Lock mismatch for job', 'lock lost'],
  ['could not renew lock for job', 'lock lost'],
];
