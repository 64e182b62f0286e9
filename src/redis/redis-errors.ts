import { ReplyError } from 'ioredis';
import type { EventLog } from '../domain/event-log.ts';
import { ExplainedError, type Explanation } from '../domain/explanation.ts';

/** What each refusal of Redis means, and what to do. The words are those its answers begin with. */
const ADVICE = {
  OOM: {
    what: 'Redis refuses writes: its memory is full',
    todo: 'raise maxmemory, or make room. Nothing is lost',
  },
  MISCONF: {
    what: 'Redis refuses writes: it could not save to disk',
    todo: 'free disk space; redis-server’s own log says more. Nothing is lost',
  },
  READONLY: {
    what: 'Redis refuses writes: this one is a replica',
    todo: 'let REDIS_URL name the master, or the Sentinels',
  },
  NOREPLICAS: {
    what: 'Redis refuses writes: it has fewer replicas than min-replicas-to-write asks for',
    todo: 'bring its replicas back',
  },
  LOADING: {
    what: 'Redis is reading its data from disk',
    todo: 'wait: it answers when it is done',
  },
  MASTERDOWN: {
    what: 'Redis has lost its master',
    todo: 'let REDIS_URL name the master, or the Sentinels',
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
    what: 'the user of REDIS_URL may not do what the relay needs',
    todo: 'allow it all commands on the keys of REDIS_PREFIX',
  },
} as const satisfies Record<string, Required<Explanation>>;

/** A kind of refusal. */
export type RedisTrouble = keyof typeof ADVICE;

const WORD = new RegExp(`(?:^|[ -])(${Object.keys(ADVICE).join('|')}) `);

/**
 * Which refusal an error is, if any: by the first word of Redis's answer. In an answer to a script
 * of Redis 6.2, and in an error of BullMQ's, it stands further back.
 */
export function troubleOf(error: unknown): RedisTrouble | null {
  if (!(error instanceof Error) || 'code' in error) return null;
  return (WORD.exec(`${error.message} `)?.[1] as RedisTrouble | undefined) ?? null;
}

/** What a refusal means and what to do; null if the error is none. */
export function adviceOn(error: unknown): Explanation | null {
  const trouble = troubleOf(error);
  return trouble === null ? null : ADVICE[trouble];
}

const CONNECTION_TROUBLE =
  /^(Connection is closed|Command aborted|Too many Cluster redirections|Failed to refresh slots|None of startup nodes)/;

/** Whether the same question may be answered later: after a refusal, or a connection that broke. */
export function mayPass(error: unknown): boolean {
  return (
    troubleOf(error) !== null || (error instanceof Error && CONNECTION_TROUBLE.test(error.message))
  );
}

const CONNECTING_TROUBLE = /^(Command timed out|All sentinels are unreachable)/;

/**
 * Whether it was Redis that failed: it answered with an error, or it could not be reached. Null for
 * every other error, such as one of our own program.
 */
export function redisFailure(error: unknown): 'refuses' | 'unreachable' | null {
  if (!(error instanceof Error)) return null;
  if (troubleOf(error) !== null || error instanceof ReplyError) return 'refuses';
  const { message } = error;
  return CONNECTION_TROUBLE.test(message) || CONNECTING_TROUBLE.test(message) || isOfNetwork(error)
    ? 'unreachable'
    : null;
}

/** Errors of system calls, of name look-ups and of TLS have codes; so have misuses of Node's own API. */
function isOfNetwork(error: Error & { readonly code?: unknown }): boolean {
  const { code } = error;
  if (typeof code !== 'string' || error instanceof TypeError) return false;
  return !code.startsWith('ERR_') || /^ERR_(?:TLS|SSL)_/.test(code);
}

// As long as a kind of trouble goes on, it is told once.
const QUIET_MS = 60_000;

/**
 * Tells what goes wrong with Redis. Each kind of refusal is told once at error level, with what to
 * do, and again only when there was none of its kind for a minute. Any other error of a single call
 * is told at debug level; one that repeats the last one within a second is not.
 */
export function createRedisErrorReporter(
  log: EventLog,
  monotonicMs: () => number,
): (error: unknown) => void {
  const lastAtMs = new Map<string, number>();

  /** Whether none of this kind came for so long. */
  function isNew(kind: string, quietMs: number): boolean {
    const now = monotonicMs();
    const last = lastAtMs.get(kind);
    lastAtMs.set(kind, now);
    return last === undefined || now - last >= quietMs;
  }

  return (error) => {
    const trouble = troubleOf(error);
    if (trouble !== null) {
      if (isNew(trouble, QUIET_MS)) {
        const { message } = new ExplainedError(ADVICE[trouble]);
        log.error('redis.error', { reason: trouble }, message);
      }
      return;
    }
    const reason = errorCode(error as Error);
    if (isNew(reason, 1_000)) log.debug('redis.error', { reason }, 'a call to Redis failed');
  };
}

/**
 * What may be told of a Redis error: its code, or the first word of Redis's own answer
 * (`NOAUTH`, `READONLY`, `OOM`...), or what a message of ioredis or BullMQ means. Never its message:
 * that can hold an address or arguments.
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
  // BullMQ's, of a job that is not this worker's any more: it was taken over, or its lock ran out.
  ['Missing lock for job', 'lock lost'],
  ['Lock mismatch for job', 'lock lost'],
  ['could not renew lock for job', 'lock lost'],
];
